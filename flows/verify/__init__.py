"""All history recomputed from the feeds, and compared with what is stored (SPEC 14)."""
