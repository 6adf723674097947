"""One event paid: its cohort closes, rates follow, every holder is paid, what is spent retires."""

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.pool_book import PoolBook
from lake.draft import Draft
from schemas.tables import LEDGER, POSITION_CHANGES, POSITIONS, TRANSACTIONS
from schemas.units import WIDE
from transforms.buckets import bucket
from transforms.cohorts import Cohort, Payout, budget, pay
from transforms.dividends import close_cohort, dividends, net_positions, retirement
from transforms.ledger import posted
from transforms.membership import HOLDER_COLUMN, POOL_COLUMN
from transforms.pools import Event


def pay_event(event: Event, book: PoolBook, inputs: Inputs, draft: Draft) -> None:
    """Close the event's cohort, pay all live cohorts, retire those that are done; everything into book and draft."""
    rules = inputs.rulebook.on(event.cutoff_date).dividend
    name = event.pool.name
    closed = _close(event, book, inputs.buckets, draft)
    new = Cohort(event.event_no, rules.ceiling, rules.max_payouts)
    book.close(event, new, closed, rules.first_rate)
    money = budget(rules, book.concession_to(event.cutoff_date), book.paid())
    payouts, funding = pay(book.live(name), book.points[name], event, rules, money)
    holders, amount = _pay_holders(event, payouts, inputs.buckets, draft)
    book.pay(event, payouts)
    book.add_dividends(event.cutoff_date, amount)
    book.enter_event(event, holders, amount, funding.shortfall_fen)


def _close(event: Event, book: PoolBook, buckets: int, draft: Draft) -> int:
    """Write the positions of the lots since the last cut-off; returns their points in fen.

    A member's lots lie in the member's bucket, so buckets are closed one by one; a merchant's lie in all of them.
    """
    after = book.last_cutoff(event.pool.name)
    low, high = after.isoformat(), event.cutoff_date.isoformat()
    total = 0
    parts = [{str(number)} for number in range(buckets)]
    if event.pool.holder == "merchant":
        parts = [set().union(*parts)]
    for part in parts:
        lots = draft.scan(
            TRANSACTIONS,
            business_date=lambda day: low < day <= high,
            bucket=lambda number, part=part: number in part,  # type: ignore[misc]
        ).filter(pl.col("lot_date") > after)
        kind = event.pool.holder
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


def _pay_holders(event: Event, payouts: list[Payout], buckets: int, draft: Draft) -> tuple[int, int]:
    """Post dividends and retirements, bucket by bucket; returns holders paid and the sum in fen."""
    holders = total = 0
    live = {str(payout.cohort_no) for payout in payouts}
    retired = [payout.cohort_no for payout in payouts if payout.retires]
    for number in range(buckets):
        held = positions(draft, event.pool.name, live, number)
        paid = dividends(held, payouts).collect()
        draft.append(LEDGER, _posted(paid, event, "voucher", "dividend", buckets))
        holders += paid.height
        total += int(paid["amount_fen"].cast(WIDE).sum())
        if retired:
            gone = retirement(held, retired).collect()
            draft.append(LEDGER, _posted(gone, event, "points", "points_retired", buckets))
    return holders, total


def positions(draft: Draft, pool: str, cohorts: set[str], number: int) -> pl.LazyFrame:
    """Net positions of some cohorts in one bucket: cohort_no, holder_id, points_fen."""
    closed = draft.scan(
        POSITIONS,
        pool=lambda name: name == pool,
        cohort_no=lambda cohort: cohort in cohorts,
        bucket=lambda value: value == str(number),
    )
    changes = draft.scan(POSITION_CHANGES).filter((pl.col("pool") == pool) & (pl.col("bucket") == number))
    return net_positions(closed, changes)


def _posted(sums: pl.DataFrame, event: Event, asset: str, kind: str, buckets: int) -> pl.DataFrame:
    dated = sums.with_columns(business_date=pl.lit(event.cutoff_date), value_date=pl.lit(event.value_date))
    return posted(dated, event.pool.holder, asset, kind, buckets, pool=event.pool.name)
