"""What runs, in which order: the settlement, its Prefect flows, the command line."""
