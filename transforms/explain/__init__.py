"""How an amount came about (SPEC 12, `settle explain`): one module a family of ledger kinds.

Nothing is reckoned in a second way: each module calls the settlement's own functions with one holder's rows, and keeps
what they were called with and what they gave. The parts of an explanation add up to the ledger row.
"""
