"""What a table looks like: feeds, tables, units, the rulebook, and the errors a user may meet."""
