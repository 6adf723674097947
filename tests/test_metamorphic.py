"""Worlds changed in a way whose effect is known without reckoning: twice the money, a region apart, new names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.compare import ALL_TABLES, COLUMNS, Row, sort_key
from tests.plain_worlds import Region, World, draw, settled

SEEDS = (1, 2)
KIND = COLUMNS["ledger"].index("kind")
Named = Mapping[str, Any]

NO_EVENTS = [
    {"name": "consumer", "holder": "member", "launch": "10000000"},
    {"name": "merchant", "holder": "merchant", "launch": "10000000"},
]
EVENTS = [
    {"name": "consumer", "holder": "member", "launch": "5000"},
    {"name": "merchant", "holder": "merchant", "launch": "5000"},
    {"name": "members_apart", "holder": "member", "launch": "5000", "regions": ["23"]},
    {"name": "merchants_apart", "holder": "merchant", "launch": "5000", "regions": ["23"]},
]
APART = Region(100, ("230102", "230103"), ("23", "2301", "230102"))


def changed(name: str, rows: Iterable[Row], change: Callable[[Named], Named]) -> list[Row]:
    """The rows of a table with what `change` says of each, by column."""
    found = (dict(zip(COLUMNS[name], row, strict=True)) for row in rows)
    return sorted((tuple({**row, **change(row)}.values()) for row in found), key=sort_key)


def kinds(tables: Mapping[str, list[Row]]) -> set[str]:
    return {row[KIND] for row in tables["ledger"]}


def twice_the_money(world: World) -> World:
    amounts = ("amount", "voucher_amount")
    days = {
        day: [row | {name: str(2 * int(row[name])) for name in amounts if row[name]} for row in rows]
        for day, rows in world.days.items()
    }
    return replace(world, days=days)


def twice(rules: Any, name: str = "") -> Any:
    """All amounts of a rulebook twice; rates, and what a yuan earns, stay."""
    if isinstance(rules, dict):
        return {key: twice(value, key) for key, value in rules.items()}
    if isinstance(rules, list):
        return [twice(entry, name) for entry in rules]
    is_amount = name in ("launch", "full_at") or name.endswith(("_points", "_subsidy"))
    return str(2 * Decimal(rules)) if is_amount else rules


def doubled(row: Named) -> Named:
    return {name: 2 * cell for name, cell in row.items() if isinstance(cell, Decimal)}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("below", ["prorata", "capped"])
def test_twice_the_money_by_twice_the_thresholds_is_twice_the_pay(seed: int, below: str, tmp_path: Path) -> None:
    world = draw(seed, pools=NO_EVENTS, mentoring={"full_at": "5000", "below": below})
    once = settled(world, tmp_path / "once")
    found = settled(replace(twice_the_money(world), rules=twice(world.rules)), tmp_path / "twice")
    assert kinds(once) >= {"commission", "mentoring", "bonus_subsidy", "partner_share", "binding_reward"}
    for name in ("ledger", "balances", "promoter_months", "agent_months", "journal"):
        assert found[name] == changed(name, once[name], doubled), name


@pytest.mark.parametrize("seed", SEEDS)
def test_twice_the_money_is_twice_the_performance(seed: int, tmp_path: Path) -> None:
    """By the same rules, whatever becomes of levels and mentors."""
    world = draw(seed, pools=NO_EVENTS)
    once, found = settled(world, tmp_path / "once"), settled(twice_the_money(world), tmp_path / "twice")
    assert found["agent_months"] == changed("agent_months", once["agent_months"], doubled)
    performance = COLUMNS["promoter_months"].index("performance")
    before, after = ([(*row[:2], row[performance]) for row in each["promoter_months"]] for each in (once, found))
    assert any(row[2] for row in before)
    assert after == [(*row[:2], 2 * row[2]) for row in before]


def together(world: World, other: World) -> World:
    days = {day: rows + other.days[day] for day, rows in world.days.items()}
    reference = {name: rows + other.reference[name] for name, rows in world.reference.items()}
    return replace(world, days=days, reference=reference)


def is_here(row: Named) -> bool:
    names = ("member_id", "holder_id", "promoter_id", "agent_id")
    holder = next((row[name] for name in names if name in row), 0)
    return holder <= APART.start and not (row.get("pool") or "").endswith("_apart")


def here(name: str, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows that are not of the region apart; a shortfall is of the fund, which all regions share."""
    found = (dict(zip(COLUMNS[name], row, strict=True)) for row in rows)
    return [row | {"shortfall": None} for row in found if is_here(row)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_region_apart_changes_nobody_elses_rows(seed: int, tmp_path: Path) -> None:
    world, other = draw(seed, pools=EVENTS), draw(seed, APART, pools=EVENTS)
    alone, both = settled(world, tmp_path / "alone"), settled(together(world, other), tmp_path / "both")
    paid = {"dividend", "dividend_clawback", "commission", "agent_commission", "binding_reward"}
    assert kinds(alone) >= paid
    assert {row[KIND] for row in set(both["ledger"]) - set(alone["ledger"])} >= paid
    for name in set(ALL_TABLES) - {"journal", "trial_balance", "solvency"}:
        assert here(name, both[name]) == here(name, alone[name]), name


def member_name(old: int) -> int:
    return 7 * old + 1000


def merchant_name(old: int) -> int:
    return 3 * old + 50


NAMES: Mapping[str, Callable[[int], int]] = {
    "member": member_name,
    "member_id": member_name,
    "referrer_id": member_name,
    "consumer": member_name,
    "merchant": merchant_name,
    "merchant_id": merchant_name,
    "bound_merchant_id": merchant_name,
}
"""By column, and by the holder kind or the pool of a `holder_id`."""


def renamed(world: World) -> World:
    def new_names(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [
            row | {name: str(NAMES[name](int(row[name]))) for name in row if name in NAMES and row[name]}
            for row in rows
        ]

    days = {day: new_names(rows) for day, rows in world.days.items()}
    return replace(world, days=days, reference={name: new_names(rows) for name, rows in world.reference.items()})


def of_new_names(row: Named) -> Named:
    names = {name: NAMES[name](cell) for name, cell in row.items() if name in NAMES and cell is not None}
    holder = NAMES.get(row.get("holder_kind") or row.get("pool") or "")
    return {**names, "holder_id": holder(row["holder_id"])} if holder and "holder_id" in row else names


@pytest.mark.parametrize("seed", SEEDS)
def test_new_names_in_the_same_order_rename_the_result(seed: int, tmp_path: Path) -> None:
    """In the same order, for of two bindings of one moment the smaller merchant counts."""
    world = draw(seed, pools=EVENTS[:2], binding={"rebind": True})
    before, after = settled(world, tmp_path / "old"), settled(renamed(world), tmp_path / "new", buckets=3)
    for name in ALL_TABLES:
        assert after[name] == changed(name, before[name], of_new_names), name
    assert after["positions"] != before["positions"]
