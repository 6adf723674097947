"""Which rules which table keeps (SPEC 2).

Reference data decides what every row is worth, so one bad row stops the run: nothing is quarantined here.
"""

from collections.abc import Collection, Mapping

import polars as pl

from schemas.reference import (
    AGENTS,
    BINDINGS,
    MEMBERS,
    MERCHANT_PROMOTERS,
    MERCHANTS,
    PARTNERS,
    PROMOTERS,
    REFERENCE_TABLES,
    Sheet,
    TextSheet,
)
from transforms.reference import rules
from transforms.reference.bindings import first_and_later, with_first_binding
from transforms.reference.mentors import refuse_mentor_cycles
from transforms.reference.model import Reference
from transforms.reference.tables import parse_table


def check_reference(rows: Mapping[str, TextSheet], level_codes: Collection[str]) -> Reference:
    """Reference tables from files as they came, by table name.

    `level_codes` are the promoter levels of every rulebook version. Raises InputRefusedError at the first
    broken rule, naming file, row and rule.
    """
    sheets = {table.name: parse_table(rows[table.name], table) for table in REFERENCE_TABLES}
    sheets[PROMOTERS.name] = _first_level_only(sheets[PROMOTERS.name])
    _check_people(sheets)
    _check_promoters(sheets, level_codes)
    _check_agents(sheets)
    frames = {name: sheet.frame.drop("position") for name, sheet in sheets.items()}
    first, later = first_and_later(frames.pop(BINDINGS.name))
    frames[MEMBERS.name] = with_first_binding(frames[MEMBERS.name], first)
    return Reference(**frames, rebindings=later)


def _check_people(sheets: Mapping[str, Sheet]) -> None:
    """Members, merchants and who is bound to whom."""
    members, merchants = sheets[MEMBERS.name], sheets[MERCHANTS.name]
    bindings = sheets[BINDINGS.name]
    rules.refuse_first(members, pl.col("referrer_id") == pl.col("member_id"), "a member cannot refer itself")
    rules.refuse_unknown(members, "referrer_id", members.frame["member_id"])
    rules.refuse_unknown(bindings, "member_id", members.frame["member_id"])
    rules.refuse_unknown(bindings, "merchant_id", merchants.frame["merchant_id"])


def _check_promoters(sheets: Mapping[str, Sheet], level_codes: Collection[str]) -> None:
    """Promoters, their mentors and levels, and the merchants that they look after."""
    promoters, assignments = sheets[PROMOTERS.name], sheets[MERCHANT_PROMOTERS.name]
    rules.refuse_unknown(promoters, "mentor_id", promoters.frame["promoter_id"])
    rules.refuse_unknown(promoters, "starting_level", pl.Series(sorted(level_codes), dtype=pl.String))
    refuse_mentor_cycles(promoters)
    rules.refuse_unknown(assignments, "merchant_id", sheets[MERCHANTS.name].frame["merchant_id"])
    rules.refuse_unknown(assignments, "promoter_id", promoters.frame["promoter_id"])


def _check_agents(sheets: Mapping[str, Sheet]) -> None:
    """Regional agents and the shares of their partners, day by day."""
    agents, partners = sheets[AGENTS.name], sheets[PARTNERS.name]
    for sheet in (agents, partners):
        ends_first = pl.col("valid_to") < pl.col("valid_from")
        rules.refuse_first(sheet, ends_first, "valid_to is before valid_from")
    rules.refuse_overlaps(agents, ("region_prefix",), "at most one agent per region_prefix and day")
    rules.refuse_unknown(partners, "agent_id", agents.frame["agent_id"])
    rules.refuse_overlaps(partners, ("agent_id", "partner_id"), "at most one row per agent, partner and day")
    rules.refuse_shares_above_one(partners)


def _first_level_only(promoters: Sheet) -> Sheet:
    """A starting level means something on a promoter's first row only; rows stand by promoter and date."""
    is_first = pl.col("promoter_id").ne_missing(pl.col("promoter_id").shift(1))
    level = pl.when(is_first).then("starting_level")
    return Sheet(promoters.frame.with_columns(starting_level=level), promoters.file)
