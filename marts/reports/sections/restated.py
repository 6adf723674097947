"""What was restated (SPEC 14): of the report's own closed days since, and of other days in the report's days."""

from marts.reading import Row
from marts.reports.figures import Figures
from marts.reports.sections import Section
from marts.reports.tables import Column, money, number, table
from marts.reports.words import chinese, day, term, text


def restated_section(found: Figures) -> list[Section]:
    """The bookings by run, kind and asset; no section where there are none."""
    if not found.restated:
        return []
    columns = (
        Column("business_date", "Booked on", day),
        Column("run_id", "Run", text),
        Column("kind", "What", lambda kind: term(kind) if kind else "no amount"),
        Column("asset", "Asset", term),
        number("days", "Closed days"),
        Column("first_day", "From", day),
        Column("last_day", "To", day),
        number("holders", "Holders"),
        money("difference", "Difference"),
    )
    tables = "".join(
        table(ident, caption, columns, [_shown(row) for row in found.restated if row["of_this_month"] == own])
        for ident, caption, own in (
            ("restated-days", "Closed days of this report that were restated since", True),
            ("restated-here", "Closed days of other reports that were restated in this one's days", False),
        )
    )
    return [Section("restated", "Restatements", "重述", f"<p>{in_words(found)}</p>{tables}")]


def _shown(row: Row) -> Row:
    return row | {"asset": row["asset"] or ""}


def in_words(found: Figures) -> str:
    """What that means for the figures of the page, as HTML."""
    own = any(row["of_this_month"] for row in found.restated)
    corrected = (
        "Transactions, pools, quarantine, promoters and agents are shown as corrected since; fund, vouchers out and "
        "what is payable as they were posted. "
        if own
        else ""
    )
    return f"{corrected}What was booked for closed days stands apart as restated {chinese('重述')}."
