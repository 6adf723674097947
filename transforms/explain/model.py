"""What an explanation is: a ledger row, the parts that add up to it, and where they come from.

Facts are named like columns: `_fen` hundredths, `_pico` 10^-12 (see `schemas.units`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from schemas.rulebook import Rulebook, Rules
from schemas.rulebook.table import Table

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Amount:
    """One row of the ledger. `amount_fen` was posted; `due_fen` should have been, where its day was restated.

    `run_id`: the run that posted it (None: nothing was posted); `restated_by`: the run that restated its day.
    """

    business_date: date
    value_date: date
    holder_kind: str
    holder_id: int
    asset: str
    kind: str
    pool: str
    origin: str
    amount_fen: int
    due_fen: int
    run_id: str | None
    restated_by: str | None = None

    @property
    def holding(self) -> tuple[str, str, str]:
        """What a restatement books the differences of a holder by."""
        return self.asset, self.kind, self.pool


@dataclass(frozen=True)
class Rule:
    """A table of the rulebook that was applied: its name, its version, and the source that it states (may be empty)."""

    table: str
    effective_from: datetime
    source: str


@dataclass(frozen=True)
class Explanation:
    """How `amount` came about. Each part has an `amount_fen`; together they are `amount.due_fen`.

    `facts`: of the event or month; `inputs`: rows that were summed before a rule was applied; `rounding`: R1, R2 or R3.
    """

    amount: Amount
    parts: tuple[Facts, ...]
    rounding: str = ""
    rules: tuple[Rule, ...] = ()
    facts: Facts = field(default_factory=dict)
    inputs: tuple[Facts, ...] = ()

    @property
    def sum_fen(self) -> int:
        """What the parts come to."""
        return sum(part["amount_fen"] for part in self.parts)

    @property
    def adds_up(self) -> bool:
        """Whether the parts are the amount, to the fen."""
        return self.sum_fen == self.amount.due_fen


def rules_on(days: Iterable[date], rulebook: Rulebook, name: str, table: Callable[[Rules], Table]) -> tuple[Rule, ...]:
    """A table of the rules at the end of each day, once a version. Raises ConfigurationError (10) before the first."""
    return _named({rulebook.on(day).effective_from: rulebook.on(day) for day in days}, name, table)


def rules_at(
    moments: Iterable[datetime], rulebook: Rulebook, name: str, table: Callable[[Rules], Table]
) -> tuple[Rule, ...]:
    """A table of the rules at each moment, once a version."""
    return _named({rulebook.at(at).effective_from: rulebook.at(at) for at in moments}, name, table)


def _named(versions: Mapping[datetime, Rules], name: str, table: Callable[[Rules], Table]) -> tuple[Rule, ...]:
    return tuple(
        Rule(name, effective_from, (table(versions[effective_from]).source or versions[effective_from].source).strip())
        for effective_from in sorted(versions)
    )
