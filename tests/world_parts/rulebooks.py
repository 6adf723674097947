"""Random rulebooks: a first version and changes of it in mid-history."""

from copy import deepcopy
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.world_parts.chance import SHANGHAI, chance, moment_on, often, pick

Version = dict[str, Any]
REGIONS = ("440305", "440304", "440106", "310101", "310115", "430102")
CODES = ("junior", "trainee", "senior", "manager", "director")
FINEST = "0.333333333333"


def rulebook(seed: int, first: date, limit: str, changes: int | None, plain: bool) -> str:
    """TOML text; the first version holds at the end of the first day at the latest.

    `plain`: points come in tens and growth in halves, so that thresholds are met exactly.
    """
    rng = chance(seed, "rules")
    versions = [_first_version(rng, limit)]
    if plain:
        _make_plain(rng, versions[0])
    moments = [_first_moment(rng, first)]
    for number in range(rng.choice((0, 0, 1, 1, 2, 3)) if changes is None else changes):
        change = chance(seed, "rules", number)
        moment = max(_change_moment(change, first), moments[0] + timedelta(seconds=1 + number))
        if moment not in moments:
            versions.append(_changed(change, versions[-1]))
            moments.append(moment)
    moments.sort()
    written = [_toml(change, moment) for change, moment in zip(versions, moments, strict=True)]
    if often(rng, 20):
        rng.shuffle(written)
    return "\n".join(written)


def _first_moment(rng: Random, first: date) -> datetime:
    midnight = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
    return midnight + pick(rng, timedelta(days=-400), timedelta(), timedelta(seconds=rng.randint(1, 86399)))


def _change_moment(rng: Random, first: date) -> datetime:
    midnight = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
    if often(rng, 30):
        return midnight + timedelta(days=rng.randint(0, 30), seconds=rng.randint(0, 86399))
    return moment_on(rng, first + timedelta(days=rng.randint(0, 30))).replace(microsecond=0)


def _first_version(rng: Random, limit: str) -> Version:
    return {
        "intake": {
            "late_days": rng.choice((0, 2, 5, 30, 30)),
            "quarantine_limit": limit,
            "quarantine_min_rows": 1,
        },
        "earning": _earning(rng),
        "pools": _pools(rng),
        "dividend": _dividend(rng),
        "binding": {
            "rate": pick(rng, "0.05", "0.05", "0", FINEST),
            "rebind": often(rng, 50),
            "own_store": often(rng, 50),
        },
        "referral": {"rate": pick(rng, "0.05", "0.05", "0", FINEST), "days": rng.choice((0, 0, 1, 3, 10))},
        "promoter_levels": _ladder(rng, list(CODES[: rng.randint(1, 4)])),
        "mentoring": {"full_at": pick(rng, "10", "50", "100.50"), "below": pick(rng, "prorata", "capped")},
        "agents": _agents(rng),
    }


def _make_plain(rng: Random, version: Version) -> None:
    version["earning"] |= {"points_per_yuan": "1", "concession_max": "0.20", "concession_min": "0.05"}
    for pool in version["pools"]:
        pool |= {"launch": pick(rng, "10", "30", "60"), "growth_target": pick(rng, "0.5", "0.25", "0.5")}
    for level in version["promoter_levels"]:
        if "promotion" in level:
            level["promotion"] |= {"monthly_points": "10", "single_month_points": pick(rng, "20", "40", "60")}
        if "assessment" in level:
            level["assessment"]["monthly_points"] = pick(rng, "10", "20")


def _earning(rng: Random) -> dict[str, str]:
    return {
        "concession_min": pick(rng, "0.03", "0.05", "0.01"),
        "concession_max": pick(rng, "0.20", "0.20", "0.30"),
        "points_per_yuan": pick(rng, "1", "1", "0.5", "2", "1.333333333333", FINEST),
        "voucher_spend": pick(rng, "full", "cash", "none"),
        "member_coins_per_yuan": pick(rng, "5", "5", "0", "0.333"),
        "merchant_coins_per_yuan": pick(rng, "0", "0", "1.5"),
    }


def _pools(rng: Random) -> list[dict[str, Any]]:
    pools = [_pool(rng, "consumer", "member", []), _pool(rng, "merchant", "merchant", [])]
    for name, holder, regions in _regional(rng):
        if often(rng, 40):
            pools.append(_pool(rng, name, holder, regions))
    rng.shuffle(pools)
    return pools


