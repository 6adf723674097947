"""The row of each settled day: what came in, what was booked, what was paid, and what it was made from."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake import Intake
from lake.draft import Draft
from schemas.tables import DAYS


def close_days(
    days: Sequence[date],
    intake: Intake,
    transactions: pl.DataFrame,
    dividends: Mapping[date, int],
    inputs: Inputs,
    draft: Draft,
) -> None:
    """Add the days' rows to the draft. `dividends`: net fen by business date."""
    counts = _by_day(intake.counts)
    concession = transactions.group_by("business_date").agg(pl.col("concession_fen").cast(pl.Int128).sum())
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
            "run_id": draft.run_id,
        }
        for day in days
    ]
    frame = pl.DataFrame(rows, schema={**DAYS.schema, **dict.fromkeys(_AMOUNTS, pl.Int128)})
    draft.extend(DAYS, frame.cast(dict(DAYS.schema)))


_AMOUNTS = ("amount_in_fen", "amount_booked_fen", "amount_quarantined_fen")
_COUNTED = ("rows_in", "rows_booked", "rows_quarantined", *_AMOUNTS)


def _by_day(counts: pl.DataFrame) -> dict[date, dict[str, int]]:
    booked = pl.col("reason").is_null()
    amount, rows = pl.col("amount_fen").cast(pl.Int128).fill_null(0), pl.col("rows")
    sums = counts.group_by("business_date").agg(
        rows_in=rows.sum(),
        rows_booked=rows.filter(booked).sum(),
        rows_quarantined=rows.filter(~booked).sum(),
        amount_in_fen=amount.sum(),
        amount_booked_fen=amount.filter(booked).sum(),
        amount_quarantined_fen=amount.filter(~booked).sum(),
    )
    return {row.pop("business_date"): row for row in sums.iter_rows(named=True)}
