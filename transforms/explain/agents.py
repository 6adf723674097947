"""A month of a regional agent or a partner (SPEC 9): a part is a prefix, concessions are summed anew per county."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from schemas.rulebook import Rulebook, Rules
from transforms.explain.model import Amount, Explanation, rules_on
from transforms.months.agents import PREFIX_DIGITS, agent_month, in_force

TIERS: Final = dict(zip(PREFIX_DIGITS, ("province", "city", "county"), strict=True))
ROUNDING: Final = "R2: the agent's amount per prefix and each partner's share of it are rounded toward zero to 0.01"


@dataclass(frozen=True, eq=False)
class AgentMonth:
    """What a month is explained from. `concessions`: region_code, concession_fen, net, of the regions concerned;
    `agents`, `partners`: rows of `Reference` of the agents concerned."""

    month_end: date
    concessions: pl.DataFrame
    agents: pl.DataFrame
    partners: pl.DataFrame


def explain_agent_month(amount: Amount, month: AgentMonth, rulebook: Rulebook) -> Explanation:
    """An `agent_commission` or a `partner_share`."""
    rules = rulebook.on(month.month_end)
    months, shared = agent_month(month.month_end, month.concessions, month.agents, month.partners, rules)
    terms = in_force(month.partners, month.month_end).select("agent_id", "partner_id", "share_pico")
    shared = shared.join(terms, on=["agent_id", "partner_id"], maintain_order="left")
    parts = (
        _kept(months, shared, rules) if amount.kind == "agent_commission" else _shares(months, shared, amount.holder_id)
    )
    prefixes = [part["region_prefix"] for part in parts]
    inputs = month.concessions.sort("region_code").filter(
        pl.any_horizontal(pl.lit(False), *(pl.col("region_code").str.starts_with(prefix) for prefix in prefixes))
    )
    return Explanation(
        amount,
        tuple(part for part in parts if part["amount_fen"]),
        ROUNDING,
        rules_on([month.month_end], rulebook, "agents", lambda rules: rules.agents),
        {"month": month.month_end.replace(day=1)},
        tuple(inputs.iter_rows(named=True)),
    )


def _kept(months: pl.DataFrame, shared: pl.DataFrame, rules: Rules) -> list[dict[str, Any]]:
    """What the agent keeps of each prefix."""
    return [
        {
            **_prefix(row, rules),
            "partners_fen": row["partner_fen"],
            "partner_shares": [
                {"partner_id": partner, "share_pico": share, "amount_fen": fen}
                for partner, share, fen in shared.filter(pl.col("region_prefix") == row["region_prefix"])
                .select("partner_id", "share_pico", "amount_fen")
                .iter_rows()
            ],
            "amount_fen": row["amount_fen"] - row["partner_fen"],
        }
        for row in months.iter_rows(named=True)
    ]


def _shares(months: pl.DataFrame, shared: pl.DataFrame, partner_id: int) -> list[dict[str, Any]]:
    """What the partner gets of each agent's prefixes."""
    own = shared.filter(pl.col("partner_id") == partner_id).rename({"amount_fen": "part_fen"})
    joined = own.join(months, on=["agent_id", "region_prefix"])
    return [
        {
            "agent_id": row["agent_id"],
            "region_prefix": row["region_prefix"],
            "concession_fen": row["concession_fen"],
            "whole_fen": row["amount_fen"],
            "share_pico": row["share_pico"],
            "amount_fen": row["part_fen"],
        }
        for row in joined.sort("agent_id", "region_prefix").iter_rows(named=True)
    ]


def _prefix(row: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    tier = TIERS[len(row["region_prefix"])]
    return {
        "region_prefix": row["region_prefix"],
        "tier": tier,
        "concession_fen": row["concession_fen"],
        "rate_pico": getattr(rules.agents, tier),
        "whole_fen": row["amount_fen"],
    }
