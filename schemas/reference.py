"""Reference data as it lands: its tables, their columns and keys (SPEC 2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import polars as pl


class Kind(StrEnum):
    """What a value of a column has to be; the text says so to a reader."""

    ID = "a whole number from 1 to 2^63-1"
    MOMENT = "a timestamp like 2025-01-31T10:00:00+08:00, with its offset"
    DATE = "a date like 2025-01-31"
    RATE = "a decimal with at most 12 decimals, below 9 million"
    SHARE = "a decimal from 0 to 1 with at most 12 decimals"
    REGION = "a region code of 6 digits"
    PREFIX = "a region prefix of 2, 4 or 6 digits"
    TEXT = "a text"


@dataclass(frozen=True)
class Column:
    """One column of a reference table."""

    name: str
    kind: Kind
    optional: bool = False


@dataclass(frozen=True)
class ReferenceTable:
    """One reference table: a file ``<name>.csv`` or ``<name>.parquet``, whole history."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    """No two rows share it. Empty where the rule is about days instead."""
    required: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        return tuple(column.name for column in self.columns)


_VALIDITY: Final = (
    Column("valid_from", Kind.DATE, optional=True),
    Column("valid_to", Kind.DATE, optional=True),
)

MEMBERS: Final = ReferenceTable(
    "members",
    (
        Column("member_id", Kind.ID),
        Column("joined_at", Kind.MOMENT),
        Column("referrer_id", Kind.ID, optional=True),
    ),
    key=("member_id",),
    required=True,
)
MERCHANTS: Final = ReferenceTable(
    "merchants",
    (
        Column("merchant_id", Kind.ID),
        Column("valid_from", Kind.MOMENT),
        Column("region_code", Kind.REGION),
        Column("concession_rate", Kind.RATE),
    ),
    key=("merchant_id", "valid_from"),
    required=True,
)
BINDINGS: Final = ReferenceTable(
    "bindings",
    (Column("member_id", Kind.ID), Column("merchant_id", Kind.ID), Column("bound_at", Kind.MOMENT)),
    key=("member_id", "merchant_id", "bound_at"),
)
PROMOTERS: Final = ReferenceTable(
    "promoters",
    (
        Column("promoter_id", Kind.ID),
        Column("valid_from", Kind.DATE),
        Column("mentor_id", Kind.ID, optional=True),
        Column("starting_level", Kind.TEXT, optional=True),
    ),
    key=("promoter_id", "valid_from"),
)
MERCHANT_PROMOTERS: Final = ReferenceTable(
    "merchant_promoters",
    (
        Column("merchant_id", Kind.ID),
        Column("promoter_id", Kind.ID, optional=True),
        Column("valid_from", Kind.DATE),
    ),
    key=("merchant_id", "valid_from"),
)
AGENTS: Final = ReferenceTable(
    "agents", (Column("agent_id", Kind.ID), Column("region_prefix", Kind.PREFIX), *_VALIDITY)
)
PARTNERS: Final = ReferenceTable(
    "partners",
    (Column("agent_id", Kind.ID), Column("partner_id", Kind.ID), Column("share", Kind.SHARE), *_VALIDITY),
)

REFERENCE_TABLES: Final = (MEMBERS, MERCHANTS, BINDINGS, PROMOTERS, MERCHANT_PROMOTERS, AGENTS, PARTNERS)


@dataclass(frozen=True, eq=False)
class Sheet:
    """The rows of one reference file, with their 1-based `position` in it, and its name for messages."""

    frame: pl.DataFrame
    file: str


@dataclass(frozen=True, eq=False)
class TextSheet:
    """A reference file as it came: text rows (`schemas.feeds.row_schema`) in parts, read when asked for, once."""

    parts: Iterator[pl.DataFrame]
    file: str
