"""The books of a block, and the proof of a run: journal, solvency, controls (SPEC 10, 13)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.plan import Span
from flows.settlement.pools.book import PoolBook
from lake.draft.draft import Draft
from schemas.tables import (
    COHORT_CHANGES,
    COHORT_RATES,
    CORRECTIONS,
    JOURNAL,
    JOURNAL_DUE,
    JOURNAL_RESTATEMENTS,
    LEDGER,
    POOL_DAYS,
    POOL_EVENTS,
    SOLVENCY,
)
from schemas.units import ONE_DAY
from transforms.books.controls import Control, account_controls, journal_controls
from transforms.books.journal import account_balances, journal
from transforms.books.solvency import solvency
from transforms.corrections.restatement import net_entries


def keep_books(days: Sequence[date], transactions: pl.DataFrame, draft: Draft) -> list[Control]:
    """The journal of a block as it should be, once all its postings are in the draft; returns its controls.

    `transactions`: the block's, `condensed`.
    """
    draft.flush(LEDGER)
    draft.flush(CORRECTIONS)
    posted = draft.between(LEDGER, _first_open(days[0], draft), days[-1])
    lines = journal(transactions, pl.concat([posted, draft.between(CORRECTIONS, days[0], days[-1])]))
    draft.extend(JOURNAL_DUE, lines)
    return journal_controls(lines)


def close_books(span: Span, draft: Draft) -> list[Control]:
    """Journal and solvency of the open days of `span`, restatements included; those of closed days stand."""
    first = _first_open(span.first, draft)
    open_days = pl.col("business_date") >= first
    entries = pl.concat([draft.small(table).filter(open_days) for table in (JOURNAL_DUE, JOURNAL_RESTATEMENTS)])
    lines, before = net_entries(entries), account_balances(draft.small(JOURNAL))
    days = [day for day in span.days if day >= first]
    draft.extend(JOURNAL, lines)
    draft.extend(SOLVENCY, solvency(days, before, lines, draft.small(POOL_DAYS)))
    return journal_controls(lines)


def _first_open(day: date, draft: Draft) -> date:
    return max(day, draft.closed_through + ONE_DAY)


def prove(last: date, totals: Mapping[tuple[str, str], int], inputs: Inputs, draft: Draft) -> list[Control]:
    """Controls of the books as a whole, as of `last`. `totals`: sums of balances by (holder_kind, asset), in fen."""
    book = PoolBook.read(draft, inputs.rulebook)
    return [
        *account_controls(last, draft.small(JOURNAL), totals),
        *_pool_values(last, book, draft),
        *_points(last, book, totals),
        *_dividends(last, draft),
    ]


def _pool_values(last: date, book: PoolBook, draft: Draft) -> list[Control]:
    """A pool's value is its positions, retired ones included, and its open lots."""
    values = draft.small(POOL_DAYS).group_by("pool", maintain_order=True).last().select("pool", "value_fen")
    return [
        Control(last, f"pool_value:{pool}", value, book.points.get(pool, Counter()).total() + book.open_lots[pool])
        for pool, value in values.iter_rows()
    ]


def _points(last: date, book: PoolBook, totals: Mapping[tuple[str, str], int]) -> list[Control]:
    """Points balances are the unretired positions and the open lots, per holder kind."""
    held: Counter[str] = Counter()
    for pool, kind in book.holder_kinds.items():
        held[kind] += book.open_lots[pool]
        held[kind] += sum(book.points[pool][cohort.cohort_no] for cohort in book.live(pool))
    return [
        Control(last, f"points_balances:{kind}", held[kind], totals.get((kind, "points"), 0))
        for kind in ("member", "merchant")
    ]


def _dividends(last: date, draft: Draft) -> list[Control]:
    """Dividends and clawbacks of a pool are the sum of trunc(points x cumulative rate) over its holders and cohorts."""
    rates, changes = draft.small(COHORT_RATES), draft.small(COHORT_CHANGES)
    events = draft.small(POOL_EVENTS).select("pool", "event_no", "cutoff_date", "amount_fen")
    latest = rates.group_by("pool", "cohort_no", maintain_order=True).last().join(events, on=["pool", "event_no"])
    since = changes.join(latest.select("pool", "cohort_no", "cutoff_date"), on=["pool", "cohort_no"])
    since = since.filter(pl.col("business_date") > pl.col("cutoff_date"))
    entitled, clawed_since = _by_pool(latest, "entitled_fen"), _by_pool(since, "clawback_fen")
    paid, clawed = _by_pool(events, "amount_fen"), _by_pool(changes, "clawback_fen")
    return [
        Control(last, f"dividends_entitled:{pool}", entitled[pool] + clawed_since[pool], paid[pool] + clawed[pool])
        for pool in events["pool"].unique().sort()
    ]


def _by_pool(rows: pl.DataFrame, column: str) -> Counter[str]:
    return Counter({pool: int(fen) for pool, fen in rows.group_by("pool").agg(pl.col(column).sum()).iter_rows()})
