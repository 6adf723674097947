"""Runs: the log that names the versions that are the truth, the records that prove it, and their checks (SPEC 14)."""
