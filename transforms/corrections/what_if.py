"""The same history under other rules, beside the one that stands: sums of both and their difference, in fen.

`before`: as it stands; `after`: under the other rules. Every answer has before_fen, after_fen, difference_fen.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from schemas.units import ONE_DAY, WIDE

MONEY: Final = ("cash", "voucher")
"""Assets that are money to a holder; points and coins are counted, not money."""
_COHORT: Final = ["pool", "cohort_no"]


def by_kind(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.DataFrame:
    """kind, asset: all that was booked, equal sums included."""
    return _beside(_ledger_sums(before, ["kind", "asset"]), _ledger_sums(after, ["kind", "asset"]), ["kind", "asset"])


def by_day(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.DataFrame:
    """business_date, asset: where they differ."""
    key = ["business_date", "asset"]
    return _differing(_beside(_ledger_sums(before, key), _ledger_sums(after, key), key))


def by_holder(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.DataFrame:
    """holder_kind, holder_id: the money of every holder whose money differs."""
    key = ["holder_kind", "holder_id"]
    old, new = (_ledger_sums(rows.filter(pl.col("asset").is_in(MONEY)), key) for rows in (before, after))
    return _differing(_beside(old, new, key))


def most(holders: pl.DataFrame, number: int, *, gain: bool) -> pl.DataFrame:
    """Those who gain (or lose) most, the largest first."""
    wanted = holders.filter((pl.col("difference_fen") > 0) if gain else (pl.col("difference_fen") < 0))
    order = ["difference_fen", "holder_kind", "holder_id"]
    return wanted.sort(order, descending=[gain, False, False]).head(number)


def by_cohort(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """pool, cohort_no, before_cutoff, after_cutoff: dividends net of clawbacks. In: `cohort_sums` of both sides."""
    joined = before.join(after, on=_COHORT, how="full", coalesce=True, suffix="_after")
    sums = joined.select(
        *_COHORT,
        before_cutoff="cutoff_date",
        after_cutoff="cutoff_date_after",
        before_fen=pl.col("fen").fill_null(0),
        after_fen=pl.col("fen_after").fill_null(0),
    )
    return sums.with_columns(difference_fen=pl.col("after_fen") - pl.col("before_fen")).sort(_COHORT)


def cohort_sums(
    cohorts: pl.DataFrame, events: pl.DataFrame, rates: pl.DataFrame, changes: pl.DataFrame, first: date, last: date
) -> pl.DataFrame:
    """pool, cohort_no, cutoff_date, fen: what each cohort's holders got on the business dates first..last, net."""
    paid = rates.join(events.select("pool", "event_no", paid_on="cutoff_date"), on=["pool", "event_no"])
    until = [_entitled(paid, changes, last), _entitled(paid, changes, first - ONE_DAY)]
    names = cohorts.filter(pl.col("cutoff_date") <= last).select(*_COHORT, "cutoff_date")
    both = names.join(until[0], on=_COHORT, how="left").join(until[1], on=_COHORT, how="left", suffix="_before")
    fen = pl.col("fen").fill_null(0) - pl.col("fen_before").fill_null(0)
    return both.select(*_COHORT, "cutoff_date", fen=fen).sort(_COHORT)


def _entitled(paid: pl.DataFrame, changes: pl.DataFrame, until: date) -> pl.DataFrame:
    """What each cohort had got at the end of a day: its entitlement at the last event, less clawbacks since.

    An event's own day takes refunds first (SPEC 5), so its entitlement has the clawbacks of that day in it already.
    """
    last = paid.filter(pl.col("paid_on") <= until).sort("event_no").group_by(_COHORT, maintain_order=True).last()
    since = changes.filter(pl.col("business_date") <= until).join(last, on=_COHORT)
    later = since.filter(pl.col("business_date") > pl.col("paid_on"))
    taken = later.group_by(_COHORT).agg(pl.col("clawback_fen").cast(WIDE).sum())
    both = last.join(taken, on=_COHORT, how="left")
    return both.select(*_COHORT, fen=pl.col("entitled_fen").cast(WIDE) + pl.col("clawback_fen").fill_null(0))


def _ledger_sums(rows: pl.LazyFrame, key: Sequence[str]) -> pl.DataFrame:
    return rows.group_by(key).agg(fen=pl.col("amount_fen").cast(WIDE).sum()).collect()


def _beside(before: pl.DataFrame, after: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    joined = before.join(after, on=key, how="full", coalesce=True, suffix="_after")
    sums = joined.select(*key, before_fen=pl.col("fen").fill_null(0), after_fen=pl.col("fen_after").fill_null(0))
    return sums.with_columns(difference_fen=pl.col("after_fen") - pl.col("before_fen")).sort(key)


def _differing(sums: pl.DataFrame) -> pl.DataFrame:
    return sums.filter(pl.col("difference_fen") != 0)
