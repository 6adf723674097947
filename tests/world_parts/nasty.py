"""One cell of a row replaced by what a sender may really send: mostly unreadable, sometimes just unusual."""

from random import Random

from tests.world_parts.chance import often
from tests.world_parts.references import Row

Cells = tuple[str | None, ...]

TORN = "__torn__"
"""A key that no feed has: the row is written with too few (``-``) or too many (``+``) cells."""

AMOUNTS: Cells = (
    None,
    "abc",
    "1e3",
    "+5",
    "1,000",
    " 5",
    "5 ",
    "5.",
    ".5",
    "12345678901234567",
    "１２",
    "0",
    "0.00",
)
AMOUNTS += ("-5", "-0.00", "1.234", "1.230", "007.50", "NaN", "1_000", "0.005", "4.00000000000000000000")
IDENTIFIERS: Cells = (
    None,
    "0",
    "-1",
    "1.0",
    "9223372036854775808",
    "007",
    "0000000000000000000000002",
    "x",
    "１",
    " 1",
)
IDENTIFIERS += ("99999999999999999999999", "+1")
MOMENTS: Cells = (
    None,
    "2019-01-05",
    "2019-01-05T10:00:00",
    "2019-02-30T10:00:00Z",
    "2019-01-05 10:00:00+08:00",
)
MOMENTS += ("2019-01-05T24:00:00Z", "2019-01-05T10:00:60Z", "2019-01-05t10:00:00z", "2019-01-05T10:00:00.Z")
MOMENTS += ("2019-01-05T10:00:00.1234567890Z", "2019-01-05T10:00:00+8:00", "2019-1-5T10:00:00Z", "yesterday")
MOMENTS += ("2019-01-05T10Z", "2019-13-01T10:00:00Z", "20190105T100000Z", "2019-01-05T10:00:00+25:00")
MOMENTS += ("1999-12-31T23:59:59.999999999Z", "2999-01-01T00:00:00Z", "2019-01-05T10:61:00Z")
VOUCHERS: Cells = ("-1", "99999999", "0.001", "x", "-0", "0.000", "1e0")
RATES: Cells = (
    "0.0000000000001",
    "0.1000000000000",
    "-0.1",
    "5",
    "9999999999999999",
    "x",
    "1e-1",
    "10%",
    "-0.0",
    ".1",
)
DATES: Cells = (
    None,
    "2019-13-01",
    "2019-1-1",
    "01/02/2019",
    "2019-02-29",
    "20190101",
    "2019-01-05T00:00:00Z",
)

CELLS: dict[str, Cells] = {
    "kind": (None, "Purchase", "return", "refund ", "refund"),
    "occurred_at": MOMENTS,
    "member_id": IDENTIFIERS,
    "merchant_id": IDENTIFIERS,
    "holder_id": IDENTIFIERS,
    "amount": AMOUNTS,
    "coins": AMOUNTS,
    "voucher_amount": VOUCHERS,
    "concession_rate": RATES,
    "original_date": DATES,
    "original_txn_id": (None,),
    "channel": ("Online", "store", "offline ", "0"),
    "holder_kind": (None, "members", "promoter", "partner", "member"),
    "asset": (None, "points", "coins", "Cash", "voucher"),
    "txn_id": (None,),
    "redemption_id": (None,),
    "payout_id": (None,),
}


def spoil(rng: Random, row: Row) -> Row:
    if often(rng, 6):
        return row | {TORN: rng.choice("+-")}
    column = rng.choice([column for column in CELLS if column in row])
    return row | {column: rng.choice(CELLS[column])}
