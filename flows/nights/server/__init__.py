"""The Prefect server: whose it is, its password, its deployments, and the process that serves them."""
