"""The world's rulebook: the shipped rules, the thresholds of pools and ladder scaled to the world's size."""

import json
import tomllib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.rulebook.reading import SHIPPED
from schemas.units import TIME_ZONE
from simulator.world import World

Table = dict[str, Any]

DAYS_OF_A_MONTH: Final = 30
NET_OF_REFUNDS_PERCENT: Final = 97
SCALED_SOURCE: Final = "The shipped rules, with thresholds scaled to a simulated world."
"""What the shipped sources vouch for are the shipped numbers; tables whose numbers are changed say this instead."""
LADDER_AMOUNTS: Final = frozenset({"fixed_subsidy", "bonus_subsidy", "monthly_points", "single_month_points"})


def rulebook(world: World) -> str:
    """The rulebook of a world (SPEC 11), in force from a year before its first day.

    It is the latest version of the shipped rules. A pool's launch becomes what the pool should hold on its
    launch day; the ladder's amounts keep their proportions, its first threshold is a promoter's mean month.
    """
    rules = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["rules"][-1]
    rules["effective_from"] = datetime.combine(world.spec.first_day - timedelta(days=365), time(), ZoneInfo(TIME_ZONE))
    _scale_pools(world, rules)
    _scale_ladder(world, rules)
    for scaled in (rules, *rules["pools"], *rules["promoter_levels"], rules["mentoring"]):
        scaled["source"] = SCALED_SOURCE
    head = "# The shipped rules with thresholds scaled to a simulated world.\n[[rules]]"
    return "\n".join([head, *_lines("rules", rules)]) + "\n"


def _scale_pools(world: World, rules: Table) -> None:
    consumer, merchant = world.launch_days
    for pool in rules["pools"]:
        day = consumer if pool["holder"] == "member" else merchant
        pool["launch"] = str(_yuan(world.points_before_fen(day) * NET_OF_REFUNDS_PERCENT // 100))


def _scale_ladder(world: World, rules: Table) -> None:
    whole = world.points_before_fen(world.spec.days)
    monthly = _yuan(whole * DAYS_OF_A_MONTH // world.spec.days // world.spec.promoter_count)
    shipped = Decimal(next(level["promotion"]["monthly_points"] for level in _promoting(rules)))
    for level in rules["promoter_levels"]:
        for table in (level, level.get("promotion", {}), level.get("assessment", {})):
            for key in LADDER_AMOUNTS & table.keys():
                table[key] = str(int(Decimal(table[key]) * monthly / shipped))
    rules["mentoring"]["full_at"] = str(max(1, int(Decimal(rules["mentoring"]["full_at"]) * monthly / shipped)))


def _promoting(rules: Table) -> list[Table]:
    return [level for level in rules["promoter_levels"] if "promotion" in level]


def _yuan(fen: int) -> int:
    """Whole yuan, at least 1, cut to two figures as thresholds are."""
    yuan = max(1, fen // 100)
    step = int(10 ** max(0, len(str(yuan)) - 2))
    return yuan // step * step


def _lines(path: str, table: Table) -> Iterator[str]:
    """A table as TOML: values, then tables."""
    for key, value in table.items():
        if not _is_section(value, path):
            yield f"{key} = {_value(value)}"
    for key, value in table.items():
        if _is_section(value, path):
            many = isinstance(value, list)
            for part in value if many else [value]:
                yield f"[[{path}.{key}]]" if many else f"[{path}.{key}]"
                yield from _lines(f"{path}.{key}", part)


def _is_section(value: object, path: str) -> bool:
    """Whether a value has a heading of its own; below the first level, tables stand in one line."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, dict) and path == "rules"


def _value(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        inside = ", ".join(f"{key} = {_value(part)}" for key, part in value.items() if key != "source")
        return f"{{ {inside} }}"
    # text, numbers, flags and lists are written alike in JSON and TOML
    return value.isoformat() if isinstance(value, datetime) else json.dumps(value, ensure_ascii=False)
