"""Intake of a block of days: text rows in, booked rows and quarantine out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

import polars as pl

from flows.settlement.guards import check_control, check_limit
from flows.settlement.inputs import Inputs
from flows.settlement.past import past_ids, past_of
from flows.settlement.texts import Texts
from lake.draft import Draft
from schemas.feeds import COIN_REDEMPTIONS, PAYOUTS, TRANSACTIONS, Feed, row_schema
from schemas.rulebook import Rulebook
from schemas.tables import MOVEMENTS
from schemas.units import WIDE
from transforms.intake.cells import MOVEMENT_CONTENT, TRANSACTION_CONTENT, read_movements, read_transactions
from transforms.intake.dependants import judge_dependants
from transforms.intake.duplicates import mark_duplicates
from transforms.intake.holders import joined_holders, named_holders
from transforms.intake.movements import judge_movements
from transforms.intake.parties import with_holders, with_parties, with_rate_applied
from transforms.intake.quarantine import quarantined, refused
from transforms.versions import value_by_version, version_at

OPTIONAL_FEEDS: Final = (COIN_REDEMPTIONS, PAYOUTS)


@dataclass(frozen=True)
class Intake:
    """`transactions`: booked, typed, not yet valued, with what the valuing needs. `purchases`: earlier purchases that
    booked refunds name. `movements`: booked rows of the optional feeds. `came`: business_date, rows, amount_fen (where
    it can be read) of all that came in, by feed, counted before anything was judged."""

    transactions: pl.DataFrame
    purchases: pl.DataFrame
    movements: pl.DataFrame
    quarantine: pl.DataFrame
    came: pl.DataFrame

    def without_rows(self) -> "Intake":
        """The intake once its transactions are booked: they need no memory any more."""
        return replace(self, transactions=self.transactions.clear(), purchases=self.purchases.clear())


def take_in(days: Sequence[date], inputs: Inputs, draft: Draft) -> Intake:
    """Read and judge all feeds of `days`, which follow on what `draft` holds. Writes nothing.

    Raises InputRefusedError (12) for a file, control total or quarantine that stops the run.
    """
    transactions, purchases, bad, came = _transactions(days, inputs, draft)
    parts = [_movements(feed, days, inputs, draft) for feed in OPTIONAL_FEEDS]
    return Intake(
        transactions,
        purchases,
        pl.concat([booked for booked, _, _ in parts]),
        pl.concat([bad, *(quarantine for _, quarantine, _ in parts)]),
        pl.concat([came, *(counted for _, _, counted in parts)]),
    )


def _transactions(
    days: Sequence[date], inputs: Inputs, draft: Draft
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    rows, texts = _read(TRANSACTIONS, days, inputs, read_transactions)
    came = _came(texts, rows)
    check_control(TRANSACTIONS, days, texts, rows, inputs.landing)
    reference = inputs.reference
    rate_applied = partial(with_rate_applied, merchants=reference.merchants)
    rows = mark_duplicates(rows, "txn_id", TRANSACTION_CONTENT, rate_applied)
    rows = with_parties(rows, reference.members, reference.merchants, _rate_bounds(inputs.rulebook)).drop("rate_pico")
    past = past_of(rows, draft, days[0])
    rows = judge_dependants(rows, past)
    bad = quarantined(texts.of(refused(rows)), TRANSACTIONS.name, TRANSACTIONS.id_column)
    check_limit(days, rows, bad, inputs)
    booked = rows.filter(pl.col("reason").is_null()).drop("reason", "own_date")
    return booked, past.purchases, bad, came


def _movements(
    feed: Feed, days: Sequence[date], inputs: Inputs, draft: Draft
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    rows, texts = _read(feed, days, inputs, lambda text: read_movements(text, feed.name))
    came = _came(texts, rows)
    check_control(feed, days, texts, rows, inputs.landing)
    rows = mark_duplicates(rows, "id", MOVEMENT_CONTENT)
    reference = inputs.reference
    rows = judge_movements(
        with_holders(rows, named_holders(reference), joined_holders(reference, rows)),
        past_ids(rows, draft, days[0], MOVEMENTS, "id", feed.name),
    )
    bad = quarantined(texts.of(refused(rows)), feed.name, feed.id_column)
    booked = rows.filter(pl.col("reason").is_null()).with_columns(feed=pl.lit(feed.name))
    return booked.select(MOVEMENTS.schema.keys()), bad, came


def _read(
    feed: Feed, days: Sequence[date], inputs: Inputs, typed: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> tuple[pl.DataFrame, Texts]:
    """The rows of the days as values, with `row_no`, and as they came. Text is let go part by part."""
    empty = _dated(row_schema(feed.columns).to_frame(), days[0], days[0], 0)
    texts, rows, count = Texts(empty), [typed(empty.lazy()).collect()], 0
    for day in days:
        oldest = day - timedelta(days=inputs.rulebook.on(day).intake.late_days)
        for part in inputs.landing.read_day(feed, day):
            text = _dated(part, day, oldest, count)
            rows.append(typed(text.lazy()).collect())
            texts.keep(text)
            count += text.height
    return pl.concat(rows), texts


def _dated(text: pl.DataFrame, day: date, oldest: date, first: int) -> pl.DataFrame:
    """Text rows with business_date, oldest_date and row_no, counted from `first`."""
    dates = (pl.lit(day).alias("business_date"), pl.lit(oldest).alias("oldest_date"))
    return text.with_columns(*dates, row_no=pl.int_range(first, first + pl.len(), dtype=pl.Int64))


def _rate_bounds(rulebook: Rulebook) -> tuple[pl.Expr, pl.Expr]:
    version = version_at(pl.col("occurred_at"), rulebook)
    return (
        value_by_version(version, rulebook, lambda rules: rules.earning.concession_min, pl.Int64),
        value_by_version(version, rulebook, lambda rules: rules.earning.concession_max, pl.Int64),
    )


def _came(texts: Texts, rows: pl.DataFrame) -> pl.DataFrame:
    counts = pl.DataFrame(list(texts.rows.items()), schema={"business_date": pl.Date, "rows": pl.Int64}, orient="row")
    amounts = rows.group_by("business_date").agg(pl.col("amount_fen").cast(WIDE).sum())
    return counts.join(amounts, on="business_date", how="left")
