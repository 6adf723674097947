"""The register of business cases: every sentence in it has its scenario, and no scenario is unclaimed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenario import SCENARIOS, feeds_of, is_refused, name_of, read_rows, scenarios, versions

REGISTER = [(row["spec_section"], row["sentence"], row["scenario"]) for row in read_rows(SCENARIOS / "register.csv")]
QUOTE = re.compile(r'^> SPEC (\d+): "(.+)"$', re.MULTILINE)

INTAKE = {"malformed", "bad_amount", "future_dated", "too_late", "conflicting_duplicate", "duplicate"}
STATES = {"already_booked", "unknown_member", "unknown_merchant", "concession_out_of_range"}
REFUNDS = {"unknown_original", "refund_mismatch", "refund_exceeds_purchase"}
OTHER_HOLDERS = {"unknown_promoter", "unknown_agent", "unknown_partner"}
CORE = {"points_earned", "points_retired", "coins_earned", "coins_redeemed", "redemption", "sales_proceeds"}
VOUCHERS = {"dividend", "binding_reward", "referral_reward"}
MONTHLY = {"commission", "mentoring", "fixed_subsidy", "bonus_subsidy", "agent_commission", "partner_share"}
PAYABLES = {"merchant_payable", "promoter_payable", "agent_payable", "partner_payable"}


def shown(table: str, column: str) -> set[str]:
    """The values that `then/` expects in a column, over all scenarios."""
    return {row[column] for folder in scenarios() for row in _expected(folder, table) if column in row}


def _expected(folder: Path, table: str) -> list[dict[str, str]]:
    path = folder / "then" / f"{table}.csv"
    if not path.exists():
        return []
    head, _, rest = path.read_text(encoding="utf-8").partition("\n")
    columns, lines = (rest.partition("\n")[::2]) if head.startswith("# where") else (head, rest)
    return [dict(zip(columns.split(","), line.split(","), strict=True)) for line in lines.splitlines()]


def _spending() -> Iterator[str]:
    """`voucher_spend` of the scenarios that spend vouchers and expect points."""
    for folder in scenarios():
        landed = [row for feed, rows in feeds_of(folder) if feed == "transactions" for row in rows]
        points = [row for row in _expected(folder, "transactions") if "points" in row]
        if points and any(row.get("voucher_amount") for row in landed):
            yield from (rules["earning"]["voucher_spend"] for rules in versions(folder))


def _baselines() -> Iterator[str]:
    """Baselines of the pools whose events a scenario expects beyond the launch."""
    for folder in scenarios():
        if any(row.get("trigger", "launch") != "launch" for row in _expected(folder, "pool_events")):
            yield from (pool["baseline"] for rules in versions(folder) for pool in rules["pools"])


def _funding() -> Iterator[str]:
    """`on_shortfall` of the scenarios that expect a shortfall."""
    for folder in scenarios():
        events = _expected(folder, "pool_events")
        if any(row.get("shortfall", "0.00") != "0.00" for row in events):
            yield from (rules["dividend"]["on_shortfall"] for rules in versions(folder))


def _rules_of(table: str, column: str, value: str) -> Iterator[dict[str, Any]]:
    """All versions of the scenarios that expect a row with this value."""
    for folder in scenarios():
        if any(row.get(column) == value for row in _expected(folder, table)):
            yield from versions(folder)


def _mentoring() -> Iterator[str]:
    """`below` of the scenarios that expect a mentor's share."""
    for folder in scenarios():
        if any(row.get("mentoring", "0.00") != "0.00" for row in _expected(folder, "promoter_months")):
            yield from (rules["mentoring"]["below"] for rules in versions(folder))


@pytest.mark.parametrize("folder", scenarios(), ids=name_of)
def test_a_scenario_is_registered_as_its_story_says(folder: Path) -> None:
    told = QUOTE.findall((folder / "story.md").read_text(encoding="utf-8"))
    assert told
    claimed = [(section, sentence) for section, sentence, name in REGISTER if name == name_of(folder)]
    assert sorted(claimed) == sorted(told)


def test_the_register_names_scenarios_that_are_there() -> None:
    assert {name for _, _, name in REGISTER} == {name_of(folder) for folder in scenarios()}


def test_every_scenario_expects_something() -> None:
    assert [name_of(folder) for folder in scenarios() if not any((folder / "then").iterdir())] == []
    assert any(is_refused(folder) for folder in scenarios())


def test_every_quarantine_reason_is_shown() -> None:
    assert shown("quarantine", "reason") == INTAKE | STATES | REFUNDS | OTHER_HOLDERS


def test_every_trigger_is_shown() -> None:
    assert shown("pool_events", "trigger") == {"launch", "growth", "deadline"}


def test_every_ledger_kind_is_shown() -> None:
    assert shown("ledger", "kind") == CORE | VOUCHERS | MONTHLY | {"dividend_clawback", "payout"}
    assert shown("ledger", "holder_kind") == {"member", "merchant", "promoter", "agent", "partner"}


def test_every_account_of_the_journal_is_shown() -> None:
    accounts = {"clearing", "settlement_fund", "voucher_liability"} | PAYABLES
    assert shown("journal", "account") == accounts
    assert shown("trial_balance", "account") == accounts
    assert shown("journal", "kind") == {"sales", "payout"} | VOUCHERS | MONTHLY


def test_every_choice_of_the_rulebook_is_shown() -> None:
    assert set(_spending()) == {"full", "cash", "none"}
    assert set(_baselines()) == {"actual", "threshold"}
    assert set(_funding()) == {"report", "scale"}
    assert set(_mentoring()) == {"prorata", "capped"}
    binding = [rules["binding"] for rules in _rules_of("ledger", "kind", "binding_reward")]
    assert {(terms["rebind"], terms["own_store"]) for terms in binding} >= {(False, True), (True, True), (False, False)}
    assert {rules["referral"]["days"] > 0 for rules in _rules_of("ledger", "kind", "referral_reward")} == {True, False}
