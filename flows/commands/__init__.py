"""What each command does once its arguments are read. Imported only by the command that runs."""
