"""What was not booked and why, who owes, and what the runs proved: quarantine, exceptions, controls, audit facts."""

from typing import Final

from marts.reports.figures import Figures
from marts.reports.outlook import Outlook
from marts.reports.sections import Section
from marts.reports.tables import Column, facts, money, number, table
from marts.reports.words import amount, chinese, count, day, many, term, text

REASONS: Final = {
    "malformed": "a value is missing or cannot be read",
    "bad_amount": "an amount of zero or less, or with more than two decimals",
    "future_dated": "it happened after the day of its file",
    "too_late": "it happened longer ago than rows may be late",
    "conflicting_duplicate": "one id, more than one content",
    "duplicate": "the same row once more",
    "already_booked": "a late row that was booked before",
    "unknown_member": "no such member at that moment",
    "unknown_merchant": "no such merchant at that moment",
    "unknown_promoter": "no such promoter",
    "unknown_agent": "no such agent",
    "unknown_partner": "no such partner",
    "concession_out_of_range": "the concession rate is out of bounds",
    "unknown_original": "no purchase was booked under that id on that day",
    "refund_mismatch": "the purchase has another member or merchant",
    "refund_exceeds_purchase": "more than the purchase has left to refund",
}
"""SPEC 3, in words."""


def quarantine_section(found: Figures) -> Section:
    """Rows that were not booked, by feed and reason."""
    columns = (
        Column("reason", "Reason", text),
        Column("meaning", "It means", text),
        Column("feed", "Feed", text),
        number("quarantined", "Rows"),
        money("amount", "Amount, where it can be read"),
    )
    rows = [{**row, "meaning": REASONS.get(row["reason"], "")} for row in found.quarantine]
    totals = {
        "quarantined": sum(row["quarantined"] for row in rows),
        "amount": sum(row["amount"] for row in rows),
    }
    body = table("quarantine", "Rows that were not booked", columns, rows, totals=totals)
    return Section("quarantine", "Quarantine", "隔离", body or _none("Every row was booked."))


def exceptions_section(found: Figures) -> Section:
    """Balances below zero: spent and later taken back by a refund, or paid out and not earned; and for how long."""
    columns = (
        Column("holder_id", "Holder", text),
        Column("holder_kind", "Kind", text),
        Column("asset", "Asset", term),
        money("balance", "Balance"),
        Column("since", "Below zero since", day),
        number("days_below_zero", "Days"),
    )
    listed = found.exceptions
    caption = "Voucher, coin and cash balances below zero, the largest debt first"
    body = table("exceptions", caption, columns, listed.shown, left_out=listed.left_out)
    return Section("exceptions", "Exceptions", "异常", (_ages(found) + body) or _none("No balance is below zero."))


def _ages(found: Figures) -> str:
    columns = (
        Column("age", "Below zero for", text),
        Column("asset", "Asset", term),
        number("holders", "Holders"),
        money("balance", "Balance"),
    )
    return table("exception-ages", f"Balances below zero by age {chinese('账龄')}", columns, found.exception_ages)


def controls_section(found: Figures) -> Section:
    """What the runs proved of these days; what failed stands first."""
    failed = table(
        "failed-controls",
        "Controls that failed",
        (
            Column("name", "Control", text),
            Column("business_date", "Day", day),
            Column("expected", "Had to be", amount, figure=True),
            Column("actual", "Was", amount, figure=True),
            Column("run_id", "Run", text),
        ),
        found.failed_controls,
    )
    columns = (
        Column("control", "Control", text),
        number("checked", "Checked"),
        number("passed", "Passed"),
        number("failed", "Failed"),
    )
    names = ("checked", "passed", "failed")
    totals = {name: sum(row[name] for row in found.controls) for name in names}
    every = table("controls", "What was proved before the books were published", columns, found.controls, totals=totals)
    alarm = f'<p class="alarm">{many(len(found.failed_controls), "control")} failed.</p>' if failed else ""
    return Section("controls", "Controls", "控制", (alarm + failed + every) or _none("Nothing was proved."))


def audit_section(found: Figures, outlook: Outlook) -> Section:
    """By which run, from what and by which rules: enough to find the record in the audit chain."""
    run = found.published
    pairs = [
        ("The warehouse shows run", f"{_code(run['run_id'])} ({text(run['kind'])})"),
        ("finished at", text(run["finished_at"])),
        ("its rulebook's fingerprint", _code(run["rulebook_fingerprint"])),
        ("its record's hash", _code(run["record_hash"])),
    ]
    if outlook.fingerprint != run["rulebook_fingerprint"]:
        other = f"{_code(outlook.fingerprint)}, which is not the one that this run settled by"
        pairs.append(("Next events and level titles are told by rulebook", other))
    pairs += [("Changed since", text(line)) for line in outlook.changed]
    columns = (
        Column("run_id", "Run", text),
        Column("kind", "Kind", text),
        Column("days", "Days of this report", count, figure=True),
        Column("finished_at", "Finished at", text),
        Column("rulebook_fingerprint", "Rulebook", _code),
        Column("record_hash", "Record", _code),
    )
    runs = table("runs", f"The runs {chinese('批次')} that settled these days", columns, found.runs[:20])
    return Section("audit", "Where this comes from", "审计", facts(pairs) + runs)


def _code(value: object) -> str:
    return f"<code>{text(value)}</code>"


def _none(words: str) -> str:
    return f'<p class="none">{words}</p>'