def _regional(rng: Random) -> list[tuple[str, str, list[str]]]:
    """Pools whose prefixes never meet within a holder kind, but lie inside one another."""
    return [
        ("south", "member", pick(rng, ["44"], ["44", "43"])),
        ("shenzhen", "member", pick(rng, ["4403"], ["440305", "3101"])),
        ("south_shops", "merchant", pick(rng, ["44"], ["4403", "31"], ["440305"])),
    ]


def _pool(rng: Random, name: str, holder: str, regions: list[str]) -> dict[str, Any]:
    earliest = rng.choice((1, 1, 2, 3, 5, 11))
    return {
        "name": name,
        "holder": holder,
        "launch": pick(rng, "1", "5", "12.34", "30", "60", "200"),
        "growth_target": pick(rng, "0.15", "0.15", "0.05", "0.01", "0.5", "0.000000000001", FINEST),
        "earliest_day": earliest,
        "deadline_day": earliest + rng.choice((0, 1, 2, 6, 20)),
        "baseline": pick(rng, "actual", "threshold"),
        "regions": regions,
    }


def _dividend(rng: Random) -> dict[str, Any]:
    first_rate = pick(rng, "0.005", "0.05", "0.1", FINEST, "0.5")
    return {
        "first_rate": first_rate,
        "ceiling": pick(rng, first_rate, "0.5", "0.777777777777", "1", "5"),
        "max_payouts": rng.choice((1, 2, 3, 5, 40)),
        "funding_share": pick(rng, "0.40", "0.1", "0.02", "1", "0", FINEST),
        "on_shortfall": pick(rng, "report", "scale", "scale"),
    }


def _ladder(rng: Random, codes: list[str]) -> list[dict[str, Any]]:
    levels = []
    for place, code in enumerate(codes):
        level: dict[str, Any] = {
            "code": code,
            "title": f"级别 {code}",
            "commission": pick(rng, "0.06", "0.05", "0.013", FINEST),
            "mentoring": pick(rng, "0.01", "0.25", "0.1", "0", FINEST),
            "fixed_subsidy": pick(rng, "0", "24", "3.33"),
            "bonus_subsidy": pick(rng, "0", "16", "0.07"),
        }
        if place + 1 < len(codes) and often(rng, 85):
            monthly = rng.choice((1, 10, 40))
            level["promotion"] = {
                "monthly_points": str(monthly),
                "months": rng.choice((1, 2, 3)),
                "single_month_points": str(monthly * rng.choice((1, 3, 10))),
            }
        if often(rng, 70 if place else 30):
            monthly_points = pick(rng, "1", "20", "55.55", "300")
            level["assessment"] = {"monthly_points": monthly_points, "misses": rng.choice((1, 1, 2))}
        levels.append(level)
    return levels


def _agents(rng: Random) -> dict[str, str]:
    tiers = ("0.02", "0.03", "0.05", FINEST, "0")
    return {"province": rng.choice(tiers), "city": rng.choice(tiers), "county": rng.choice(tiers)}


def _changed(rng: Random, before: Version) -> Version:
    """A later version: pools and levels stay, anything else may change."""
    after, fresh = deepcopy(before), _first_version(rng, before["intake"]["quarantine_limit"])
    for section in rng.sample(sorted(after), rng.randint(1, 5)):
        if section == "pools":
            after["pools"] = _changed_pools(rng, before["pools"])
        elif section == "promoter_levels":
            codes = [level["code"] for level in before["promoter_levels"]]
            new = [code for code in CODES if code not in codes][: rng.choice((0, 0, 1))]
            for code in new:
                codes.insert(rng.randint(1, len(codes)), code)
            after["promoter_levels"] = _ladder(rng, codes)
        else:
            after[section] = fresh[section]
    return after


def _changed_pools(rng: Random, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pools, named = [], {pool["name"] for pool in before}
    regional = {name: (holder, regions) for name, holder, regions in _regional(rng)}
    for pool in before:
        _, regions = regional.get(pool["name"], ("", []))
        kept = pool["regions"] if often(rng, 50) else regions
        pools.append(_pool(rng, pool["name"], pool["holder"], kept) if often(rng, 60) else pool)
    for name, (holder, regions) in regional.items():
        if name not in named and often(rng, 50):
            pools.append(_pool(rng, name, holder, regions))
    if often(rng, 30):
        rng.shuffle(pools)
    return pools


def _toml(version: Version, moment: datetime) -> str:
    lines = ["[[rules]]", f"effective_from = {moment.isoformat()}"]
    for section, content in version.items():
        if isinstance(content, dict):
            lines += [f"[rules.{section}]", *_items(content)]
        else:
            for entry in content:
                lines += [f"[[rules.{section}]]", *_items(entry)]
    return "\n".join(lines) + "\n"


def _items(table: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(_items(value)) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'
