"""Closed days (SPEC 14): books are closed, days are recomputed, what changes on closed ones is restated."""
