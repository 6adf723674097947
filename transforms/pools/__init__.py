"""Pools 积分池: whose points they hold, when an event is due, what it pays, what refunds take back (SPEC 5, 6)."""
