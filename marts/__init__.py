"""What finance reads: one SQL file per warehouse table, and the publisher that builds the file."""
