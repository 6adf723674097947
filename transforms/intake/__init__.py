"""Intake 入账 (SPEC 3): which rows of a day's feed are booked, and why the others are not.

A row that fails goes to quarantine with the first reason that applies; the steps here are in the contract's order:
`cells` (1 to 4), `duplicates` (5), `parties` (6, 7), `dependants` (5's already_booked, and 8 by `refund_limits`).
"""
