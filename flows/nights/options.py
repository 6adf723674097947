"""What the operator decides about the nights: what they wait for, and what somebody has to hear. Cheap to import."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Final, Literal

from schemas.errors import UsageError

Require = Literal["files", "success", "control"]
"""What makes a day's delivery whole: any file of its transactions, the file _SUCCESS beside them, or control.json."""

MOST_YUAN: Final = 10**16
"""What no column of the warehouse can hold."""


@dataclass(frozen=True)
class Care:
    """`wait_until`: HH:MM in Shanghai, of the day after the business date. `alert_block`: a Prefect notification block,
    kind/name. `fund_floor` in yuan; `quarantine_share` of a day's rows; None: not watched."""

    require: Require = "files"
    wait_until: str = "08:00"
    alert_block: str | None = None
    fund_floor: Decimal | None = None
    quarantine_share: Decimal | None = None

    def __post_init__(self) -> None:
        try:
            time.fromisoformat(self.wait_until)
        except ValueError:
            raise UsageError(f"--wait-until {self.wait_until} is no time of day", todo="say it as 08:00") from None
        floor = self.fund_floor
        if floor is not None and not (floor.is_finite() and abs(floor) < MOST_YUAN):
            raise UsageError(f"--fund-floor {self.fund_floor} is no amount", todo="say it in yuan, as 1000.00")
        share = self.quarantine_share
        if share is not None and not (share.is_finite() and 0 <= share <= 1):
            raise UsageError(f"--quarantine-share {self.quarantine_share} is not between 0 and 1")
