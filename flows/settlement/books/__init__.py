"""The books of a run: what each day was, the journal, balances, accounts below zero."""
