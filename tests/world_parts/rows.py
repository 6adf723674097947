"""Random daily feeds, as rows of text cells: good ones, late ones, repeated ones, refunds of all sorts."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from tests.world_parts.chance import SHANGHAI, chance, moment_on, often, pick, write_moment
from tests.world_parts.nasty import spoil
from tests.world_parts.references import LARGEST, Cast, Row

RATES = ("0.08", "0.05", "0.20", "0.050", "0.123456789012", "0.2000000000000", "0.111111111111", "0.03")
SOON = timedelta(days=3)
BAD_RATES = ("0.31", "0.0299", "0", "0.200000000001")


@dataclass
class Sold:
    """A purchase that was written, as far as a later row may want to refer to it."""

    day: date
    moment: datetime
    row: Row
    amount: int
    voucher: int
    left: list[int]  # amount and voucher that refunds may still take, as far as they are booked


@dataclass
class Author:
    """Writes the feeds of one world, day after day, remembering what it wrote."""

    seed: int
    who: Cast
    max_rows: int
    mess: int  # percent of rows that are spoiled
    plain: bool = False  # amounts in hundreds: thresholds are met exactly
    returns_from: int = 999  # the day from which most rows are refunds: months below zero
    sold: list[Sold] = field(default_factory=list)
    spent: list[tuple[str, Row]] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)

    def transactions(self, day: date, number: int) -> list[Row]:
        rng = chance(self.seed, "day", number)
        rows: list[Row] = []
        for place in range(rng.randint(0, self.max_rows)):
            share = 26 if number < self.returns_from else 80
            rows += self._some_rows(chance(self.seed, "day", number, place), day, rows, share)
        return rows

    def _some_rows(self, rng: Random, day: date, today: list[Row], refunds: int) -> list[Row]:
        draw = rng.random() * 100
        if draw < refunds and self.sold:
            rows = self._refunds(rng, day)
        elif draw < refunds + 6 and self.sold:
            rows = [self._again(rng, day)]
        elif draw < refunds + 12 and today:
            rows = [double(rng, rng.choice(today))]
        else:
            rows = [self._purchase(rng, day)]
        if often(rng, self.mess):
            rows.append(spoil(rng, rows.pop()))
        return rows

    def _name(self, rng: Random, kind: str) -> str:
        """Mostly new; sometimes from a handful that comes back, for same ids on other days."""
        if often(rng, 15):
            return rng.choice(("a", "B", "a1", "甲", "é", "Z"))
        self.counters[kind] += 1
        return f"{kind}{self.counters[kind]}"

    def _moment(self, rng: Random, day: date) -> datetime:
        near = [edge for edge in self.who.edges if timedelta() <= day - edge.astimezone(SHANGHAI).date() < SOON]
        if near and often(rng, 25):
            return rng.choice(near)
        draw = rng.random() * 100
        if draw < 88:
            return moment_on(rng, day)
        if draw < 89:
            return moment_on(rng, day + timedelta(days=1))
        return moment_on(rng, day - timedelta(days=rng.choice((1, 1, 2, 3, 6, 31))))

    def _purchase(self, rng: Random, day: date) -> Row:
        amount = rng.choice((rng.randint(1, 60000), rng.randint(1, 60000), rng.randint(1, 90), 12345, 10000))
        if self.plain:
            amount = rng.choice((10000, 10000, 20000, 30000))
        voucher = rng.choice((0, 0, 0, amount, rng.randint(0, amount), rng.randint(0, amount // 2)))
        moment = self._moment(rng, day)
        member = 99 if often(rng, 2) else rng.choice(self.who.members)
        if often(rng, 3) and member in self.who.joined:
            moment = self.who.joined[member] + timedelta(days=rng.choice((1, 3, 10)))  # the referral's edge
        row: Row = {
            "txn_id": self._name(rng, "t"),
            "kind": "purchase",
            "occurred_at": write_moment(rng, moment),
            "member_id": str(member),
            "merchant_id": str(99 if often(rng, 2) else rng.choice(self.who.merchants)),
            "amount": yuan(rng, amount),
            "voucher_amount": yuan(rng, voucher) if voucher or often(rng, 30) else None,
            "concession_rate": rng.choice(BAD_RATES if often(rng, 8) else RATES)
            if often(rng, 5 if self.plain else 35)
            else None,
            "original_txn_id": None,
            "original_date": None,
            "channel": pick(rng, "online", "offline", None),
        }
        self.sold.append(Sold(day, moment, row, amount, voucher, [amount, voucher]))
        return row

    def _refunds(self, rng: Random, day: date) -> list[Row]:
        whole = [sold for sold in self.sold if sold.left[0] > 0] if often(rng, 90) else []
        pool = whole or self.sold
        sold = rng.choice(pool[-12:] if often(rng, 50) else pool)
        return [self._refund(rng, day, sold) for _ in range(rng.choice((1, 1, 1, 2, 3)))]

    def _refund(self, rng: Random, day: date, sold: Sold) -> Row:
        amount, voucher = _part(rng, sold)
        moment = moment_on(rng, day)
        if often(rng, 15):
            moment = moment_on(rng, sold.day - timedelta(days=rng.choice((0, 1, 2))))  # may be before it
        row = dict(
            sold.row,
            txn_id=self._name(rng, "r"),
            kind="refund",
            occurred_at=write_moment(rng, moment),
            amount=yuan(rng, amount),
            voucher_amount=yuan(rng, voucher) if voucher else pick(rng, None, "0"),
            concession_rate=pick(rng, None, None, "0.5", "nonsense"),
            original_txn_id=sold.row["txn_id"],
            original_date=sold.day.isoformat(),
        )
        draw = rng.random() * 100
        if draw < 4:
            row["original_txn_id"] = "nobody"
        elif draw < 7:
            row["original_date"] = (sold.day + timedelta(days=rng.choice((-1, 1)))).isoformat()
        elif draw < 10:
            row["member_id"] = str(rng.choice(self.who.members))
        elif draw < 13:
            row["merchant_id"] = str(rng.choice(self.who.merchants))
        elif draw < 14:
            row["amount"] = "9999999999999999.99"
        return row

    def _again(self, rng: Random, day: date) -> Row:
        """A row that was sent before, unchanged or not; late, unless it is today's."""
        row = double(rng, rng.choice(self.sold[-6:]).row)
        return dict(row, amount="77.77") if often(rng, 20) else row

    def coin_redemptions(self, day: date, number: int) -> list[Row]:
        return self._optional(day, "coin_redemptions", number)

    def payouts(self, day: date, number: int) -> list[Row]:
        return self._optional(day, "payouts", number)

    def _optional(self, day: date, feed: str, number: int) -> list[Row]:
        rng = chance(self.seed, feed, number)
        rows: list[Row] = []
        for _ in range(rng.choice((0, 0, 0, 0, 1, 3)) if self.max_rows else 0):
            row = self._spending(rng, day, feed)
            if self.spent and often(rng, 10):
                row = next((double(rng, old) for kind, old in self.spent[-4:] if kind == feed), row)
            rows.append(spoil(rng, row) if often(rng, self.mess) else row)
            self.spent.append((feed, row))
        return rows

    def _spending(self, rng: Random, day: date, feed: str) -> Row:
        row_id, amount = self._name(rng, feed[0]), yuan(rng, rng.choice((1, 333, rng.randint(1, 20000))))
        occurred_at = write_moment(rng, self._moment(rng, day))
        kind = pick(rng, "member", "merchant")
        if feed == "coin_redemptions":
            row: Row = {"redemption_id": row_id, "coins": amount}
        else:
            row = {"payout_id": row_id, "amount": amount, "asset": pick(rng, "cash", "cash", "voucher")}
            if row["asset"] == "cash" and often(rng, 90):
                kind = pick(rng, "merchant", "promoter", "agent", "partner")
        holder = str(99 if often(rng, 5) else self._holder(rng, kind))
        return row | {"occurred_at": occurred_at, "holder_kind": kind, "holder_id": holder}

    def _holder(self, rng: Random, kind: str) -> int:
        who = {
            "member": self.who.members,
            "merchant": self.who.merchants,
            "promoter": self.who.promoters,
            "agent": self.who.agents,
            "partner": self.who.partners,
        }[kind]
        return rng.choice(who or [1, LARGEST])


