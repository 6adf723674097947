"""The feeds of the landing zone, by name and column (SPEC 2).

Values are text until intake has read them: here is which columns there are, not what is allowed in them.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl


@dataclass(frozen=True)
class Feed:
    """One daily feed: its folder under ``landing/``, the columns it must have, the one that names a row."""

    name: str
    columns: tuple[str, ...]
    id_column: str
    amounts: tuple[str, ...]
    """Yuan, vouchers or coins, at most two decimals."""
    required: bool = False
    """Whether a day without its folder stops the run (exit code 11)."""


TRANSACTIONS: Final = Feed(
    name="transactions",
    columns=(
        "txn_id",
        "kind",
        "occurred_at",
        "member_id",
        "merchant_id",
        "amount",
        "voucher_amount",
        "concession_rate",
        "original_txn_id",
        "original_date",
        "channel",
    ),
    id_column="txn_id",
    amounts=("amount", "voucher_amount"),
    required=True,
)
"""Purchases and refunds of a day: the one feed that must be there."""

COIN_REDEMPTIONS: Final = Feed(
    name="coin_redemptions",
    columns=("redemption_id", "occurred_at", "holder_kind", "holder_id", "coins"),
    id_column="redemption_id",
    amounts=("coins",),
)
"""Coins spent in the coin mall."""

PAYOUTS: Final = Feed(
    name="payouts",
    columns=("payout_id", "occurred_at", "holder_kind", "holder_id", "asset", "amount"),
    id_column="payout_id",
    amounts=("amount",),
)
"""What the platform has really paid out, or bought back in vouchers."""

FEEDS: Final = (TRANSACTIONS, COIN_REDEMPTIONS, PAYOUTS)

ROW_COLUMNS: Final = {
    "file": pl.String(),
    "position": pl.Int64(),
    "torn": pl.String(),
}
"""What stands beside the values of every row that was read from a file.

* ``file``: base name of the file.
* ``position``: 1-based number of the data row in it; torn rows count, blank lines do not.
* ``torn``: the raw text of a CSV row with too few or too many cells, whose values go as far as its cells do; else null.
"""


def row_schema(columns: tuple[str, ...]) -> pl.Schema:
    """The frame of rows as read: every column as text, then `ROW_COLUMNS`."""
    return pl.Schema({**dict.fromkeys(columns, pl.String()), **ROW_COLUMNS})
