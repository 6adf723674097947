"""Tables: Parquet files, and the commits of Delta that name them."""
