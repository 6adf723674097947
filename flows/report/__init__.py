"""The report of a night or a month."""
