"""Days settled again by other rules, beside the books, and what that would change."""
