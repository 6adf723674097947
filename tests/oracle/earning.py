"""What a purchase earns and a refund takes back; intake steps 7 and 8 on the way (SPEC 3, 4)."""

from dataclasses import dataclass
from datetime import date, datetime

from tests.oracle.cells import in_fen
from tests.oracle.intake import DayIntake
from tests.oracle.readings import Reading
from tests.oracle.reference import Reference
from tests.oracle.rewards import bound_merchant, earning_referrer
from tests.oracle.rules import Rulebook, Rules
from tests.oracle.units import PICO, business_date, half_up, toward_zero


@dataclass
class Earned:
    """Hundredths."""

    concession: int
    points: int
    member_coins: int
    merchant_coins: int

    def minus(self, other: "Earned") -> "Earned":
        return Earned(
            self.concession - other.concession,
            self.points - other.points,
            self.member_coins - other.member_coins,
            self.merchant_coins - other.merchant_coins,
        )


@dataclass
class Transaction:
    """A booked row. Amounts in hundredths, the rate in 10^-12."""

    business_date: date
    txn_id: str
    kind: str
    occurred_at: datetime
    member_id: int
    merchant_id: int
    amount: int
    voucher: int
    rate: int
    original_txn_id: str | None
    lot_date: date
    earned: Earned
    bound_merchant_id: int | None
    referrer_id: int | None
    promoter_id: int | None
    region: str
    pools: tuple[str, str]  # the member's, the merchant's
    is_late: bool

    @property
    def sign(self) -> int:
        return 1 if self.kind == "purchase" else -1


@dataclass
class Purchase:
    """A booked purchase, the rules of its moment, and what its booked refunds leave."""

    booked: Transaction
    rules: Rules
    amount_left: int
    voucher_left: int

    def earned_on(self, amount: int, voucher: int) -> Earned:
        return earn(amount, voucher, self.booked.rate, self.booked.voucher > 0, self.rules)


class Book:
    """All transactions booked so far."""

    def __init__(self, rulebook: Rulebook, reference: Reference) -> None:
        self.rulebook, self.reference = rulebook, reference
        self.transactions: list[Transaction] = []
        self.purchases: dict[tuple[str, date], Purchase] = {}


def earn(amount: int, voucher: int, rate: int, used_voucher: bool, rules: Rules) -> Earned:
    """SPEC 4. `used_voucher`: the purchase as made, whatever was refunded since.

    100.00 at 10 % -> concession 10.00, points 10.00, member coins 50.00 at 5 per yuan.
    """
    base = {"full": amount, "cash": amount - voucher, "none": 0 if used_voucher else amount}[rules.voucher_spend]
    concession = half_up(amount * rate, PICO)
    return Earned(
        concession=concession,
        points=half_up(base * rate * rules.points_per_yuan, PICO * PICO),
        member_coins=toward_zero(concession * rules.member_coins_per_yuan),
        merchant_coins=toward_zero(concession * rules.merchant_coins_per_yuan),
    )


def book_day(book: Book, intake: DayIntake) -> list[Transaction]:
    """Steps 7 and 8 of what steps 1 to 6 left; refused rows join `intake.refused`."""
    readings = sorted(intake.readings, key=lambda reading: reading.row_id)
    purchases = [reading for reading in readings if reading.values["kind"] == "purchase"]
    booked = [t for reading in purchases if (t := _purchase(book, intake, reading))]
    exceeded: set[tuple[str, date]] = set()
    for reading in readings:
        if reading.values["kind"] == "refund":
            reason = _refund_refused(book, reading, exceeded)
            if reason:
                intake.refuse(reading, reason)
            else:
                booked.append(_refund(book, intake.day, reading))
    book.transactions += booked
    return booked


def _purchase(book: Book, intake: DayIntake, reading: Reading) -> Transaction | None:
    day, values = intake.day, reading.values
    rules = book.rulebook.at(reading.occurred_at)
    merchant = book.reference.merchant(values["merchant_id"], reading.occurred_at)
    assert merchant is not None
    rate = values["concession_rate"]
    rate = merchant["concession_rate"] if rate is None else rate
    if not rules.concession_min <= rate <= rules.concession_max:
        intake.refuse(reading, "concession_out_of_range")
        return None
    amount, voucher = in_fen(reading.amount), in_fen(reading.voucher)
    assert amount is not None
    assert voucher is not None
    region, pools = merchant["region_code"], book.rulebook.on(day)
    booked = Transaction(
        business_date=day,
        txn_id=reading.row_id,
        kind="purchase",
        occurred_at=reading.occurred_at,
        member_id=values["member_id"],
        merchant_id=values["merchant_id"],
        amount=amount,
        voucher=voucher,
        rate=rate,
        original_txn_id=None,
        lot_date=day,
        earned=earn(amount, voucher, rate, voucher > 0, rules),
        bound_merchant_id=bound_merchant(book.reference, rules, reading),
        referrer_id=earning_referrer(book.reference, rules, reading),
        promoter_id=book.reference.promoter_of(values["merchant_id"], day),
        region=region,
        pools=(pools.pool_of("member", region), pools.pool_of("merchant", region)),
        is_late=business_date(reading.occurred_at) < day,
    )
    book.purchases[booked.txn_id, day] = Purchase(booked, rules, amount, voucher)
    return booked


def _refund_refused(book: Book, reading: Reading, exceeded: set[tuple[str, date]]) -> str | None:
    """Step 8."""
    values = reading.values
    key = (values["original_txn_id"], values["original_date"])
    purchase = book.purchases.get(key)
    if purchase is None:
        return "unknown_original"
    if (values["member_id"], values["merchant_id"]) != (
        purchase.booked.member_id,
        purchase.booked.merchant_id,
    ):
        return "refund_mismatch"
    amount = purchase.amount_left - reading.amount * 100
    voucher = purchase.voucher_left - reading.voucher * 100
    if key in exceeded or amount < 0 or voucher < 0 or voucher > amount:
        exceeded.add(key)
        return "refund_exceeds_purchase"
    return None


def _refund(book: Book, day: date, reading: Reading) -> Transaction:
    values = reading.values
    purchase = book.purchases[values["original_txn_id"], values["original_date"]]
    amount, voucher = in_fen(reading.amount), in_fen(reading.voucher)
    assert amount is not None
    assert voucher is not None
    before = purchase.earned_on(purchase.amount_left, purchase.voucher_left)
    purchase.amount_left -= amount
    purchase.voucher_left -= voucher
    after = purchase.earned_on(purchase.amount_left, purchase.voucher_left)
    return Transaction(
        business_date=day,
        txn_id=reading.row_id,
        kind="refund",
        occurred_at=reading.occurred_at,
        member_id=values["member_id"],
        merchant_id=values["merchant_id"],
        amount=amount,
        voucher=voucher,
        rate=purchase.booked.rate,
        original_txn_id=values["original_txn_id"],
        lot_date=purchase.booked.lot_date,
        earned=after.minus(before),
        bound_merchant_id=purchase.booked.bound_merchant_id,
        referrer_id=purchase.booked.referrer_id,
        promoter_id=purchase.booked.promoter_id,
        region=purchase.booked.region,
        pools=purchase.booked.pools,
        is_late=business_date(reading.occurred_at) < day,
    )
