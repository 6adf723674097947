"""What is computed: pure Polars, one business rule a module. No I/O, no clock, no Prefect, no DuckDB."""
