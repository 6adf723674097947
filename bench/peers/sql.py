"""SQL in parts: sections of a file, lists of files as literals, and empty relations in place of missing ones."""

from collections.abc import Iterable, Iterator

COLUMNS = {
    "transactions": (
        "txn_id varchar, business_date date, kind varchar, member_id bigint, merchant_id bigint, amount_fen bigint,"
        " voucher_fen bigint, concession_rate_pico bigint, bound_merchant_id bigint, referrer_id bigint,"
        " promoter_id bigint, region_code varchar, lot_date date, points_fen bigint, member_pool varchar,"
        " merchant_pool varchar"
    ),
    "refunds": "original_date date, original_txn_id varchar, amount_fen bigint, voucher_fen bigint",
    "positions": "pool varchar, cohort_no integer, holder_id bigint, points_fen bigint",
    "position_changes": "pool varchar, cohort_no integer, holder_id bigint, points_fen bigint",
    "coin_redemptions": (
        "redemption_id varchar, occurred_at varchar, holder_kind varchar, holder_id varchar, coins varchar"
    ),
    "payouts": (
        "payout_id varchar, occurred_at varchar, holder_kind varchar, holder_id varchar, asset varchar, amount varchar"
    ),
}


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Name and text of each part that begins with `-- section: NAME`."""
    for part in text.split("-- section: ")[1:]:
        name, _, sql = part.partition("\n")
        yield name.strip(), sql


def nothing(table: str) -> str:
    """A relation without rows that has the columns of a table or feed."""
    columns = ", ".join(f"null::{kind} as {name}" for name, kind in (c.split(" ") for c in COLUMNS[table].split(", ")))
    return f"(select {columns} where false)"


def quoted(path: str) -> str:
    """A text literal."""
    return "'" + path.replace("'", "''") + "'"


def listed(paths: Iterable[str]) -> str:
    """A list literal."""
    return "[" + ", ".join(map(quoted, paths)) + "]"
