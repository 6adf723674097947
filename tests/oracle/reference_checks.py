"""What a reference file must keep to, else the run stops with exit code 12 (SPEC 2)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.oracle.units import PICO, OracleRefusal

Rows = list[dict[str, Any]]
KEYS = {
    "members": ("member_id",),
    "merchants": ("merchant_id", "valid_from"),
    "bindings": ("member_id", "merchant_id", "bound_at"),
    "promoters": ("promoter_id", "valid_from"),
    "merchant_promoters": ("merchant_id", "valid_from"),
}


def check_reference(files: dict[str, Rows], level_codes: set[str]) -> None:
    for name, columns in KEYS.items():
        keys = [tuple(row[column] for column in columns) for row in files[name]]
        _demand(len(set(keys)) == len(keys), f"{name}: duplicate key")
    _check_names(files, level_codes)
    _check_mentors(files["promoters"])
    _check_agents(files["agents"], files["partners"])


def _demand(holds: bool, rule: str) -> None:
    if not holds:
        raise OracleRefusal(12, f"reference/{rule}")


def _check_names(files: dict[str, Rows], level_codes: set[str]) -> None:
    members = {row["member_id"] for row in files["members"]}
    merchants = {row["merchant_id"] for row in files["merchants"]}
    promoters = {row["promoter_id"] for row in files["promoters"]}
    agents = {row["agent_id"] for row in files["agents"]}
    for row in files["members"]:
        _demand(row["referrer_id"] is None or row["referrer_id"] in members, "members: unknown referrer")
        _demand(row["referrer_id"] != row["member_id"], "members: refers oneself")
    for row in files["bindings"]:
        _demand(row["member_id"] in members, "bindings: unknown member")
        _demand(row["merchant_id"] in merchants, "bindings: unknown merchant")
    for row in files["promoters"]:
        _demand(row["mentor_id"] is None or row["mentor_id"] in promoters, "promoters: unknown mentor")
        level = row["starting_level"]
        _demand(level is None or level in level_codes, "promoters: unknown level")
    for row in files["merchant_promoters"]:
        _demand(row["merchant_id"] in merchants, "merchant_promoters: unknown merchant")
        _demand(row["promoter_id"] is None or row["promoter_id"] in promoters, "merchant_promoters: promoter")
    for row in files["partners"]:
        _demand(row["agent_id"] in agents, "partners: unknown agent")
        _demand(0 <= row["share"] <= PICO, "partners: share outside 0 to 1")


def _check_mentors(promoters: Rows) -> None:
    """No cycle on any date: it is enough to look on the dates where something changes."""
    rows = sorted(promoters, key=lambda row: row["valid_from"])
    for day in {row["valid_from"] for row in rows}:
        mentors = {row["promoter_id"]: row["mentor_id"] for row in rows if row["valid_from"] <= day}
        for start, mentor in mentors.items():
            seen, here = {start}, mentor
            while here is not None and here in mentors:
                _demand(here not in seen, "promoters: mentor cycle")
                seen.add(here)
                here = mentors[here]
            _demand(here not in seen, "promoters: mentor cycle")


def _check_agents(agents: Rows, partners: Rows) -> None:
    for row in (*agents, *partners):
        _demand((row["valid_from"] or date.min) <= (row["valid_to"] or date.max), "agents/partners: ends first")
    for day in _first_days(agents):
        prefixes = [row["region_prefix"] for row in agents if _holds(row, day)]
        _demand(len(set(prefixes)) == len(prefixes), "agents: two agents of one prefix on a day")
    for day in _first_days(partners):
        rows = [row for row in partners if _holds(row, day)]
        pairs = [(row["agent_id"], row["partner_id"]) for row in rows]
        _demand(len(set(pairs)) == len(pairs), "partners: two rows of one partner on a day")
        for agent in {row["agent_id"] for row in rows}:
            _demand(sum(r["share"] for r in rows if r["agent_id"] == agent) <= PICO, "partners: above 1")


def _first_days(rows: Rows) -> Iterable[date]:
    return {row["valid_from"] or date.min for row in rows}


def _holds(row: dict[str, Any], day: date) -> bool:
    return bool((row["valid_from"] or date.min) <= day <= (row["valid_to"] or date.max))
