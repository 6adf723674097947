"""Intake of a block of days: text rows in, booked rows and quarantine out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from flows.settlement.guards import check_control, check_limit
from flows.settlement.inputs import Inputs
from flows.settlement.past import past_ids, past_of
from lake.draft import Draft
from schemas.feeds import COIN_REDEMPTIONS, PAYOUTS, TRANSACTIONS, Feed
from schemas.rulebook import Rulebook
from schemas.tables import MOVEMENTS
from schemas.units import WIDE
from transforms.intake.cells import MOVEMENT_CONTENT, TRANSACTION_CONTENT, read_movements, read_transactions
from transforms.intake.dependants import judge_dependants
from transforms.intake.duplicates import mark_duplicates
from transforms.intake.holders import joined_holders, named_holders
from transforms.intake.movements import judge_movements
from transforms.intake.parties import with_holders, with_parties
from transforms.intake.quarantine import quarantined
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
    text = _text(TRANSACTIONS, days, inputs)
    rows = read_transactions(text.lazy()).collect()
    came = _came(text, rows)
    check_control(TRANSACTIONS, days, text, rows, inputs.landing)
    rows = mark_duplicates(rows, "txn_id", TRANSACTION_CONTENT)
    reference = inputs.reference
    rows = with_parties(rows, reference.members, reference.merchants, _rate_bounds(inputs.rulebook))
    past = past_of(rows, draft, days[0])
    rows = judge_dependants(rows, past)
    bad = quarantined(text, rows, TRANSACTIONS.name, TRANSACTIONS.id_column)
    check_limit(days, rows, bad, inputs)
    booked = rows.filter(pl.col("reason").is_null()).drop("reason", "rate_pico", "own_date")
    return booked, past.purchases, bad, came


def _movements(
    feed: Feed, days: Sequence[date], inputs: Inputs, draft: Draft
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    text = _text(feed, days, inputs)
    rows = read_movements(text.lazy(), feed.name).collect()
    came = _came(text, rows)
    check_control(feed, days, text, rows, inputs.landing)
    rows = mark_duplicates(rows, "id", MOVEMENT_CONTENT)
    reference = inputs.reference
    rows = judge_movements(
        with_holders(rows, named_holders(reference), joined_holders(reference)),
        past_ids(rows, draft, days[0], MOVEMENTS, "id", feed.name),
    )
    bad = quarantined(text, rows, feed.name, feed.id_column)
    booked = rows.filter(pl.col("reason").is_null()).with_columns(feed=pl.lit(feed.name))
    return booked.select(MOVEMENTS.schema.keys()), bad, came


def _text(feed: Feed, days: Sequence[date], inputs: Inputs) -> pl.DataFrame:
    """Text rows of the days in order, with business_date, oldest_date and row_no."""
    frames = []
    for day in days:
        oldest = day - timedelta(days=inputs.rulebook.on(day).intake.late_days)
        dates = (pl.lit(day).alias("business_date"), pl.lit(oldest).alias("oldest_date"))
        frames.append(inputs.landing.read_day(feed, day).with_columns(dates))
    return pl.concat(frames).with_row_index("row_no").with_columns(pl.col("row_no").cast(pl.Int64))


def _rate_bounds(rulebook: Rulebook) -> tuple[pl.Expr, pl.Expr]:
    version = version_at(pl.col("occurred_at"), rulebook)
    return (
        value_by_version(version, rulebook, lambda rules: rules.earning.concession_min, pl.Int64),
        value_by_version(version, rulebook, lambda rules: rules.earning.concession_max, pl.Int64),
    )


def _came(text: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    counts = text.group_by("business_date").agg(rows=pl.len().cast(pl.Int64))
    amounts = rows.group_by("business_date").agg(pl.col("amount_fen").cast(WIDE).sum())
    return counts.join(amounts, on="business_date", how="left")
