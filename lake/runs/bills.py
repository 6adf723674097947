"""Bills of dry runs, kept as a table of the lake: what somebody was shown before deciding. No run names it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from lake.tables.row_tables import write_rows
from schemas.units import MOMENT

SCHEMA = pl.Schema(
    {
        "made_at": MOMENT,
        "first_date": pl.Date(),
        "last_date": pl.Date(),
        "section": pl.String(),  # amounts, to_restate, events, movers, below_zero
        "line_no": pl.Int32(),
        "line": pl.String(),  # the line as a JSON object, amounts in fen
    }
)
SECTIONS = ("amounts", "to_restate", "events", "movers", "below_zero")


def keep_bill(folder: Path, bill: dict[str, Any], made_at: datetime) -> None:
    """Append a bill's lines to `<folder>/bills`."""
    rows = [
        (made_at, bill["first"], bill["last"], section, number, json.dumps(line, ensure_ascii=False, default=str))
        for section in SECTIONS
        for number, line in enumerate(bill[section], 1)
    ]
    write_rows(folder / "bills", pl.DataFrame(rows, schema=SCHEMA, orient="row"), "append")
