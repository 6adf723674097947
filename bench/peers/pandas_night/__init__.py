"""A whole night in pandas, under an interpreter that has it and pyarrow alone: what duckdb_night.sql does."""
