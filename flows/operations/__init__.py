"""What is done to a root: settled, published, upgraded; what failed last, how it stands, what has changed."""
