"""Rows to files: several a day, CSV or Parquet, columns in any order, text or typed."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.oracle.cells import AMOUNT, read_date, read_identifier, read_moment
from tests.oracle.feeds import RawRow
from tests.oracle.readings import read_transaction
from tests.world_parts.chance import chance, often, pick
from tests.world_parts.nasty import TORN
from tests.world_parts.references import Row

NAMES = ("a", "b", "A", "10", "9", "orders", "part-0")
IDENTIFIERS = ("member_id", "merchant_id", "holder_id", "referrer_id", "promoter_id", "mentor_id", "agent_id")
AMOUNTS = ("amount", "voucher_amount", "concession_rate", "coins", "share")
MOMENTS = ("occurred_at", "joined_at", "bound_at")
DATES = ("original_date", "valid_to")


@dataclass(frozen=True)
class File:
    """A file of a world: text to be written as it stands, or a Parquet table."""

    text: str = ""
    table: pa.Table | None = None

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.table is None:
            path.write_bytes(self.text.encode())
        else:
            pq.write_table(self.table, path)


def day_files(rng: Random, folder: str, columns: Sequence[str], rows: list[Row]) -> dict[str, File]:
    """Spread over one to three files; without rows, a header alone."""
    names = rng.sample(NAMES, rng.choice((1, 1, 1, 2, 3)))
    spread: dict[str, list[Row]] = {name: [] for name in names}
    for row in rows:
        spread[rng.choice(names)].append(row)
    files: dict[str, File] = {}
    for name, part in spread.items():
        whole = not any(TORN in row for row in part)
        if whole and often(rng, 20):
            files[f"{folder}/{name}.parquet"] = File(table=_table(rng, columns, part, often(rng, 60)))
        else:
            files[f"{folder}/{name}.csv"] = File(_csv(rng, columns, part))
    return files


def reference_file(rng: Random, name: str, columns: Sequence[str], rows: list[Row]) -> dict[str, File]:
    """One file; the rows in any order."""
    shuffled = rng.sample(rows, len(rows))
    if often(rng, 25):
        return {f"reference/{name}.parquet": File(table=_table(rng, columns, shuffled, often(rng, 60)))}
    return {f"reference/{name}.csv": File(_csv(rng, columns, shuffled))}


def control(rng: Random, rows: list[Row], columns: Sequence[str]) -> File:
    """The sender's count and sum of what can be read."""
    raw = [RawRow({c: row.get(c) for c in columns}, torn=TORN in row) for row in rows]
    readable = [reading for row in raw if (reading := read_transaction(row))]
    amount = sum((reading.amount for reading in readable), Fraction(0))
    return File(json.dumps({"rows": len(readable), "amount": exact(amount)}))


def exact(amount: Fraction) -> str:
    """All decimals of an amount, however many."""
    digits = 30
    whole = amount * 10**digits
    assert whole.denominator == 1
    return format(Decimal(f"{int(whole)}e-{digits}"), "f")


def _arranged(rng: Random, columns: Sequence[str]) -> list[str]:
    """Sometimes in another order, sometimes with a column that nobody asked for."""
    names = list(columns)
    if often(rng, 30):
        rng.shuffle(names)
    if often(rng, 20):
        names.insert(rng.randint(0, len(names)), "remark")
    return names


def _csv(rng: Random, columns: Sequence[str], rows: list[Row]) -> str:
    names = _arranged(rng, columns)
    text, ending = io.StringIO(), pick(rng, "\n", "\n", "\r\n")
    writer = csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL if often(rng, 30) else csv.QUOTE_MINIMAL)
    writer.writerow(names)
    for row in rows:
        cells = [row.get(name) or "" for name in names]
        if row.get(TORN) == "-":
            cells = cells[: rng.randint(1, len(cells) - 1)]
            cells[0] = cells[0] or "x"
        elif row.get(TORN) == "+":
            cells.append(pick(rng, "", "x"))
        writer.writerow(cells)
        if often(rng, 3):
            text.write(ending)
    written = text.getvalue()
    # A torn last row without a line end is a file cut off in the middle: a case of its own among the troubles.
    unended = bool(rows) and often(rng, 20) and TORN not in rows[-1]
    return written.removesuffix(ending) if unended else written


def _table(rng: Random, columns: Sequence[str], rows: list[Row], typed: bool) -> pa.Table:
    names = _arranged(rng, columns)
    empty = pick(rng, None, "")
    arrays = []
    for name in names:
        texts = [row.get(name, "nothing" if name == "remark" else None) for row in rows]
        array = _typed(rng, name, texts) if typed else None
        cells = [empty if text is None else text for text in texts]
        plain = pa.array(cells, pick(rng, pa.string(), pa.large_string())) if array is None else array
        arrays.append(_retyped(plain))
    return pa.table(arrays, names=names)


def _retyped(array: pa.Array) -> pa.Array:
    """Now and then another Parquet type of the same values; drawn apart, so that a seed's rows stay what they were."""
    rng, kind = chance("type", array.to_string(window=1000)), array.type
    if often(rng, 60):
        return array
    if pa.types.is_timestamp(kind):
        return array.cast(pa.timestamp(kind.unit, pick(rng, "+08:00", "America/New_York", "Z")))
    if pa.types.is_decimal(kind):
        return array.cast(pa.decimal256(60, kind.scale))
    if pa.types.is_integer(kind):
        return array.cast(pa.decimal128(20, 0))
    return array if pa.types.is_date(kind) else array.dictionary_encode()


def _typed(rng: Random, name: str, texts: list[str | None]) -> pa.Array | None:
    """The column in its own type, or None where a cell has none."""
    if name in IDENTIFIERS:
        return _converted(texts, read_identifier, pick(rng, pa.int64(), pa.uint64()))
    if name in AMOUNTS:
        return _converted(texts, _decimal, pa.decimal128(38, rng.choice((12, 14))))
    if name in DATES or (name == "valid_from" and all(len(text or "") <= 10 for text in texts)):
        return _converted(texts, read_date, pa.date32())
    if name in MOMENTS or name == "valid_from":
        unit, zone = pick(rng, "us", "ns"), pick(rng, "UTC", "Asia/Shanghai")
        micros = _converted(texts, _micros, pa.int64())
        if micros is None:
            return None
        return micros.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp(unit, zone))
    return None


def _converted(texts: list[str | None], reader: Callable[[str], Any], kind: pa.DataType) -> pa.Array | None:
    values = [None if text is None else reader(text) for text in texts]
    if any(value is None and text is not None for value, text in zip(values, texts, strict=True)):
        return None
    return pa.array(values, kind)


def _decimal(text: str) -> Decimal | None:
    """Only what has at most 12 decimals fits the column."""
    if not AMOUNT.fullmatch(text) or len(text.partition(".")[2].rstrip("0")) > 12:
        return None
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _micros(text: str) -> int | None:
    moment = read_moment(text)
    if moment is None or not date(1970, 1, 1) < moment.date() < date(2200, 1, 1):
        return None
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86400 + whole.seconds) * 10**6 + whole.microseconds
