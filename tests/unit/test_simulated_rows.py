"""Rows of a simulated world go wrong only where and as much as they mean to, and both pools have all their events."""

import json
import re
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.rulebook.reading import load_rulebook
from simulator import WorldSpec, simulate
from tests.simulated import SPEC, days_of, read_rows, reference, rows_of
from tests.slow_intake import SlowIntake, shape
from transforms.rulebook_check.remarks import warnings

REASONS = {
    "malformed",
    "bad_amount",
    "future_dated",
    "too_late",
    "duplicate",
    "conflicting_duplicate",
    "already_booked",
    "unknown_member",
    "unknown_merchant",
    "concession_out_of_range",
    "unknown_original",
    "refund_mismatch",
    "refund_exceeds_purchase",
}


def test_everything_is_good_but_a_few_rows_of_every_reason(landing: Path) -> None:
    books, reasons = SlowIntake(landing), Counter[str]()
    for day, folder in days_of(landing):
        rows = rows_of(folder)
        today = books.day(rows, day)
        assert today.total() <= max(1, len(rows) // 50), day
        reasons += today
    assert set(reasons) == REASONS
    assert reasons.total() < sum(len(rows_of(folder)) for _, folder in days_of(landing)) // 100
    assert books.closed_refunds > 0


def test_control_is_the_sum_of_what_can_be_read(landing: Path) -> None:
    controls = list(landing.glob("transactions/*/control.json"))
    assert len(controls) == SPEC.days // 2
    for path in controls:
        rows = rows_of(path.parent)
        day = date.fromisoformat(path.parent.name.removeprefix("day="))
        control = json.loads(path.read_text(encoding="utf-8"))
        assert "malformed" not in {shape(row, day) for row in rows}
        assert control["rows"] == len(rows)
        assert Decimal(control["amount"]) == sum(Decimal(row["amount"]) for row in rows)


def test_amounts_have_two_places_but_where_they_are_spoilt(landing: Path) -> None:
    odd: Counter[str] = Counter()
    for feed, column in (("transactions", "amount"), ("coin_redemptions", "coins"), ("payouts", "amount")):
        for path in (landing / feed).rglob("*.csv"):
            odd.update(row[column] for row in read_rows(path) if not re.fullmatch(r"\d+\.\d\d", row[column]))
    spoilt = {amount for amount in odd if not re.fullmatch(r"\d+\.\d\d0", amount)}
    # three places that are two by value are the duplicates'
    assert spoilt == {"1e3", "-5.00", "1.234"}


def test_some_are_late_pay_with_vouchers_or_have_a_rate_of_their_own(landing: Path) -> None:
    late = vouchers = rates = refunds = total = 0
    for day, folder in days_of(landing):
        for row in rows_of(folder):
            late += row["occurred_at"][:10] < day.isoformat()
            vouchers += bool(row["voucher_amount"])
            rates += bool(row["concession_rate"])
            refunds += row["kind"] == "refund"
            total += 1
    assert 0.003 < late / total < 0.01
    assert 0 < vouchers / total < SPEC.voucher_share
    assert 0.005 < rates / total < 0.02
    assert 0.02 < refunds / total < 0.04


def _event_triggers(landing: Path, pool: dict[str, Any]) -> list[str]:
    """SPEC 5 over purchases at the merchant's first rate: near enough to see which events come."""
    rates = {row["merchant_id"]: row["concession_rate"] for row in reversed(reference(landing, "merchants"))}
    value, baseline, last, triggers = Decimal(0), Decimal(0), 0, list[str]()
    for number, (day, folder) in enumerate(days_of(landing), start=1):
        for row in rows_of(folder):
            if not shape(row, day) and row["merchant_id"] in rates:
                sign = 1 if row["kind"] == "purchase" else -1
                value += sign * Decimal(row["amount"]) * Decimal(rates[row["merchant_id"]])
        if not triggers:
            reached, name = value >= Decimal(pool["launch"]), "launch"
        else:
            reached, name = value >= baseline * (1 + Decimal(pool["growth_target"])), "growth"
            reached = reached and number >= last + pool["earliest_day"]
            if not reached and number >= last + pool["deadline_day"]:
                reached, name = True, "deadline"
        if reached:
            triggers.append(name)
            baseline, last = value, number
    return triggers


@pytest.mark.parametrize("size", [(40, 6, 20), (500, 60, 400)])
def test_both_pools_launch_grow_and_miss_a_deadline(tmp_path: Path, size: tuple[int, int, int]) -> None:
    members, merchants, rows = size
    simulate(WorldSpec(members, merchants, 125, rows, seed=2), tmp_path)
    assert warnings(load_rulebook(tmp_path / "rulebook.toml")) == []
    rules = tomllib.loads((tmp_path / "rulebook.toml").read_text(encoding="utf-8"))["rules"][0]
    assert rules["effective_from"].date() < date(2025, 1, 1)
    for pool in rules["pools"]:
        triggers = _event_triggers(tmp_path / "landing", pool)
        assert triggers[0] == "launch"
        assert set(triggers) == {"launch", "growth", "deadline"}, (pool["name"], triggers)
