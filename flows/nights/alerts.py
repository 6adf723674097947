"""What an operator is told without asking: texts with the next step, sent through a Prefect notification block.

A message that cannot be sent never fails a night: it is logged, and `settle status --check` still answers.
"""

from dataclasses import dataclass
from decimal import Decimal

from marts.night import NightNumbers
from schemas.errors import SettleError


@dataclass(frozen=True)
class Alert:
    """One message: a subject line, and a body that ends with what to do."""

    subject: str
    body: str


@dataclass(frozen=True)
class Limits:
    """What a night is measured by. `fund_floor` in yuan; `quarantine_share`: of a day's rows; None: not watched."""

    fund_floor: Decimal | None = None
    quarantine_share: Decimal | None = None


def failure_alert(name: str, fault: BaseException | None, message: str) -> Alert:
    """A run has failed. `name`: of the flow run; `message`: what Prefect knows if there is no error of ours."""
    if isinstance(fault, SettleError):
        return Alert(f"{name}: {fault.what.splitlines()[0]}", f"{fault}\n  exit code: {fault.exit_code}")
    what = f"{type(fault).__name__}: {fault}" if fault else message
    todo = (
        "nothing was published; look at the flow run's log, then run `settle nightly` (with --direct if Prefect is ill)"
    )
    return Alert(f"{name} did not end well", f"{what}\n  to do: {todo}")


def night_alerts(numbers: NightNumbers, limits: Limits) -> list[Alert]:
    """What a night that went well still has to say."""
    return [*_missed_nights(numbers), *_low_fund(numbers, limits), *_much_quarantine(numbers, limits)]


def _missed_nights(numbers: NightNumbers) -> list[Alert]:
    if len(numbers.days) <= 1:
        return []
    return [
        Alert(
            f"{len(numbers.days) - 1} missing nights were caught up",
            f"{numbers.first} to {numbers.last} were settled in one run, in order.\n"
            "  to do: nothing for the books; find out why no night had run (`settle status`, the flow runs before it)",
        )
    ]


def _low_fund(numbers: NightNumbers, limits: Limits) -> list[Alert]:
    fund, floor = numbers.fund_balance, limits.fund_floor
    if fund is None or floor is None or fund >= floor:
        return []
    return [
        Alert(
            f"the settlement fund is at {fund:,} yuan",
            f"After {numbers.last} the fund is below {floor:,} yuan; vouchers of {numbers.voucher_liability:,} yuan "
            "are out.\n  to do: tell finance; `select * from solvency` tells how, `settle forecast` where it goes",
        )
    ]


def _much_quarantine(numbers: NightNumbers, limits: Limits) -> list[Alert]:
    share = limits.quarantine_share
    over = [(day[0], day[1], day[3]) for day in numbers.days if share is not None and day[3] > share * day[1]]
    if not over:
        return []
    lines = [f"{day}: {bad:,} of {rows:,} rows" for day, rows, bad in over]
    reasons = [f"  {feed}, {reason}: {rows:,}" for feed, reason, rows in numbers.quarantine]
    return [
        Alert(
            f"quarantine on {over[-1][0]}: {over[-1][2]:,} of {over[-1][1]:,} rows",
            "\n".join([*lines, "by reason:", *reasons])
            + "\n  to do: ask the sender; `select * from quarantine` has every row as it came. A mended file goes into "
            "the day's folder, then `settle backfill`",
        )
    ]
