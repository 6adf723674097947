"""What a recomputation changes, told in money: per kind, per event, per holder. In: `restatement.changed_rows`."""

from typing import Final

import polars as pl

from schemas.units import WIDE
from transforms.books.balances import MAY_NOT_BE_NEGATIVE

_HOLDER: Final = ["holder_kind", "holder_id", "asset"]
_EVENT: Final = ["pool", "event_no"]
_SAID: Final = ("cutoff_date", "trigger", "holders", "amount_fen")


def amounts(changed: pl.DataFrame) -> pl.DataFrame:
    """kind, asset, holders, before_fen, after_fen, difference_fen of the rows that differ."""
    return _summed(changed, ["kind", "asset"]).sort("kind", "asset")


def movers(changed: pl.DataFrame, most: int) -> pl.DataFrame:
    """The holders whose amounts move most: holder_kind, holder_id, asset, before_fen, after_fen, difference_fen."""
    moved = _summed(changed, _HOLDER).drop("holders").filter(pl.col("difference_fen") != 0)
    largest = moved.with_columns(size=pl.col("difference_fen").abs())
    return largest.sort("size", *_HOLDER, descending=[True, False, False, False]).head(most).drop("size")


def below_zero(balances: pl.LazyFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """Voucher, coin and cash balances that the change drives (further) below zero: holder, before_fen, after_fen."""
    moved = _summed(changed, _HOLDER).filter(pl.col("asset").is_in(MAY_NOT_BE_NEGATIVE))
    rows = balances.join(moved.lazy().select(_HOLDER), on=_HOLDER, how="semi")
    held = rows.group_by(_HOLDER).agg(pl.col("balance_fen").sum()).collect()
    both = moved.join(held, on=_HOLDER, how="left").with_columns(
        before_fen=pl.col("balance_fen").fill_null(0).cast(WIDE)
    )
    after = both.with_columns(after_fen=pl.col("before_fen") + pl.col("difference_fen"))
    fallen = after.filter((pl.col("after_fen") < 0) & (pl.col("difference_fen") < 0))
    return fallen.select(*_HOLDER, "before_fen", "after_fen").sort("after_fen", *_HOLDER)


def changed_events(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Events that are new, gone or different: pool, event_no, and cutoff_date, trigger, holders, amount_fen of both."""
    sides = [
        frame.select(*_EVENT, **{f"{side}_{name}": pl.col(name) for name in _SAID})
        for side, frame in (("before", before), ("after", after))
    ]
    joined = sides[0].join(sides[1], on=_EVENT, how="full", coalesce=True)
    same = pl.all_horizontal(pl.col(f"before_{name}").eq_missing(pl.col(f"after_{name}")) for name in _SAID)
    return joined.filter(~same).sort(_EVENT)


def _summed(changed: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    sums = changed.group_by(key).agg(
        pl.struct("holder_kind", "holder_id").n_unique().alias("holders"), pl.col("before_fen", "after_fen").sum()
    )
    return sums.with_columns(difference_fen=pl.col("after_fen") - pl.col("before_fen"))
