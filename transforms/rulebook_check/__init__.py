"""What a rulebook promises, and what can be paid of it: the remarks of `settle rulebook check` (SPEC 11)."""
