"""The page of a night for the Prefect UI: Markdown from the warehouse's numbers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from marts.night import NightNumbers
from schemas.shown import shown

SHOWN_DAYS: Final = 31
"""Days that are listed one by one; a longer range shows the last of them."""


def night_page(
    numbers: NightNumbers, warehouse: Path, reports: Mapping[date, Path | None], changes: Sequence[str] = ()
) -> str:
    """Events, totals, controls, quarantine by reason, and where the reports lie.

    `reports`: of the days that were to have one; None: it could not be written. Empty: none was to be written.
    `changes`: what is to be said of settled days whose files have changed.
    """
    parts = [
        f"# Settled: {_span(numbers)}",
        _money(numbers),
        "## Days",
        _table(
            ["business date", "rows in", "booked", "quarantined", "concession", "dividends"],
            numbers.days[-SHOWN_DAYS:],
        ),
        "## Pool events",
        _table(["pool", "event", "value date", "trigger", "holders", "amount", "shortfall"], numbers.events),
        "## Amounts by kind",
        _table(["kind", "asset", "rows", "amount"], numbers.kinds),
        "## Quarantine by reason",
        _table(["feed", "reason", "rows"], numbers.quarantine),
        "## Controls",
        _table(["control", "proved", "failed"], numbers.controls),
        *(["## Settled days whose files have changed", *(f"* {shown(line)}" for line in changes)] if changes else []),
        "## Where to look",
        f"* warehouse: `{shown(str(warehouse))}`",
        *_reports(reports or {numbers.last: None}),
    ]
    return "\n\n".join(parts) + "\n"


def file_link(path: Path) -> str:
    """A link and the path itself: what is shown in a browser may not lead to files, as those of Prefect's pages."""
    whole = path.resolve()
    return f"[{shown(path.name)}]({whole.as_uri()}), `{shown(str(whole))}`"


def night_summary(numbers: NightNumbers) -> str:
    """The same in one line, for a list of nights."""
    return f"{_span(numbers)}: {_money(numbers).replace('**', '')}"


def _reports(reports: Mapping[date, Path | None]) -> list[str]:
    return [
        f"* report of {day}: {file_link(path)}"
        if path
        else f"* report of {day}: none yet; `settle report --date {day}` writes it"
        for day, path in reports.items()
    ]


def _span(numbers: NightNumbers) -> str:
    if numbers.first == numbers.last:
        return str(numbers.last)
    return f"{numbers.first} to {numbers.last}, {len(numbers.days)} days in order"


def _money(numbers: NightNumbers) -> str:
    rows, quarantined = (sum(day[column] for day in numbers.days) for column in (1, 3))
    return (
        f"{rows:,} rows in, {quarantined:,} quarantined. Fund **{_cell(numbers.fund_balance)}** yuan, "
        f"vouchers out {_cell(numbers.voucher_liability)} yuan."
    )


def _table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    if not lines:
        return "none"
    return "\n".join([f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}", *lines])


def _cell(value: object) -> str:
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return "" if value is None else shown(str(value)).replace("|", "\\|")
