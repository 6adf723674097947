"""Events and rates of a night, in plain integers and written anew: a peer that asked the engine would prove nothing."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench.task import Task

PICO = 10**12
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rate:
    """A cohort at an event: cumulative rates before and after, in pico."""

    cohort_no: int
    before_pico: int
    after_pico: int


@dataclass(frozen=True)
class PoolNight:
    """An event of a pool, and what its live cohorts get. `last_cutoff`: of the event before it."""

    pool: str
    holder_kind: str
    event_no: int
    trigger: str
    value_fen: int
    growth_pico: int
    last_cutoff: date
    rates: tuple[Rate, ...]


def rules_of(path: Path) -> dict[str, Any]:
    """The rulebook's only version."""
    (rules,) = tomllib.loads(path.read_text(encoding="utf-8"))["rules"]
    return dict(rules)


def small(task: Task, table: str) -> list[dict[str, Any]]:
    """All rows of a small table."""
    return [row for path in task.paths(table) for row in pq.read_table(path, partitioning=None).to_pylist()]


def pool_nights(task: Task, inflows: Mapping[str, int]) -> list[PoolNight]:
    """The events of the night; `inflows`: net points booked, in fen, by holder kind."""
    rules = rules_of(task.rulebook)
    nights = (_pool_night(task, rules, pool, inflows[pool["holder"]]) for pool in rules["pools"])
    return [night for night in nights if night]


def _pool_night(task: Task, rules: dict[str, Any], pool: dict[str, Any], inflow: int) -> PoolNight | None:
    days = [row for row in small(task, "pool_days") if row["pool"] == pool["name"]]
    events = [row for row in small(task, "pool_events") if row["pool"] == pool["name"]]
    value = max(days, key=lambda row: row["business_date"])["value_fen"] + inflow
    if not events:
        if value >= int(Decimal(pool["launch"]) * 100):
            raise NotImplementedError("peers settle nights of pools that have launched")
        return None
    last = max(events, key=lambda row: row["event_no"])
    target, baseline = int(Decimal(pool["growth_target"]) * PICO), last["next_baseline_fen"]
    waited = (task.day + ONE_DAY - last["value_date"]).days
    reached = value * PICO >= baseline * (PICO + target)
    if not (waited >= pool["deadline_day"] or (waited >= pool["earliest_day"] and reached)):
        return None
    trigger = "growth" if reached else "deadline"
    growth = target if reached else max(0, value - baseline) * PICO // baseline
    factor = (PICO + target, PICO) if reached else (max(baseline, value), baseline)
    number = last["event_no"] + 1
    rates = _rates(task, rules["dividend"], pool["name"], number, factor)
    return PoolNight(pool["name"], pool["holder"], number, trigger, value, growth, last["cutoff_date"], tuple(rates))


def _rates(task: Task, rules: dict[str, Any], pool: str, event_no: int, factor: tuple[int, int]) -> list[Rate]:
    first, ceiling = (int(Decimal(rules[name]) * PICO) for name in ("first_rate", "ceiling"))
    rates = []
    for row in standing(task, pool):
        if row["cumulative_pico"] >= ceiling or row["payout_no"] >= rules["max_payouts"]:
            continue
        rate = row["rate_pico"] * factor[0] // factor[1]
        before = row["cumulative_pico"]
        rates.append(Rate(row["cohort_no"], before, min(ceiling, before + rate)))
    return [*rates, Rate(event_no, 0, min(ceiling, first))]


def standing(task: Task, pool: str) -> list[dict[str, Any]]:
    """The last rates of every closed cohort of a pool."""
    last: dict[int, dict[str, Any]] = {}
    for row in small(task, "cohort_rates"):
        if row["pool"] == pool and row["event_no"] > last.get(row["cohort_no"], {"event_no": 0})["event_no"]:
            last[row["cohort_no"]] = row
    return [last[number] for number in sorted(last)]


def closed_cohorts(task: Task, rules: Mapping[str, Any]) -> list[tuple[str, str, int, date, date, int]]:
    """pool, holder kind, cohort_no, the cut-off before, its own cut-off, cumulative_pico of every closed cohort."""
    kinds = {pool["name"]: pool["holder"] for pool in rules["pools"]}
    rates = {(pool, row["cohort_no"]): row["cumulative_pico"] for pool in kinds for row in standing(task, pool)}
    closed = sorted((row["pool"], row["cohort_no"], row["cutoff_date"]) for row in small(task, "cohorts"))
    opened, rows = dict.fromkeys(kinds, date.min), []
    for pool, number, day in closed:
        rows.append((pool, kinds[pool], number, opened[pool], day, rates[pool, number]))
        opened[pool] = day
    return rows
