"""Exact values: how they are read and rounded, which version of a history holds, how work is split (SPEC 1)."""
