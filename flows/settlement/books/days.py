"""The row of each settled day: what came in, what was booked, what was paid, and what it was made from."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake.take_in import Intake
from lake.draft.draft import Draft
from schemas.tables import DAYS
from schemas.units import WIDE
from transforms.books.controls import IN_HUNDREDTHS, Control


def close_days(
    days: Sequence[date],
    intake: Intake,
    transactions: pl.DataFrame,
    dividends: Mapping[date, int],
    inputs: Inputs,
    draft: Draft,
) -> list[Control]:
    """Add the days' rows to the draft. `transactions`: `condensed`; `dividends`: net fen by business date.

    Returns the controls that rows and amounts in are those booked and quarantined, counted from the written rows.
    """
    counts = _by_day(intake, transactions)
    concession = transactions.group_by("business_date").agg(pl.col("concession_fen").cast(WIDE).sum())
    concessions = dict(concession.iter_rows())
    rows = [
        {
            "business_date": day,
            **counts.get(day, dict.fromkeys(_COUNTED, 0)),
            "concession_fen": int(concessions.get(day, 0)),
            "dividend_fen": dividends.get(day, 0),
            "input_fingerprint": inputs.fingerprints[day],
            "reference_fingerprint": inputs.reference_fingerprint,
            "rulebook_fingerprint": inputs.rulebook.fingerprint,
            "accepted": day in inputs.accepted,
            "restated": False,  # marked once the whole span is known
            "run_id": draft.run_id,
        }
        for day in days
    ]
    frame = pl.DataFrame(rows, schema={**DAYS.schema, **dict.fromkeys(_AMOUNTS, WIDE)})
    draft.extend(DAYS, frame.cast(DAYS.types))
    return [control for row in rows for control in _controls(row)]


_AMOUNTS = ("amount_in_fen", "amount_booked_fen", "amount_quarantined_fen")
_COUNTED = ("rows_in", "rows_booked", "rows_quarantined", *_AMOUNTS)


def _controls(row: Mapping[str, Any]) -> list[Control]:
    day, count = row["business_date"], IN_HUNDREDTHS
    out = row["rows_booked"] + row["rows_quarantined"]
    amount = row["amount_booked_fen"] + row["amount_quarantined_fen"]
    return [
        Control(day, "rows_in_are_rows_out", row["rows_in"] * count, out * count),
        Control(day, "amounts_in_are_amounts_out", row["amount_in_fen"], amount),
    ]


def _by_day(intake: Intake, transactions: pl.DataFrame) -> dict[date, dict[str, int]]:
    came = intake.came.select("business_date", "rows", "amount_fen")
    booked = [_counted(transactions, pl.col("rows").sum()), _counted(intake.movements)]
    parts = [
        ("in", came),
        ("booked", pl.concat(booked)),
        ("quarantined", pl.concat([_counted(feed.rows) for feed in intake.refused])),
    ]
    counts: dict[date, dict[str, int]] = {}
    for name, part in parts:
        sums = part.group_by("business_date").agg(pl.col("rows").sum(), pl.col("amount_fen").cast(WIDE).sum())
        for day, rows, fen in sums.iter_rows():
            row = counts.setdefault(day, dict.fromkeys(_COUNTED, 0))
            row[f"rows_{name}"], row[f"amount_{name}_fen"] = rows, int(fen or 0)
    return counts


def _counted(rows: pl.DataFrame, count: pl.Expr = pl.len()) -> pl.DataFrame:  # noqa: B008
    amount = pl.col("amount_fen").cast(WIDE).sum()
    return rows.group_by("business_date").agg(rows=count.cast(pl.Int64), amount_fen=amount)
