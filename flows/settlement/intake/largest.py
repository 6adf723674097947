"""Amounts whose sums no table can hold are the feed's fault (SPEC 2, 12): order numbers in the amount column, mostly.

A table holds LARGEST_FEN at most. What the rules make of a yuan is bounded: proceeds are no more than the amount,
points and coins no more than the concession times their rates, dividends no more than the points times the ceiling. So
a bound on all that was ever booked keeps every sum and balance within its column, and nothing wraps.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake.arrivals import Arrivals
from flows.settlement.intake.quarantine_report import indented
from lake.draft.draft import Draft
from lake.landing.row_lines import row_lines
from schemas.errors import InputRefusedError
from schemas.feeds import Feed
from schemas.rulebook import Rulebook, Rules
from schemas.shown import shown
from schemas.tables import DAYS
from schemas.units import LARGEST_FEN, PICO, WIDE

NAMED: Final = 3
"""Rows that a refusal names."""
MARGIN: Final = 8
"""Two kinds of pools, both sides of the journal, and twice over: so many sums may be one another's parts."""


def require_room(
    feed: Feed, days: Sequence[date], booked: Iterable[pl.DataFrame], arrived: Arrivals, inputs: Inputs, draft: Draft
) -> None:
    """Raise InputRefusedError (12), naming the largest rows, if with `booked` more is booked than tables can hold.

    `booked`: row_no, amount_fen of the rows that are to be booked, in parts.
    """
    before, room = int(draft.small(DAYS)["amount_booked_fen"].sum() or 0), room_fen(inputs.rulebook)
    if before + int(arrived.came()["passed_fen"].sum()) <= room:
        return  # whatever of them is booked
    parts = list(booked)
    fen = sum(int(part["amount_fen"].cast(WIDE).sum()) for part in parts)
    if before + fen <= room:
        return
    largest = pl.concat([part.select("row_no", "amount_fen").top_k(NAMED, by="amount_fen") for part in parts])
    named = largest.top_k(NAMED, by="amount_fen")
    raise InputRefusedError(
        f"the {feed.name} of {days[0]} to {days[-1]} add up to {_yuan(fen)}, with {_yuan(before)} booked before: more "
        f"than any table can hold under these rules ({_yuan(room)}). The largest amounts:"
        + indented(_told(feed, named, arrived, inputs)),
        where=str(inputs.landing.folder / feed.name),
        todo="look whether the amount column holds something else, an order number or fen, and have the files "
        "delivered again",
    )


def room_fen(rulebook: Rulebook) -> int:
    """How much may ever be booked, in fen."""
    return LARGEST_FEN * PICO // (MARGIN * max(PICO, *(_most_of_a_yuan(rules) for rules in rulebook.versions)))


def _most_of_a_yuan(rules: Rules) -> int:
    """The most points, coins or dividends that a yuan of turnover can become, in pico."""
    earning = rules.earning
    points = earning.concession_max * earning.points_per_yuan // PICO
    coins = max(earning.member_coins_per_yuan, earning.merchant_coins_per_yuan)
    return max(points, points * rules.dividend.ceiling // PICO, earning.concession_max * coins // PICO)


def _told(feed: Feed, named: pl.DataFrame, arrived: Arrivals, inputs: Inputs) -> list[str]:
    texts = pl.concat(arrived.texts.of(named.select("row_no")))
    rows = texts.join(named, on="row_no").sort("amount_fen", descending=True)
    return [_line(feed, row, inputs) for row in rows.iter_rows(named=True)]


def _line(feed: Feed, row: dict[str, object], inputs: Inputs) -> str:
    file, position, day = str(row["file"]), int(str(row["position"])), row["business_date"]
    assert isinstance(day, date)
    path = inputs.landing.day_folder(feed, day) / file
    line = row_lines(Path(path), [position]).get(position)
    place = f"line {line}" if line else f"row {position}"
    return f"{path.parent.name}/{shown(file)}, {place}: {feed.amounts[0]} is {shown(str(row[feed.amounts[0]]))}"


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02}"
