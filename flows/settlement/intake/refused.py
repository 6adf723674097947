"""Rows that are not booked: few as a rule, and of any number all the same."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from lake.draft.spill import Waiting
from schemas.feeds import Feed
from transforms.intake.quarantine import quarantined


@dataclass(frozen=True)
class Refused:
    """Rows of a feed. `texts`: all rows as they came; `rows`: REFUSAL of those that are refused."""

    feed: Feed
    texts: Waiting
    rows: pl.DataFrame

    def on(self, day: date) -> "Refused":
        """Those of a day."""
        return replace(self, rows=self.rows.filter(pl.col("business_date") == day))

    def parts(self) -> Iterator[pl.DataFrame]:
        """Their rows of QUARANTINE, part by part."""
        for text in self.texts.of(self.rows.drop("business_date")):
            yield quarantined(text, self.feed)
