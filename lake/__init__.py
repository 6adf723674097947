"""Where tables rest: the landing zone that is read, the Delta tables that are written, the run log."""