def _part(rng: Random, sold: Sold) -> tuple[int, int]:
    """What a refund gives back: all of it, a part in proportion, or something that does not go."""
    draw, (amount, voucher) = rng.random() * 100, sold.left
    if draw < 35 and amount > 0:
        sold.left[:] = [0, 0]
        return amount, voucher
    if draw < 75 and amount > 0:
        part = rng.randint(1, max(1, amount // 2))
        part_voucher = min(part, -(-voucher * part // amount))
        sold.left[:] = [amount - part, voucher - part_voucher]
        return part, part_voucher
    if draw < 85:
        return rng.choice((1, sold.amount, sold.amount + 1)), 0
    amount = rng.randint(1, sold.amount)
    return amount, rng.randint(0, min(amount, sold.voucher + 1))


def yuan(rng: Random, fen: int) -> str:
    """12.30, 12.3, 12.300, 012.30: all the same amount."""
    text = f"{fen // 100}.{fen % 100:02}"
    draw = rng.random() * 100
    if draw < 10:
        return text + "00"
    if draw < 20:
        return text.rstrip("0").rstrip(".")
    return "00" + text if draw < 23 else text


def double(rng: Random, row: Row) -> Row:
    """The same row again, written otherwise, or with one thing changed."""
    draw, again = rng.random() * 100, dict(row)
    if draw < 25:
        return again
    if draw < 60:
        if again.get("channel") == "online":
            again["channel"] = None
        if again.get("voucher_amount") is None and "voucher_amount" in again:
            again["voucher_amount"] = "0.0"
        if again.get("kind") == "purchase":
            again["original_txn_id"] = "whatever"  # a column that purchases do not use
        column = "coins" if "coins" in again else "amount"
        again[column] = (again[column] or "") + ("0" if "." in (again[column] or "") else ".00")
        return again
    if draw < 80:
        column = rng.choice([column for column in again if column in ("channel", "amount", "coins", "asset")])
        again[column] = {"channel": "offline", "asset": "voucher"}.get(column, "3.21")
        return again
    if "concession_rate" in again:
        again["concession_rate"] = rng.choice(RATES)
    return again
