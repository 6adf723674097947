"""Broken landing zones: a small sound one, changed by a seed, and what may become of it.

Whatever is broken, the rows that a slow reader counts are booked or quarantined, or the run is refused and nothing has
changed. By hand, for thousands: `python -m tests.broken_landing --seeds 5000`. A new way to break something is one
function more in `mutations`.
"""
