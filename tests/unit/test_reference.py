"""Reference data (SPEC 2): typed and sorted, or refused with file, row and rule."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from lake.landing.reference import read_sheets
from schemas.errors import InputMissingError, InputRefusedError
from schemas.reference import REFERENCE_TABLES, Sheet
from schemas.units import PICO
from transforms.reference import rules
from transforms.reference.checks import check_reference
from transforms.reference.mentors import refuse_mentor_cycles
from transforms.reference.model import Reference

LEVELS = ("junior", "trainee")
HEADERS = {table.name: ",".join(table.column_names) for table in REFERENCE_TABLES}
GOOD = {
    "members": ["2,2025-01-02T08:00:00+08:00,1", "1,2025-01-01T00:00Z,", "3,2025-01-03T00:00Z,2"],
    "merchants": [
        "7,2025-02-01T00:00+08:00,440305,0.05",
        "7,2025-01-01T00:00+08:00,440304,0.10",
        "8,2025-01-01T00:00+08:00,010203,0.123456789012",
    ],
    "bindings": ["2,7,2025-01-05T00:00Z", "1,8,2025-01-05T00:00Z", "1,7,2025-01-05T00:00Z"],
    "promoters": ["12,2025-01-01,11,trainee", "11,2025-01-01,,", "12,2025-02-01,,unknown"],
    "merchant_promoters": ["7,11,2025-01-01", "7,,2025-02-01", "8,12,2025-01-01"],
    "agents": ["21,44,2025-01-01,2025-01-31", "22,44,2025-02-01,", "21,4403,,", "21,440305,2025-01-01,"],
    "partners": ["21,31,0.4,,2025-01-31", "21,32,0.6,2025-01-01,", "21,31,0.4,2025-02-01,"],
}


def deliver(root: Path, name: str, rows: list[str], header: str | None = None) -> Path:
    folder = root / "landing" / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    path.write_text("\n".join([header or HEADERS[name], *rows]) + "\n", encoding="utf-8")
    return path


def read_reference(root: Path, level_codes: tuple[str, ...] = LEVELS) -> Reference:
    return check_reference(read_sheets(root), level_codes)


def read(root: Path, **changed: list[str]) -> Reference:
    for name, rows in (GOOD | changed).items():
        deliver(root, name, rows)
    return read_reference(root)


def test_everything_is_typed_and_sorted_by_its_key(tmp_path: Path) -> None:
    reference = read(tmp_path)
    at = datetime(2025, 1, 1, tzinfo=UTC)
    bound = at.replace(day=5)
    assert reference.members.rows() == [
        (1, at, None, bound, 7),
        (2, at.replace(day=2), 1, bound, 7),
        (3, at.replace(day=3), 2, None, None),
    ]
    assert reference.merchants.select("merchant_id", "region_code", "concession_rate_pico").rows() == [
        (7, "440304", 10 * PICO // 100),
        (7, "440305", 5 * PICO // 100),
        (8, "010203", 123_456_789_012),
    ]
    assert reference.rebindings.rows() == []
    first, second = date(2025, 1, 1), date(2025, 2, 1)
    assert reference.promoters.rows() == [
        (11, first, None, None),
        (12, first, 11, "trainee"),
        (12, second, None, None),
    ]
    assert reference.merchant_promoters.rows() == [(7, 11, first), (7, None, second), (8, 12, first)]
    assert reference.agents.rows() == [
        (21, "44", first, date(2025, 1, 31)),
        (21, "4403", date.min, None),
        (21, "440305", first, None),
        (22, "44", second, None),
    ]
    assert reference.partners.rows() == [
        (21, 31, 4 * PICO // 10, date.min, date(2025, 1, 31)),
        (21, 31, 4 * PICO // 10, second, None),
        (21, 32, 6 * PICO // 10, first, None),
    ]


def schemas(reference: Reference) -> dict[str, dict[str, pl.DataType]]:
    return {name: dict(frame.schema) for name, frame in vars(reference).items()}


def test_a_missing_optional_file_means_no_rows_of_the_same_types(tmp_path: Path) -> None:
    full = schemas(read(tmp_path / "full"))
    for name in ("members", "merchants"):
        deliver(tmp_path / "small", name, [])
    small = read_reference(tmp_path / "small", ())
    assert schemas(small) == full
    assert all(frame.is_empty() for frame in vars(small).values())
    moment = pl.Datetime("us", "UTC")
    ids = dict.fromkeys(("member_id", "referrer_id", "bound_to"), pl.Int64)
    assert full["members"] == {**ids, "joined_at": moment, "bound_at": moment}
    assert full["merchants"]["valid_from"] == full["rebindings"]["bound_at"] == moment
    assert full["partners"]["share_pico"] == full["merchants"]["concession_rate_pico"] == pl.Int64
    assert full["agents"]["valid_to"] == full["promoters"]["valid_from"] == pl.Date


@pytest.mark.parametrize("name", ["members", "merchants"])
def test_a_missing_required_file(tmp_path: Path, name: str) -> None:
    read(tmp_path)
    (tmp_path / "landing" / "reference" / f"{name}.csv").unlink()
    with pytest.raises(InputMissingError, match=name) as missing:
        read_reference(tmp_path)
    assert missing.value.exit_code == 11


def test_parquet_is_read_alike_but_not_beside_csv(tmp_path: Path) -> None:
    expected = read(tmp_path)
    path = tmp_path / "landing" / "reference" / "agents.csv"
    typed: dict[str, Any] = {
        "agent_id": pa.array([21, 22, 21, 21]),
        "region_prefix": pa.array(["44", "44", "4403", "440305"]),
        "valid_from": pa.array([date(2025, 1, 1), date(2025, 2, 1), None, date(2025, 1, 1)]),
        "valid_to": pa.array([date(2025, 1, 31), None, None, None]),
    }
    parquet.write_table(pa.table(typed), path.with_suffix(".parquet"))
    with pytest.raises(InputRefusedError, match="agents stands there twice"):
        read_reference(tmp_path)
    path.unlink()
    assert read_reference(tmp_path).agents.equals(expected.agents)


BROKEN: list[tuple[str, list[str], int, str]] = [
    # members
    ("members", ["1,2025-01-01T00:00Z,", "2,2025-01-01T00:00Z,", "1,2025-01-02T00:00Z,"], 3, "duplicate key"),
    ("members", ["1,2025-01-01T00:00Z,", "01,2025-01-02T00:00Z,"], 2, "duplicate key"),
    ("members", ["1,2025-01-01T00:00Z,", "2,2025-01-01T00:00Z,9"], 2, "unknown referrer_id 9"),
    ("members", ["1,2025-01-01T00:00Z,", "2,2025-01-01T00:00Z,2"], 2, "cannot refer itself"),
    ("members", ["1,2025-01-01T00:00Z,", ",2025-01-01T00:00Z,"], 2, "member_id is required and empty"),
    ("members", ["0,2025-01-01T00:00Z,"], 1, "member_id has to be a whole number"),
    (
        "members",
        ["1,2025-01-01T00:00Z,x"],
        1,
        "referrer_id has to be a whole number from 1 to 2^63-1, not 'x'",
    ),
    ("members", ["1,2025-01-01T00:00,"], 1, "joined_at has to be a timestamp"),
    ("members", ["1,,"], 1, "joined_at is required and empty"),
    ("members", ["1,2025-01-01T00:00Z,", "2,2025-01-01T00:00Z"], 2, "too few or too many cells"),
    # merchants
    (
        "merchants",
        ["7,2025-01-01T08:00+08:00,440305,0.1", "7,2025-01-01T00:00Z,440305,0.1"],
        2,
        "duplicate key (merchant_id, valid_from)",
    ),
    (
        "merchants",
        ["7,2025-01-01T00:00Z,44030,0.1"],
        1,
        "region_code has to be a region code of 6 digits, not '44030'",
    ),
    ("merchants", ["7,2025-01-01T00:00Z,4403051,0.1"], 1, "region_code"),
    ("merchants", ["7,2025-01-01T00:00Z,44O305,0.1"], 1, "region_code"),
    ("merchants", ["7,2025-01-01T00:00Z,,0.1"], 1, "region_code is required"),
    ("merchants", ["7,2025-01-01T00:00Z,440305,"], 1, "concession_rate is required"),
    ("merchants", ["7,2025-01-01T00:00Z,440305,10%"], 1, "concession_rate has to be a decimal"),
    ("merchants", ["7,2025-01-01T00:00Z,440305,0.1234567890123"], 1, "concession_rate has to be a decimal"),
    ("merchants", ["7,2025-01-01T00:00Z,440305,9999999999999999"], 1, "concession_rate has to be a decimal"),
    # bindings
    ("bindings", ["1,7,2025-01-05T00:00Z", "1,7,2025-01-05T08:00+08"], 2, "duplicate key"),
    ("bindings", ["1,7,2025-01-05T00:00Z", "9,7,2025-01-05T00:00Z"], 2, "unknown member_id 9"),
    ("bindings", ["1,9,2025-01-05T00:00Z"], 1, "unknown merchant_id 9"),
    ("bindings", ["1,7,"], 1, "bound_at is required"),
    # promoters
    ("promoters", ["11,2025-01-01,,", "12,2025-01-01,,", "11,2025-01-01,,"], 3, "duplicate key"),
    ("promoters", ["11,2025-01-01,,", "12,2025-01-01,9,"], 2, "unknown mentor_id 9"),
    ("promoters", ["12,2025-01-01,,", "11,2025-01-01,,boss"], 2, "unknown starting_level 'boss'"),
    ("promoters", ["11,2025-02-30,,"], 1, "valid_from has to be a date like 2025-01-31, not '2025-02-30'"),
    ("promoters", ["12,2025-01-01,,", "11,2025-01-01,11,"], 2, "mentor cycle from 2025-01-01 on: 11 -> 11"),
    (
        "promoters",
        ["12,2025-01-01,11,", "11,2025-01-01,,", "11,2025-03-01,12,"],
        3,
        "2025-03-01 on: 11 -> 12 -> 11",
    ),
    (
        "promoters",
        [
            "11,2025-01-01,12,",
            "12,2025-01-01,13,",
            "13,2025-01-01,14,",
            "14,2025-01-02,15,",
            "15,2025-01-01,11,",
        ],
        4,
        "mentor cycle from 2025-01-02 on: 14 -> 15 -> 11 -> 12 -> 13 -> 14",
    ),
    # merchant_promoters
    ("merchant_promoters", ["7,11,2025-01-01", "7,12,2025-01-01"], 2, "duplicate key"),
    ("merchant_promoters", ["9,11,2025-01-01"], 1, "unknown merchant_id 9"),
    ("merchant_promoters", ["7,11,2025-01-01", "8,9,2025-01-01"], 2, "unknown promoter_id 9"),
    # agents
    (
        "agents",
        ["21,44,2025-01-01,2025-01-31", "22,44,2025-01-31,"],
        2,
        "at most one agent per region_prefix",
    ),
    (
        "agents",
        ["22,44,2025-01-31,", "21,44,2025-01-01,2025-01-31"],
        1,
        "at most one agent per region_prefix",
    ),
    ("agents", ["21,44,,", "22,44,2025-06-01,2025-06-01"], 2, "at most one agent per region_prefix"),
    (
        "agents",
        ["21,44,2025-01-01,", "23,44,2025-02-01,2025-02-02", "22,44,2025-06-01,"],
        2,
        "at most one agent",
    ),
    ("agents", ["21,44,2025-01-02,2025-01-01"], 1, "valid_to is before valid_from"),
    (
        "agents",
        ["21,440,2025-01-01,"],
        1,
        "region_prefix has to be a region prefix of 2, 4 or 6 digits, not '440'",
    ),
    ("agents", ["21,,2025-01-01,"], 1, "region_prefix is required"),
    ("agents", ["21,44,2025-01-01,31.1.2025"], 1, "valid_to has to be a date"),
    # partners
    ("partners", ["9,31,0.1,,"], 1, "unknown agent_id 9"),
    ("partners", ["21,31,0.1,,", "21,31,0.1,2025-01-01,"], 2, "at most one row per agent, partner and day"),
    ("partners", ["21,31,1.000000000001,,"], 1, "share has to be a decimal from 0 to 1"),
    ("partners", ["21,31,-0.1,,"], 1, "share has to be a decimal from 0 to 1"),
    ("partners", ["21,31,0.1,2025-01-02,2025-01-01"], 1, "valid_to is before valid_from"),
    (
        "partners",
        ["21,31,0.4,,", "22,31,1,,", "21,32,0.61,2025-01-01,"],
        3,
        "shares of agent 21 are above 1 on 2025-01-01",
    ),
    ("partners", ["21,31,0.4,,2025-01-31", "21,32,0.7,2025-01-31,"], 2, "above 1 on 2025-01-31"),
]


@pytest.mark.parametrize(("name", "rows", "row", "rule"), BROKEN)
def test_a_broken_rule_is_told_with_file_row_and_rule(
    tmp_path: Path, name: str, rows: list[str], row: int, rule: str
) -> None:
    # What refers to the broken file would be unknown: it stays out, unless the broken file needs it.
    needed = {
        "members",
        "merchants",
        name,
        *{"merchant_promoters": ["promoters"], "partners": ["agents"]}.get(name, []),
    }
    for good in needed:
        deliver(tmp_path, good, GOOD[good])
    path = deliver(tmp_path, name, rows)
    with pytest.raises(InputRefusedError) as refusal:
        read_reference(tmp_path)
    assert rule in refusal.value.what
    assert refusal.value.where == f"{path}, row {row}"
    assert refusal.value.exit_code == 12


@pytest.mark.parametrize(
    "changed",
    [
        {"members": ["1,2025-01-01T00:00Z,2", "2,2025-01-01T00:00Z,1", "3,2025-01-01T00:00Z,"]},
        {"promoters": ["11,2025-01-01,12,", "12,2025-01-01,,", "11,2025-02-01,,", "12,2025-02-01,11,"]},
        {"promoters": ["11,2025-01-01,,junior", "12,2025-01-01,,", "11,2025-02-01,,was junior"]},
        {"agents": ["21,44,2025-01-01,2025-01-31", "22,44,2025-02-01,2025-02-01", "21,44,2025-02-02,"]},
        {"partners": ["21,31,0.4,,2025-01-31", "21,32,0.6,,", "21,33,0.4,2025-02-01,"]},
        {"partners": ["21,31,1,,9999-12-31", "22,31,1,,"]},
        {"partners": ["21,31,0,,", "21,32,1.000,,"]},
        {"merchants": ["7,2025-01-01T00:00Z,440305,0.10000000000000", "8,2025-01-01T00:00Z,440305,2"]},
    ],
)
def test_what_looks_broken_but_is_not(tmp_path: Path, changed: dict[str, list[str]]) -> None:
    name, rows = next(iter(changed.items()))
    assert getattr(read(tmp_path, **changed), name).height == len(rows)


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    read(tmp_path)
    deliver(tmp_path, "partners", [], header="agent_id,partner_id,percent,valid_from,valid_to")
    with pytest.raises(InputRefusedError, match="column 'share' is missing"):
        read_reference(tmp_path)


DAYS = st.integers(0, 9).map(lambda day: date(2025, 1, 1 + day))


@settings(max_examples=150)
@given(st.dictionaries(st.tuples(st.integers(1, 5), DAYS), st.none() | st.integers(1, 5), max_size=12))
def test_mentor_cycles_against_a_look_at_every_day(mentors: dict[tuple[int, date], int | None]) -> None:
    rows = sorted(mentors.items())
    columns = ("promoter_id", "valid_from", "mentor_id", "position")
    types = (pl.Int64, pl.Date, pl.Int64, pl.Int64)
    data = [(promoter, day, mentor, at) for at, ((promoter, day), mentor) in enumerate(rows, start=1)]
    sheet = Sheet(pl.DataFrame(data, schema=dict(zip(columns, types, strict=True)), orient="row"), "promoters.csv")
    assert refuses(lambda: refuse_mentor_cycles(sheet)) == any(has_cycle(rows, day) for _, day in mentors)


def has_cycle(rows: list[tuple[tuple[int, date], int | None]], day: date) -> bool:
    of_day = {promoter: mentor for (promoter, since), mentor in rows if since <= day}
    for start, mentor in of_day.items():
        above = mentor
        for _ in of_day:
            if above == start:
                return True
            above = of_day.get(above) if above is not None else None
    return False


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(1, 2), st.integers(0, 10), DAYS, st.none() | DAYS), max_size=8))
def test_intervals_and_shares_against_a_look_at_every_day(
    rows: list[tuple[int, int, date, date | None]],
) -> None:
    kept = [row for row in rows if row[3] is None or row[2] <= row[3]]
    columns = {"agent_id": pl.Int64, "share_pico": pl.Int64, "valid_from": pl.Date, "valid_to": pl.Date}
    data = [(agent, tenths * PICO // 10, first, last) for agent, tenths, first, last in kept]
    frame = pl.DataFrame(data, schema=columns, orient="row")
    sheet = Sheet(frame.with_columns(pl.int_range(1, pl.len() + 1).alias("position")), "partners.csv")
    counts, shares = [0], [0]
    for agent in (1, 2):
        for day in (date(2025, 1, number) for number in range(1, 12)):
            held = [row[1] for row in kept if row[0] == agent and row[2] <= day <= (row[3] or date.max)]
            counts.append(len(held))
            shares.append(sum(held))
    assert refuses(lambda: rules.refuse_overlaps(sheet, ("agent_id",), "one a day")) == (max(counts) > 1)
    assert refuses(lambda: rules.refuse_shares_above_one(sheet)) == (max(shares) > 10)


def refuses(check: Any) -> bool:
    try:
        check()
    except InputRefusedError:
        return True
    return False
