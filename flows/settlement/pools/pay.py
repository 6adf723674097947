"""One event paid: its cohort closes, rates follow, every holder is paid, what is spent retires."""

from collections import Counter
from collections.abc import Sequence

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.pools.book import PoolBook
from flows.settlement.pools.positions import Positions
from flows.settlement.posting import post
from lake.draft.draft import Draft
from schemas.tables import POSITIONS, TRANSACTIONS
from schemas.units import WIDE
from transforms.books.controls import Control
from transforms.books.ledger import posted
from transforms.exact.buckets import bucket
from transforms.pools.cohorts import Cohort, Payout, budget, pay
from transforms.pools.dividends import close_cohort, dividends, entitled_cohort, entitlements, retirement
from transforms.pools.events import Event
from transforms.pools.membership import HOLDER_COLUMN, POOL_COLUMN


def pay_event(event: Event, book: PoolBook, inputs: Inputs, draft: Draft) -> None:
    """Close the event's cohort, pay all live cohorts, retire those that are done; everything into book and draft."""
    rules = inputs.rulebook.on(event.cutoff_date).dividend
    name = event.pool.name
    closed = _close(event, book, inputs.buckets, draft)
    book.close(event, Cohort(event.event_no, rules.ceiling, rules.max_payouts), closed, rules.first_rate)
    money = budget(rules, book.concession_to(event.cutoff_date), book.paid())
    payouts, funding = pay(book.live(name), book.points[name], event, rules, money)
    holders, amount, sums = _pay_holders(event, payouts, inputs.buckets, draft)
    book.controls += _controls(event, payouts, book, amount, sums)
    book.pay(event, payouts)
    book.dividends[event.cutoff_date] += amount
    book.rows.add_rates(event, payouts, dict(sums.select("cohort_no", "after_fen").iter_rows()))
    book.rows.add_event(event, holders, amount, funding.shortfall_fen)


def _close(event: Event, book: PoolBook, buckets: int, draft: Draft) -> int:
    """Write the positions of the lots since the last cut-off; returns their points in fen.

    A member's lots lie in the member's bucket, so buckets are closed one by one; a merchant's lie in all of them.
    """
    kind, after = event.pool.holder, book.last_cutoff(event.pool.name)
    low, high = after.isoformat(), event.cutoff_date.isoformat()
    numbers = [str(number) for number in range(buckets)]
    total = 0
    for part in [[number] for number in numbers] if kind == "member" else [numbers]:
        lots = draft.scan(
            TRANSACTIONS,
            business_date=lambda day: low < day <= high,
            bucket=lambda number, part=part: number in part,  # type: ignore[misc]
        ).filter(pl.col("lot_date") > after)
        closed = close_cohort(lots, event.pool.name, POOL_COLUMN[kind], HOLDER_COLUMN[kind]).collect()
        draft.append(POSITIONS, _positions(closed, event, buckets))
        total += int(closed["points_fen"].cast(WIDE).sum())
    return total


def _positions(closed: pl.DataFrame, event: Event, buckets: int) -> pl.DataFrame:
    return closed.with_columns(
        pool=pl.lit(event.pool.name),
        cohort_no=pl.lit(event.event_no, pl.Int32),
        bucket=bucket(pl.col("holder_id"), buckets),
    )


def _pay_holders(event: Event, payouts: Sequence[Payout], buckets: int, draft: Draft) -> tuple[int, int, pl.DataFrame]:
    """Post dividends and retirements, bucket by bucket; returns holders paid, the sum in fen, and entitlements."""
    holders = total = 0
    retired = [payout.cohort_no for payout in payouts if payout.retires]
    sums = []
    for number in range(buckets):
        positions = Positions(draft, event.pool.name, number)
        cohorts = [entitled_cohort(positions.of(payout.cohort_no), payout) for payout in payouts]
        held = pl.concat(cohorts).collect(engine="streaming").lazy()
        paid = dividends(held).collect(engine="streaming")
        post(_posted(paid, event, "voucher", "dividend", buckets), draft)
        if retired:
            post(_posted(retirement(held, retired).collect(), event, "points", "points_retired", buckets), draft)
        holders += paid.height
        total += int(paid["amount_fen"].cast(WIDE).sum())
        sums.append(entitlements(held).collect())
    return holders, total, pl.concat(sums).group_by("cohort_no").sum().sort("cohort_no")


def _controls(
    event: Event, payouts: Sequence[Payout], book: PoolBook, amount: int, sums: pl.DataFrame
) -> list[Control]:
    """The positions on file are those in the books, none is negative, and the event paid what its cohorts are due."""
    name, day = event.pool.name, event.cutoff_date
    found = Counter({column: int(sums[column].cast(WIDE).sum()) for column in sums.columns[1:]})
    booked = sum(book.points[name][payout.cohort_no] for payout in payouts)
    return [
        Control(day, f"positions:{name}", booked, found["points_fen"]),
        Control(day, f"no_negative_position:{name}", 0, found["negative"]),
        Control(day, f"dividends_recomputed:{name}", found["after_fen"] - found["before_fen"], amount),
    ]


def _posted(sums: pl.DataFrame, event: Event, asset: str, kind: str, buckets: int) -> pl.DataFrame:
    dated = sums.with_columns(business_date=pl.lit(event.cutoff_date), value_date=pl.lit(event.value_date))
    return posted(dated, event.pool.holder, asset, kind, buckets, pool=event.pool.name)
