"""What finance takes away: a month's settlements, payouts, vouchers and journal as Excel, CSV and Parquet files."""
