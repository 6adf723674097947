"""The rows of a feed's days as they are read: part by part, each part's text waiting once its values are known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from flows.settlement.inputs import Inputs
from lake.draft.draft import Draft
from lake.draft.spill import Waiting
from schemas.feeds import Feed, row_schema
from schemas.units import WIDE

Typed = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass
class Arrivals:
    """`texts`: rows as they came, by `row_no`, which counts from 0 over all days. `counts`, of the parts read so far:
    business_date, rows, amount_fen (where it can be read), of the rows that pass step 1 of SPEC 3 `readable` and
    `readable_fen`, and of those that pass steps 1 to 4 `passed_fen`. `odd`: row_no, business_date of readable rows
    whose amount has more than two decimals."""

    texts: Waiting
    counts: list[pl.DataFrame] = field(default_factory=list)
    odd: list[pl.DataFrame] = field(default_factory=list)

    def came(self) -> pl.DataFrame:
        """The counts by business date."""
        return pl.concat(self.counts).group_by("business_date").sum()

    def note(self, text: pl.DataFrame, rows: pl.DataFrame) -> None:
        """Count a part, and keep its text."""
        readable = pl.col("reason").is_null() | (pl.col("reason") != "malformed")
        amount = pl.col("amount_fen").cast(WIDE)
        self.counts.append(
            rows.group_by("business_date").agg(
                rows=pl.len().cast(pl.Int64),
                amount_fen=amount.sum(),
                readable=readable.sum().cast(pl.Int64),
                readable_fen=amount.filter(readable).sum(),
                passed_fen=amount.filter(pl.col("reason").is_null()).sum(),
            )
        )
        self.odd.append(rows.filter(readable & pl.col("amount_fen").is_null()).select("row_no", "business_date"))
        self.texts.keep(text)


def arrivals(
    feed: Feed, days: Sequence[date], inputs: Inputs, draft: Draft, typed: Typed
) -> tuple[Arrivals, Iterator[pl.DataFrame]]:
    """What is counted of the rows, and the rows as values, in parts; reading them counts them. The first is empty."""
    empty = _dated(row_schema(feed.columns).to_frame(), days[0], days[0], 0)
    arrived = Arrivals(draft.waiting.frames(empty))
    return arrived, _parts(feed, days, inputs, typed, arrived, empty)


def _parts(
    feed: Feed, days: Sequence[date], inputs: Inputs, typed: Typed, arrived: Arrivals, empty: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    nothing = typed(empty)
    arrived.note(empty, nothing)
    yield nothing
    count = 0
    for day in days:
        oldest = day - timedelta(days=inputs.rulebook.on(day).intake.late_days)
        for part in inputs.landing.read_day(feed, day):
            text = _dated(part, day, oldest, count)
            rows = typed(text)
            arrived.note(text, rows)
            count += text.height
            yield rows


def _dated(text: pl.DataFrame, day: date, oldest: date, first: int) -> pl.DataFrame:
    """Text rows with business_date, oldest_date and row_no, counted from `first`."""
    dates = (pl.lit(day).alias("business_date"), pl.lit(oldest).alias("oldest_date"))
    return text.with_columns(*dates, row_no=pl.int_range(first, first + pl.len(), dtype=pl.Int64))
