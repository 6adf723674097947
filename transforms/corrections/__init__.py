"""What changes what was settled: restatements of closed days, bills of a backfill, other rules compared (SPEC 14)."""
