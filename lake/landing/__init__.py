"""The landing zone (SPEC 2): which files there are, that all are accounted for, and their rows as text."""
