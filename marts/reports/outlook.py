"""What a report says beyond the warehouse: reckoned from its figures and a rulebook by whoever asks for the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from marts.reading import Row


@dataclass(frozen=True)
class Waiting:
    """What a pool waits for. `growth` is None, like the dates, before its launch."""

    wanted: Decimal
    missing: Decimal
    target: Decimal
    growth: Decimal | None
    earliest: date | None
    deadline: date | None


@dataclass(frozen=True)
class Projection:
    """One growth path. `months`: rows of month, concession, dividends, rewards, commissions, budget, fund, vouchers and
    coverage; `fund_below`, `budget_below`: the first month in which they are below zero; None: in none of them."""

    name: str
    fund_below: date | None
    budget_below: date | None
    months: Sequence[Row]


@dataclass(frozen=True)
class Forecast:
    """Solvency under several growth paths, from the report's last day on; business grows once in `growth_days`.

    `assumed`: parts of the concession that rewards and commissions take, and of the vouchers out that is spent a month.
    """

    paths: Sequence[Projection]
    growth_days: int
    assumed: Mapping[str, Decimal]

    @property
    def trouble(self) -> Projection | None:
        """The path whose fund is below zero first."""
        below = [path for path in self.paths if path.fund_below]
        return min(below, key=lambda path: path.fund_below or date.max, default=None)


@dataclass(frozen=True)
class Outlook:
    """`waiting`: by pool; `titles`: of the promoters' levels, by code; both under the rulebook of `fingerprint`.

    `forecast`: None where there is none, and then `no_forecast` says why. `changed`: what is to be said of settled days
    whose files have changed.
    """

    fingerprint: str
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    forecast: Forecast | None = None
    no_forecast: str = ""
    changed: Sequence[str] = ()
