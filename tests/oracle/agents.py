"""Regional agents and their partners, by calendar month (SPEC 9)."""

from dataclasses import dataclass
from datetime import date

from tests.oracle.earning import Transaction
from tests.oracle.ledger import Ledger
from tests.oracle.reference import Reference
from tests.oracle.rules import Rules
from tests.oracle.units import toward_zero


@dataclass
class AgentMonth:
    """Hundredths."""

    month: date
    agent_id: int
    region_prefix: str
    concession: int
    amount: int
    partner_amount: int


def close_agents(
    last_day: date, rules: Rules, rows: list[Transaction], reference: Reference, ledger: Ledger
) -> list[AgentMonth]:
    """A row per prefix in force on the month's last day."""
    months = []
    for agent in reference.in_force("agents", last_day):
        prefix, agent_id = agent["region_prefix"], agent["agent_id"]
        concession = sum(row.earned.concession for row in rows if row.region.startswith(prefix))
        amount = toward_zero(concession * rules.tiers[len(prefix)])
        shared = _pay_partners(agent_id, amount, last_day, reference, ledger)
        ledger.add("agent", agent_id, "cash", "agent_commission", amount - shared)
        month = AgentMonth(last_day.replace(day=1), agent_id, prefix, concession, amount, shared)
        months.append(month)
    return months


def _pay_partners(agent_id: int, amount: int, last_day: date, reference: Reference, ledger: Ledger) -> int:
    shared = 0
    for partner in reference.in_force("partners", last_day):
        if partner["agent_id"] == agent_id:
            share = toward_zero(amount * partner["share"])
            ledger.add("partner", partner["partner_id"], "cash", "partner_share", share)
            shared += share
    return shared
