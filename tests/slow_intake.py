"""A slow reading of the intake rules (SPEC 3) over a simulated world, row by row."""

import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.simulated import Row, reference


def shape(row: Row, day: date) -> str | None:
    """Steps 1 to 4 of SPEC 3."""
    amount = r"-?[0-9]{1,16}(\.[0-9]+)?"
    readable = (
        row["kind"] in ("purchase", "refund")
        and row["channel"] in ("", "online", "offline")
        and all(re.fullmatch("[0-9]+", row[column]) for column in ("member_id", "merchant_id"))
        and re.fullmatch(amount, row["amount"])
        and re.search(r"[+]\d\d:\d\d$", row["occurred_at"])
    )
    if not readable:
        return "malformed"
    paid, voucher = Decimal(row["amount"]), Decimal(row["voucher_amount"] or 0)
    if not (0 <= voucher <= paid > 0 and paid == round(paid, 2) and voucher == round(voucher, 2)):
        return "bad_amount"
    own = datetime.fromisoformat(row["occurred_at"]).date()
    if own > day:
        return "future_dated"
    return "too_late" if own < day - timedelta(days=30) else None


def _content(row: Row) -> tuple[object, ...]:
    return (
        *(row[column] for column in ("occurred_at", "member_id", "merchant_id", "original_txn_id")),
        Decimal(row["amount"]),
        row["channel"] or "online",
    )


class SlowIntake:
    """Every day's reasons of a whole world."""

    def __init__(self, landing: Path) -> None:
        self.joined = {row["member_id"]: row["joined_at"] for row in reference(landing, "members")}
        self.rates: dict[str, list[Row]] = defaultdict(list)
        for row in reference(landing, "merchants"):
            self.rates[row["merchant_id"]].append(row)
        self.left: dict[tuple[str, str], tuple[Row, list[Decimal]]] = {}
        self.closed_refunds = 0

    def day(self, rows: list[Row], day: date) -> Counter[str]:
        reasons = [shape(row, day) for row in rows]
        sound = [row for row, reason in zip(rows, reasons, strict=True) if reason is None]
        contents = defaultdict(set)
        for row in sound:
            contents[row["txn_id"]].add(_content(row))
        seen: set[str] = set()
        refunds = []
        for row in sound:
            reason = self._again(row, day, contents[row["txn_id"]], seen) or self._unknown(row)
            if reason is None and row["kind"] == "refund":
                refunds.append(row)
            elif reason is None:
                reason = self._purchase(row, day)
            reasons.append(reason)
        reasons += [self._refund(row, day) for row in sorted(refunds, key=lambda row: row["txn_id"])]
        return Counter(reason for reason in reasons if reason)

    def _again(self, row: Row, day: date, contents: set[tuple[object, ...]], seen: set[str]) -> str | None:
        if len(contents) > 1:
            return "conflicting_duplicate"
        if row["txn_id"] in seen:
            return "duplicate"
        seen.add(row["txn_id"])
        own = date.fromisoformat(row["occurred_at"][:10])
        earlier = ((own + timedelta(days=n)).isoformat() for n in range((day - own).days))
        return "already_booked" if any((row["txn_id"], date_) in self.left for date_ in earlier) else None

    def _unknown(self, row: Row) -> str | None:
        if self.joined.get(row["member_id"], "9") > row["occurred_at"]:
            return "unknown_member"
        rates = self.rates.get(row["merchant_id"])
        return None if rates and rates[0]["valid_from"] <= row["occurred_at"] else "unknown_merchant"

    def _purchase(self, row: Row, day: date) -> str | None:
        if row["concession_rate"] and not 3 <= 100 * Decimal(row["concession_rate"]) <= 20:
            return "concession_out_of_range"
        left = [Decimal(row["amount"]), Decimal(row["voucher_amount"] or 0)]
        self.left[row["txn_id"], day.isoformat()] = row, left
        return None

    def _refund(self, row: Row, day: date) -> str | None:
        bought, left = self.left.get((row["original_txn_id"], row["original_date"]), ({}, []))
        if not bought:
            return "unknown_original"
        if any(row[column] != bought[column] for column in ("member_id", "merchant_id")):
            return "refund_mismatch"
        rest = [left[0] - Decimal(row["amount"]), left[1] - Decimal(row["voucher_amount"] or 0)]
        if not 0 <= rest[1] <= rest[0]:
            return "refund_exceeds_purchase"
        left[:] = rest
        self.closed_refunds += (day - date.fromisoformat(row["original_date"])).days > 31
        return None
