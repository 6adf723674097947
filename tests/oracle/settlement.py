"""Day after day, in the order of SPEC 5: intake, earning, rewards, clawbacks; events; months."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from fractions import Fraction
from pathlib import Path

from tests.oracle.agents import AgentMonth, close_agents
from tests.oracle.books import Journal, post_ledger, post_sales, remaining_ceiling
from tests.oracle.dividends import Fund, claw_back, hold_event
from tests.oracle.earning import Book, Transaction, book_day
from tests.oracle.feeds import RawRow, read_control, read_day
from tests.oracle.intake import Bookings, DayIntake, take_in
from tests.oracle.ledger import Ledger, post_payouts, post_redemptions, post_transactions
from tests.oracle.pools import Pool, take_points
from tests.oracle.promoters import Ladder
from tests.oracle.readings import read_transaction
from tests.oracle.reference import load_reference
from tests.oracle.rewards import reward
from tests.oracle.rules import Rules, load_rulebook
from tests.oracle.units import OracleRefusal, days_between, is_last_of_month

Quarantined = tuple[date, str, str | None, str]  # business_date, feed, id, reason


class Settlement:
    """Everything that a world has come to, day by day. Amounts in hundredths."""

    def __init__(self, landing: Path, rulebook: Path, accept: Collection[date] = ()) -> None:
        self.landing, self.accept = landing, accept
        self.rulebook = load_rulebook(rulebook)
        self.reference = load_reference(landing / "reference", self.rulebook.level_codes())
        self.book = Book(self.rulebook, self.reference)
        self.bookings, self.quarantine = Bookings(), list[Quarantined]()
        self.ledgers = list[Ledger]()  # one per settled day
        self.pools: dict[str, Pool] = {}
        self.fund, self.ladder = Fund(), Ladder(self.reference)
        self.agent_months = list[AgentMonth]()
        self.journal = Journal(Counter())
        self.accounts: Counter[str] = Counter()
        self.solvency: list[tuple[date, int, int, int]] = []
        self.days = list[date]()

    def settle(self, day: date) -> None:
        rules = self.rulebook.on(day)
        ledger = Ledger()
        ledger.day = day
        rows = self._transactions(day, rules)
        post_transactions(ledger, rows)
        post_redemptions(ledger, self._optional_feed("coin_redemptions", day, rules))
        post_payouts(ledger, self._optional_feed("payouts", day, rules))
        reward(ledger, rules, rows)
        self.fund.concessions += sum(row.earned.concession for row in rows)
        self._pool_day(day, rules, rows, ledger)
        self.days.append(day)
        if is_last_of_month(day):
            self._close_month(day, rules, ledger)
        self.ledgers.append(ledger)
        self._keep_books(day, rules, rows, ledger)

    def _transactions(self, day: date, rules: Rules) -> list[Transaction]:
        raw = read_day(self.landing, "transactions", day)
        if not raw:
            folder = self.landing / "transactions" / f"day={day.isoformat()}"
            if raw is None or not any(path.suffix in (".csv", ".parquet") for path in folder.iterdir()):
                raise OracleRefusal(11, f"no transactions for {day}")
        self._check_control(day, raw)
        intake = take_in(
            "transactions",
            day,
            raw,
            late_days=rules.late_days,
            bookings=self.bookings,
            reference=self.reference,
        )
        rows = book_day(self.book, intake)
        self._check_limit(day, rules, len(raw), len(intake.refused))
        self._quarantine(intake)
        for row in rows:
            self.bookings.add("transactions", row.txn_id, day)
        return rows

    def _optional_feed(self, feed: str, day: date, rules: Rules) -> list:  # type: ignore[type-arg]
        raw = read_day(self.landing, feed, day) or []
        intake = take_in(feed, day, raw, late_days=rules.late_days, bookings=self.bookings, reference=self.reference)
        self._quarantine(intake)
        for reading in intake.readings:
            self.bookings.add(feed, reading.row_id, day)
        return intake.readings

    def _quarantine(self, intake: DayIntake) -> None:
        self.quarantine += [(intake.day, intake.feed, row_id, reason) for row_id, reason in intake.refused]

    def _check_control(self, day: date, raw: list[RawRow]) -> None:
        told = read_control(self.landing, day)
        if told is None:
            return
        readable = [reading for row in raw if (reading := read_transaction(row))]
        amount = sum((reading.amount for reading in readable), Fraction(0))
        if told[0] not in (len(raw), len(readable)) or told[1] != amount:
            raise OracleRefusal(12, f"control.json of {day}: {told}, found {len(raw)}, {amount}")

    def _check_limit(self, day: date, rules: Rules, rows: int, refused: int) -> None:
        enough = rows >= rules.quarantine_min_rows
        if enough and refused > rules.quarantine_limit * rows and day not in self.accept:
            raise OracleRefusal(12, f"{refused} of {rows} rows of {day} in quarantine")

    def _pool_day(self, day: date, rules: Rules, rows: list[Transaction], ledger: Ledger) -> None:
        pools = [self.pools.setdefault(r.name, Pool(r.name, r.holder)) for r in rules.pools]
        for pool in pools:
            touched = take_points(pool, day, rows)
            claw_back(pool, touched, self.fund, ledger)
        for pool in pools:
            hold_event(pool, rules, day, self.fund, ledger)

    def _close_month(self, day: date, rules: Rules, ledger: Ledger) -> None:
        month = (day.year, day.month)
        dates = ((row.business_date.year, row.business_date.month) for row in self.book.transactions)
        rows = [row for row, own in zip(self.book.transactions, dates, strict=True) if own == month]
        self.ladder.close_month(day, rules, rows, ledger)
        self.agent_months += close_agents(day, rules, rows, self.reference, ledger)

    def _keep_books(self, day: date, rules: Rules, rows: list[Transaction], ledger: Ledger) -> None:
        today = Journal(Counter())
        post_sales(today, day, rows)
        post_ledger(today, ledger)
        self.journal.lines.update(today.lines)
        self.accounts.update(today.balances())
        ceiling = remaining_ceiling(list(self.pools.values()), rules)
        fund, vouchers = self.accounts["settlement_fund"], self.accounts["voucher_liability"]
        self.solvency.append((day, fund, vouchers, ceiling))


def settle(landing: Path, rulebook: Path, first: date, last: date, accept: Collection[date] = ()) -> Settlement:
    settlement = Settlement(landing, rulebook, accept)
    for day in days_between(first, last):
        settlement.settle(day)
    return settlement
