"""Intake (SPEC 3): a day's files are read, judged row by row, and become what is booked or quarantined."""
