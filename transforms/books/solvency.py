"""Solvency 偿付能力 (SPEC 13): the fund, the vouchers that are out, and what holders can still get, day by day."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import polars as pl

from schemas.tables import SOLVENCY
from schemas.units import PICO
from transforms.books.journal import FUND, VOUCHERS
from transforms.pools.cohorts import Cohort

COVERAGE_UNIT: Final = 10**4


def remaining_ceiling(cohorts: Iterable[Cohort], points: Mapping[int, int], open_fen: int, ceiling_pico: int) -> int:
    """What a pool's holders can still get, in fen, rounded down: of live cohorts the rest of their ceiling, of open
    lots the whole ceiling in force."""
    live = (cohort for cohort in cohorts if not cohort.retired)
    closed = sum(points.get(cohort.cohort_no, 0) * (cohort.ceiling_pico - cohort.cumulative_pico) for cohort in live)
    return (closed + open_fen * ceiling_pico) // PICO


def coverage(fund_fen: int, liability_fen: int) -> int | None:
    """(fund + liability) / liability in 10^-4, toward zero: the part of outstanding vouchers that money is behind."""
    if liability_fen <= 0:
        return None
    whole = (fund_fen + liability_fen) * COVERAGE_UNIT
    return whole // liability_fen if whole >= 0 else -(-whole // liability_fen)


def solvency(
    days: Iterable[date], before: Mapping[str, int], journal: pl.DataFrame, pools: pl.DataFrame
) -> pl.DataFrame:
    """SOLVENCY of consecutive days. `before`: account balances before them; `journal`, `pools`: their rows."""
    moved = journal.select("business_date", "account", fen=pl.col("credit_fen") - pl.col("debit_fen"))
    by_day = {
        (day, account): int(fen) for day, account, fen in moved.group_by("business_date", "account").sum().iter_rows()
    }
    remaining = dict(pools.group_by("business_date").agg(pl.col("remaining_fen").sum()).iter_rows())
    fund, vouchers = before.get(FUND, 0), before.get(VOUCHERS, 0)
    rows = []
    for day in days:
        fund += by_day.get((day, FUND), 0)
        vouchers += by_day.get((day, VOUCHERS), 0)
        rows.append((day, fund, vouchers, remaining.get(day, 0), coverage(fund, vouchers)))
    return pl.DataFrame(rows, schema=SOLVENCY.schema, orient="row")
