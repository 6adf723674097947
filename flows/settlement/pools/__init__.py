"""Pools (SPEC 5, 6): day by day what flows in and out, which events come of it, who is paid."""
