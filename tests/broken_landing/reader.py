"""The slow reader: SPEC 2 and 3 from their words alone, character by character. It shares no code with the engine."""

import re
from dataclasses import dataclass
from decimal import Decimal

from tests.broken_landing.world import SECOND, Zone

COLUMNS = {
    "transactions": [
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
    ],
    "payouts": ["payout_id", "occurred_at", "holder_kind", "holder_id", "asset", "amount"],
    "coin_redemptions": ["redemption_id", "occurred_at", "holder_kind", "holder_id", "coins"],
}
AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]+)?")
TABLES = ("members", "merchants", "bindings", "promoters", "merchant_promoters", "agents", "partners")


class RefusedError(Exception):
    """The run has to be refused, and why."""


@dataclass
class Counted:
    """What came in on the second day, all feeds together. `fen`: of amounts with at most two decimals in value."""

    rows: int = 0
    fen: int = 0


def count(zone: Zone) -> Counted:
    """What a run over the second day has to account for. Raises RefusedError where it must not run."""
    _require_names(zone)
    found = Counted()
    for feed, columns in COLUMNS.items():
        for name in sorted(_of_day(zone, feed)):
            if name.endswith(".csv"):
                _count_file(_content(zone, name), columns, found)
    if not any(name.endswith((".csv", ".parquet")) for name in _of_day(zone, "transactions")):
        raise RefusedError("no transactions")
    return found


def _of_day(zone: Zone, feed: str) -> list[str]:
    folder = f"{feed}/day={SECOND}/"
    names = [name for name in (*zone.files, *zone.made) if name.startswith(folder)]
    return [name for name in names if not name.rpartition("/")[2].startswith((".", "_"))]


def _content(zone: Zone, name: str) -> bytes:
    made = zone.made.get(name, "")
    if not made.startswith("link:"):
        return zone.files[name]
    return zone.files[f"{name.rpartition('/')[0]}/{made.removeprefix('link:')}"]


def _require_names(zone: Zone) -> None:
    for name in (*zone.files, *zone.made):
        parts = name.split("/")
        if any(part.startswith((".", "_")) for part in parts):
            continue
        if parts[0] == "reference":
            table = re.fullmatch(r"(\w+)\.(csv|parquet)", "/".join(parts[1:]))
            if not table or table[1] not in TABLES or name in zone.made:
                raise RefusedError(name)
        elif parts[0] in COLUMNS:
            _require_feed_name(parts[1:], name, zone)


def _require_feed_name(parts: list[str], name: str, zone: Zone) -> None:
    if not re.fullmatch(r"day=\d{4}-\d\d-\d\d", parts[0]) or parts[0] == "day=2019-02-30":
        raise RefusedError(name)
    if parts[0] != f"day={SECOND}" or len(parts) == 1:
        return
    if len(parts) > 2 or not re.fullmatch(r".*\.(csv|parquet)|control\.json", parts[1], re.S):
        raise RefusedError(name)
    made = zone.made.get(name, "")
    aim = f"{name.rpartition('/')[0]}/{made.removeprefix('link:')}"
    if made in ("dir", "fifo", "socket") or (made.startswith("link:") and aim not in zone.files):
        raise RefusedError(name)


def _count_file(content: bytes, columns: list[str], found: Counted) -> None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise RefusedError("not UTF-8") from None
    header, *rows = records(text.removeprefix("\ufeff"))
    if any(header.count(name) != 1 for name in columns):
        raise RefusedError("columns")
    if rows and len(rows[-1]) != len(header) and not text.endswith(("\n", "\r")):
        raise RefusedError("the last line is no row")
    place = header.index("coins" if "coins" in columns else "amount")
    for row in rows:
        found.rows += 1
        if len(row) == len(header) and AMOUNT.fullmatch(row[place]):
            fen = Decimal(row[place]) * 100
            found.fen += int(fen) if fen == int(fen) else 0


def records(text: str) -> list[list[str]]:
    """The cells of every line that is not blank. Raises RefusedError for a quote that SPEC 2 does not allow."""
    lines: list[list[str]] = []
    cells, cell, state, place = [], "", "begin", 0
    while place < len(text):
        one = text[place]
        place += 1
        if state == "quoted":
            state, cell = ("closed", cell) if one == '"' else ("quoted", cell + one)
        elif one == '"' and state == "closed":
            state, cell = "quoted", cell + '"'
        elif one == '"' and state == "begin":
            state = "quoted"
        elif one == '"':
            raise RefusedError("a quote within a cell")
        elif one == ",":
            cells, cell, state = [*cells, cell], "", "begin"
        elif one in "\r\n":
            place += one == "\r" and text[place : place + 1] == "\n"
            if cells or cell or state != "begin":
                lines.append([*cells, cell])
            cells, cell, state = [], "", "begin"
        elif state == "closed":
            raise RefusedError("text after a closing quote")
        else:
            cell, state = cell + one, "plain"
    if state == "quoted":
        raise RefusedError("an open quote")
    if cells or cell or state != "begin":
        lines.append([*cells, cell])
    if not lines:
        raise RefusedError("no header")
    return lines
