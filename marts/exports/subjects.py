"""What a month's export holds: one subject a set of files, each a SELECT with an independent control beside it."""

from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Final

from marts.models import Mart, parse_mart
from marts.reading import Connection, row
from schemas.errors import ControlFailedError


@dataclass(frozen=True)
class Subject:
    """One export. `name` is that of its files and of its SQL in `sql/` and `sql/controls/`; `term` is Chinese.

    `concerns`: which rows of `restatements` move its amounts, as a condition in SQL.
    """

    name: str
    title: str
    term: str
    concerns: str

    @property
    def mart(self) -> Mart:
        """Its SELECT, with a comment on each column."""
        return parse_mart(self.name, _text(f"{self.name}.sql"))

    @property
    def control(self) -> Mart:
        """One row of amounts that the totals of equally named columns have to equal; `comment` says from where."""
        first, _, sql = _text("controls", f"{self.name}.sql").partition("\n")
        return Mart(self.name, first.removeprefix("-- "), {}, sql.strip())


_MONEY: Final = "asset in ('cash', 'voucher')"
_ISSUES: Final = "asset = 'voucher' and kind in ('dividend', 'dividend_clawback', 'binding_reward', 'referral_reward')"

SUBJECTS: Final = (
    Subject(
        "merchant_settlements",
        "Merchant settlements",
        "商家结算",
        f"holder_kind = 'merchant' and (asset = 'cash' or {_ISSUES})",
    ),
    Subject("promoter_payouts", "Promoter payouts due", "推广员应付", "holder_kind = 'promoter'"),
    Subject("agent_payouts", "Regional agent payouts due", "区域代理应付", "holder_kind = 'agent'"),
    Subject("partner_payouts", "Partner payouts due", "合伙人应付", "holder_kind = 'partner'"),
    Subject("voucher_issues", "Voucher issues", "抵用券发放", _ISSUES),
    Subject("journal", "Journal", "日记账", _MONEY),
)
RESTATEMENTS: Final = Subject("restatements", "Restatements", "重述", _MONEY)
"""Exported beside the others for a month that restatements concern: of its days, or booked in it."""


def control_totals(connection: Connection, subject: Subject, totals: dict[str, Decimal]) -> dict[str, Decimal]:
    """What the warehouse says the totals have to be, by column. Raises ControlFailedError (13) if they differ."""
    found = row(connection, subject.control.sql)
    # Of a month without restatements their columns are left out.
    wanted = {name: value or Decimal("0.00") for name, value in found.items() if name in totals}
    wrong = [
        f"{name} is {totals[name]:,}, must be {value:,}" for name, value in wanted.items() if totals[name] != value
    ]
    if wrong:
        raise ControlFailedError(
            f"{subject.title} does not agree with the warehouse: {'; '.join(wrong)}",
            where=f"{subject.name}, against {subject.control.comment}",
            todo="nothing was written; `settle verify` says whether the books are as they should be",
        )
    return wanted


def _text(*parts: str) -> str:
    return files("marts.exports").joinpath("sql", *parts).read_text(encoding="utf-8")
