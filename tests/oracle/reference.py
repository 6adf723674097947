"""The reference files, checked (SPEC 2) and asked as of a moment or a date."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.oracle.cells import read_date, read_identifier, read_moment, read_rate
from tests.oracle.feeds import read_file
from tests.oracle.reference_checks import check_reference
from tests.oracle.units import OracleRefusal

Reader = Callable[[str], Any]


def _region(digits: tuple[int, ...]) -> Reader:
    return lambda text: text if text.isascii() and text.isdigit() and len(text) in digits else None


# name -> column -> how it is read; a leading "?" marks a cell that may be empty
SHAPES: dict[str, dict[str, Reader]] = {
    "members": {"member_id": read_identifier, "joined_at": read_moment, "?referrer_id": read_identifier},
    "merchants": {
        "merchant_id": read_identifier,
        "valid_from": read_moment,
        "region_code": _region((6,)),
        "concession_rate": read_rate,
    },
    "bindings": {"member_id": read_identifier, "merchant_id": read_identifier, "bound_at": read_moment},
    "promoters": {
        "promoter_id": read_identifier,
        "valid_from": read_date,
        "?mentor_id": read_identifier,
        "?starting_level": str,
    },
    "merchant_promoters": {
        "merchant_id": read_identifier,
        "?promoter_id": read_identifier,
        "valid_from": read_date,
    },
    "agents": {
        "agent_id": read_identifier,
        "region_prefix": _region((2, 4, 6)),
        "?valid_from": read_date,
        "?valid_to": read_date,
    },
    "partners": {
        "agent_id": read_identifier,
        "partner_id": read_identifier,
        "share": read_rate,
        "?valid_from": read_date,
        "?valid_to": read_date,
    },
}


@dataclass
class Reference:
    """Every file as a list of dicts of read values."""

    files: dict[str, list[dict[str, Any]]]

    def __post_init__(self) -> None:
        self.members = {row["member_id"]: row for row in self.files["members"]}
        self.merchants = _grouped(self.files["merchants"], "merchant_id", "valid_from")
        self.bindings = _grouped(self.files["bindings"], "member_id", "bound_at")
        self.promoters = _grouped(self.files["promoters"], "promoter_id", "valid_from")
        self.promoters_of = _grouped(self.files["merchant_promoters"], "merchant_id", "valid_from")
        self.agents = {row["agent_id"] for row in self.files["agents"]}
        self.partners = {row["partner_id"] for row in self.files["partners"]}

    def has_member(self, member_id: int, moment: datetime) -> bool:
        row = self.members.get(member_id)
        return row is not None and row["joined_at"] <= moment

    def has_merchant(self, merchant_id: int, moment: datetime) -> bool:
        return self.merchant(merchant_id, moment) is not None

    def merchant(self, merchant_id: int, moment: datetime) -> dict[str, Any] | None:
        return _as_of(self.merchants.get(merchant_id, []), "valid_from", moment)

    def promoter_of(self, merchant_id: int, day: date) -> int | None:
        row = _as_of(self.promoters_of.get(merchant_id, []), "valid_from", day)
        return row["promoter_id"] if row else None

    def mentor_of(self, promoter_id: int, day: date) -> int | None:
        row = _as_of(self.promoters[promoter_id], "valid_from", day)
        return row["mentor_id"] if row else None

    def in_force(self, name: str, day: date) -> list[dict[str, Any]]:
        """Rows of agents or partners on a day, both ends included."""
        return [
            row for row in self.files[name] if (row["valid_from"] or date.min) <= day <= (row["valid_to"] or date.max)
        ]


def _grouped(rows: list[dict[str, Any]], key: str, by: str) -> dict[int, list[dict[str, Any]]]:
    groups: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row[by]):
        groups.setdefault(row[key], []).append(row)
    return groups


def _as_of(rows: list[dict[str, Any]], column: str, moment: Any) -> dict[str, Any] | None:
    return next((row for row in reversed(rows) if row[column] <= moment), None)


def load_reference(folder: Path, level_codes: set[str]) -> Reference:
    files = {name: _load(folder, name) for name in SHAPES}
    check_reference(files, level_codes)
    return Reference(files)


def _load(folder: Path, name: str) -> list[dict[str, Any]]:
    paths = [folder / f"{name}.{ending}" for ending in ("csv", "parquet")]
    found = [path for path in paths if path.exists()]
    if not found:
        if name in ("members", "merchants"):
            raise OracleRefusal(11, f"reference/{name} is missing")
        return []
    columns = [column.lstrip("?") for column in SHAPES[name]]
    return [
        _read_row(name, number, row.cells, row.torn) for number, row in enumerate(read_file(found[0], columns), start=1)
    ]


def _read_row(name: str, number: int, cells: dict[str, str | None], torn: bool) -> dict[str, Any]:
    if torn:
        raise OracleRefusal(12, f"reference/{name} row {number}: number of cells")
    row: dict[str, Any] = {}
    for label, reader in SHAPES[name].items():
        column = label.lstrip("?")
        text = cells[column]
        row[column] = None if text is None else reader(text)
        if row[column] is None and (text is not None or not label.startswith("?")):
            raise OracleRefusal(12, f"reference/{name} row {number}: {column} = {text!r}")
    return row
