"""The books: ledger 明细账, journal 分录, balances, solvency, and the controls that prove them (SPEC 10)."""
