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
    """One export. `name` is that of its files and of its SQL in `sql/` and `sql/controls/`; `term` is Chinese."""

    name: str
    title: str
    term: str

    @property
    def mart(self) -> Mart:
        """Its SELECT, with a comment on each column."""
        return parse_mart(self.name, _text(f"{self.name}.sql"))

    @property
    def control(self) -> Mart:
        """One row of amounts that the totals of equally named columns have to equal; `comment` says from where."""
        first, _, sql = _text("controls", f"{self.name}.sql").partition("\n")
        return Mart(self.name, first.removeprefix("-- "), {}, sql.strip())


SUBJECTS: Final = (
    Subject("merchant_settlements", "Merchant settlements", "商家结算"),
    Subject("promoter_payouts", "Promoter payouts due", "推广员应付"),
    Subject("agent_payouts", "Regional agent payouts due", "区域代理应付"),
    Subject("partner_payouts", "Partner payouts due", "合伙人应付"),
    Subject("voucher_issues", "Voucher issues", "抵用券发放"),
    Subject("journal", "Journal", "日记账"),
)


def control_totals(connection: Connection, subject: Subject, totals: dict[str, Decimal]) -> dict[str, Decimal]:
    """What the warehouse says the totals have to be, by column. Raises ControlFailedError (13) if they differ."""
    wanted = {name: value or Decimal("0.00") for name, value in row(connection, subject.control.sql).items()}
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
