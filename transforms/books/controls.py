"""Controls 核对 (SPEC 10): what the books must prove before a run may become the truth.

A control says what was expected and what was found, both in hundredths, and passes if they are equal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from schemas.errors import ControlFailedError
from schemas.tables import CONTROLS
from schemas.units import WIDE
from transforms.books.journal import PAYABLES, VOUCHERS, account_balances

IN_HUNDREDTHS: Final = 100
SHOWN: Final = 5


@dataclass(frozen=True)
class Control:
    """One proof of one day."""

    business_date: date
    name: str
    expected_fen: int
    actual_fen: int

    @property
    def passed(self) -> bool:
        """Whether it holds, to the hundredth."""
        return self.expected_fen == self.actual_fen


def journal_controls(journal: pl.DataFrame) -> list[Control]:
    """Every business date's debits equal its credits."""
    sums = journal.group_by("business_date").agg(pl.col("debit_fen", "credit_fen").cast(WIDE).sum())
    return [
        Control(day, "journal_balances", int(debit), int(credit))
        for day, debit, credit in sums.sort("business_date").iter_rows()
    ]


def account_controls(day: date, journal: pl.DataFrame, totals: Mapping[tuple[str, str], int]) -> list[Control]:
    """voucher_liability is the sum of voucher balances, each payable the cash of its holders.

    `journal`: of all days; `totals`: sums of all balances by (holder_kind, asset), in fen.
    """
    accounts = account_balances(journal)
    vouchers = sum(fen for (_, asset), fen in totals.items() if asset == "voucher")
    controls = [Control(day, VOUCHERS, accounts.get(VOUCHERS, 0), vouchers)]
    return controls + [
        Control(day, account, accounts.get(account, 0), totals.get((kind, "cash"), 0))
        for kind, account in PAYABLES.items()
    ]


def enforce(controls: Iterable[Control]) -> None:
    """Raise ControlFailedError (exit code 13), naming the first failures, unless all have passed."""
    failed = [control for control in controls if not control.passed]
    if failed:
        lines = [
            f"{c.name} of {c.business_date}: expected {c.expected_fen}, found {c.actual_fen} (in hundredths)"
            for c in failed[:SHOWN]
        ]
        fault = ControlFailedError(
            f"{len(failed)} control{'s' if len(failed) > 1 else ''} failed: " + "; ".join(lines),
            where="the run that was about to be committed; what is published is as it was",
            todo="report this with the run's inputs: the books would not have balanced",
        )
        fault.every = tuple(sorted({control.name.split(":")[0] for control in failed}))
        raise fault


def control_rows(controls: Iterable[Control], run_id: str) -> pl.DataFrame:
    """CONTROLS rows of a run."""
    rows = [(run_id, c.business_date, c.name, c.expected_fen, c.actual_fen, c.passed) for c in controls]
    wide = {**CONTROLS.schema, "expected_fen": WIDE, "actual_fen": WIDE}
    return pl.DataFrame(rows, schema=wide, orient="row").cast(CONTROLS.types)
