"""Balances 余额 (SPEC 10): the sum of a holder's ledger rows of an asset.

A night touches few of all balances, so what is stored is what each run added to them: a balance is a sum of rows.
"""

from typing import Final

import polars as pl

from schemas.units import FEN, WIDE

HOLDING: Final = ("bucket", "holder_kind", "holder_id", "asset")
MAY_NOT_BE_NEGATIVE: Final = ("voucher", "coins", "cash")
"""Assets of which a balance below zero is an exception (SPEC 10): spent and taken back, or paid and not earned."""


def net_balances(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row a holding from rows of `balances`, in any order: HOLDING, balance_fen, not zero."""
    # The bucket follows from the holder, and a key less is a fifth of the time.
    return (
        rows.group_by(HOLDING[1:])
        .agg(pl.col("bucket").first(), pl.col("balance_fen").cast(WIDE).sum())
        .filter(pl.col("balance_fen") != 0)
        .select(*HOLDING, pl.col("balance_fen").cast(FEN))
    )


def posted_balances(ledger: pl.LazyFrame, sign: int) -> pl.LazyFrame:
    """What ledger rows bring (`sign` 1) or take back (-1): rows of `balances`, one a ledger row."""
    return ledger.select(*HOLDING, balance_fen=sign * pl.col("amount_fen"))


def may_be_overdrawn(changes: pl.DataFrame, overdrawn: pl.DataFrame) -> pl.DataFrame:
    """Holdings whose balance has to be looked up: those that lost something, and those that changed and were below
    zero (`overdrawn`). The others of those stay as they are."""
    fallen = (pl.col("balance_fen") < 0) & pl.col("asset").is_in(MAY_NOT_BE_NEGATIVE)
    changed = overdrawn.join(changes, on=HOLDING, how="semi")
    return pl.concat([changes.filter(fallen).select(HOLDING), changed.select(HOLDING)]).unique()


def overdrawn_of(balances: pl.LazyFrame, holdings: pl.DataFrame) -> pl.LazyFrame:
    """Which of `holdings` have a balance below zero: rows as of `net_balances`. `balances`: rows, any number each."""
    # Parquet decodes the other columns only of rows that pass.
    of_some = pl.col("holder_id").is_in(holdings["holder_id"].unique().implode())
    rows = balances.filter(of_some).join(holdings.lazy(), on=HOLDING, how="semi")
    return net_balances(rows).filter(pl.col("balance_fen") < 0)


def below_zero_since(rows: pl.LazyFrame, balances: pl.DataFrame) -> pl.DataFrame:
    """On which business date each of `balances`, which are below zero, last fell so: HOLDING, since (null: before the
    first of `rows`). What counts is the end of a date.

    `rows`: HOLDING, business_date, amount_fen of all that was posted from some date on. `balances`: as of
    `net_balances`, after all of it.
    """
    by_day = rows.join(balances.lazy().select(HOLDING), on=HOLDING, how="semi").group_by(*HOLDING, "business_date")
    days = by_day.agg(pl.col("amount_fen").cast(WIDE).sum()).sort("business_date").collect()
    known = balances.select(*HOLDING, "balance_fen").join(days, on=HOLDING, how="left", maintain_order="left_right")
    posted = pl.col("amount_fen").fill_null(0)
    opening = pl.col("balance_fen").cast(WIDE) - posted.sum().over(HOLDING)
    ends = known.with_columns(end=opening + posted.cum_sum().over(HOLDING), opening=opening)
    good = pl.col("business_date").filter(pl.col("end") >= 0).max()
    fallen = pl.col("business_date").filter((pl.col("business_date") > good) | good.is_null()).min()
    was_below = good.is_null() & (pl.col("opening").first() < 0)
    return ends.group_by(HOLDING).agg(since=pl.when(was_below).then(None).otherwise(fallen))


def added_totals(totals: pl.DataFrame, changes: pl.LazyFrame) -> pl.LazyFrame:
    """Sums of all balances per holder_kind and asset, after `changes`: holder_kind, asset, balance_fen (128 bits)."""
    columns = ("holder_kind", "asset", pl.col("balance_fen").cast(WIDE))
    rows = pl.concat([totals.lazy().select(columns), changes.select(columns)])
    sums = rows.group_by("holder_kind", "asset").agg(pl.col("balance_fen").sum())
    return sums.filter(pl.col("balance_fen") != 0).sort("holder_kind", "asset")
