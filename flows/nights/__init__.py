"""Nights under Prefect: its flows and their steps, what they wait for, try again, tell, and leave to be read."""
