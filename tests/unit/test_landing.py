"""The landing zone (SPEC 2): which files a day has, its fingerprint, and the sender's control."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from lake.landing.zone import Control, Landing
from schemas.errors import InputMissingError, InputRefusedError
from schemas.feeds import COIN_REDEMPTIONS, FEEDS, PAYOUTS, TRANSACTIONS, row_schema
from tests.unit.test_parquet_files import write_parquet

DAY = date(2025, 1, 31)


def deliver(root: Path, name: str, content: bytes | str, feed: str = "transactions", day: str = str(DAY)) -> Path:
    folder = root / "landing" / feed / f"day={day}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / name


def transactions(*ids: str) -> str:
    header = ",".join(TRANSACTIONS.columns)
    return "\n".join([header, *(name + "," * (len(TRANSACTIONS.columns) - 1) for name in ids)]) + "\n"


def test_a_day_is_read_by_file_name_and_then_position(tmp_path: Path) -> None:
    deliver(tmp_path, "b.csv", transactions("3", "4"))
    deliver(tmp_path, "a.csv", transactions("2"))
    deliver(tmp_path, "B.csv", transactions("1"))
    folder = deliver(tmp_path, "empty.csv", transactions()).parent
    values = {name: pa.nulls(1, pa.string()) for name in TRANSACTIONS.columns}
    write_parquet(folder, values | {"txn_id": ["5"]}, "c.parquet")
    for ignored in (".d.csv", "d.csv.tmp", "_SUCCESS", "control.json"):
        deliver(tmp_path, ignored, "no CSV at all")
    landing = Landing(tmp_path)
    frame = pl.concat(landing.read_day(TRANSACTIONS, DAY))
    assert frame.schema == row_schema(TRANSACTIONS.columns)
    assert frame.select("txn_id", "file", "position").rows() == [
        ("1", "B.csv", 1),
        ("2", "a.csv", 1),
        ("3", "b.csv", 1),
        ("4", "b.csv", 2),
        ("5", "c.parquet", 1),
    ]
    assert landing.size(DAY) == sum(path.stat().st_size for path in landing.files(TRANSACTIONS, DAY)) > 0


def test_a_missing_day_stops_and_a_missing_optional_feed_does_not(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    for feed in (COIN_REDEMPTIONS, PAYOUTS):
        assert landing.files(feed, DAY) == []
        assert list(landing.read_day(feed, DAY)) == []
    with pytest.raises(InputMissingError, match="2025-01-31") as missing:
        landing.read_day(TRANSACTIONS, DAY)
    assert missing.value.exit_code == 11
    deliver(tmp_path, "notes.txt", "its files are under way")
    with pytest.raises(InputMissingError, match="2025-01-31"):
        landing.read_day(TRANSACTIONS, DAY)


def test_a_folder_that_is_named_like_a_file_is_refused(tmp_path: Path) -> None:
    for name in ("part.csv", "part.parquet"):
        folder = deliver(tmp_path / name, "_SUCCESS", "").parent / name
        folder.mkdir()
        with pytest.raises(InputRefusedError, match=r"part\."):
            list(Landing(tmp_path / name).read_day(TRANSACTIONS, DAY))


def test_the_days(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    assert (landing.first_day(), landing.days()) == (None, [])
    for day in ("2025-02-01", "2025-01-31", "2025-01-30.tmp", "2025-02-30", "2025-1-5", "20250103"):
        deliver(tmp_path, "x.csv", "", day=day)
    deliver(tmp_path, "x.csv", "", feed="payouts", day="2024-12-31")
    (tmp_path / "landing" / "transactions" / "day=2025-01-01").write_text("a file")
    assert (landing.first_day(), landing.days()) == (DAY, [DAY, date(2025, 2, 1)])


def test_the_fingerprint_changes_with_whatever_a_day_reads(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    seen = []
    changes = [
        ("x.csv", "one", "transactions"),
        ("x.csv", "two", "transactions"),
        ("y.csv", "", "transactions"),
        ("control.json", "{}", "transactions"),
        ("x.csv", "one", "payouts"),
        ("x.csv", "one", "coin_redemptions"),
        ("control.json", "{}", "payouts"),
    ]
    for name, content, feed in changes:
        deliver(tmp_path, name, content, feed)
        seen.append(landing.fingerprint(DAY))
    assert len(set(seen)) == len(changes)
    deliver(tmp_path, "notes.txt", "of no effect")
    deliver(tmp_path, ".x.csv", "of no effect")
    deliver(tmp_path, "x.csv", "another day", day="2025-02-01")
    assert landing.fingerprint(DAY) == seen[-1]
    folder = landing.day_folder(TRANSACTIONS, DAY)
    (folder / "y.csv").rename(folder / "z.csv")
    assert landing.fingerprint(DAY) not in seen
    with pytest.raises(InputMissingError):
        landing.fingerprint(date(2025, 2, 2))


def test_the_fingerprint_does_not_depend_on_where_the_root_is(tmp_path: Path) -> None:
    for root in (tmp_path / "one", tmp_path / "another" / "place"):
        deliver(root, "x.csv", "same")
    one, other = Landing(tmp_path / "one"), Landing(tmp_path / "another" / "place")
    assert one.fingerprint(DAY) == other.fingerprint(DAY)


def test_the_fingerprint_tells_two_files_from_one(tmp_path: Path) -> None:
    deliver(tmp_path / "one", "a.csv", "xy")
    deliver(tmp_path / "two", "a.csv", "x")
    deliver(tmp_path / "two", "b.csv", "y")
    assert Landing(tmp_path / "one").fingerprint(DAY) != Landing(tmp_path / "two").fingerprint(DAY)


def test_the_fingerprint_of_the_reference_data(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    nothing = landing.reference_fingerprint()
    folder = tmp_path / "landing" / "reference"
    folder.mkdir(parents=True)
    assert landing.reference_fingerprint() == nothing
    (folder / "members.csv").write_text("1")
    one = landing.reference_fingerprint()
    (folder / "members.csv").write_text("2")
    assert len({nothing, one, landing.reference_fingerprint()}) == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"rows": 3, "amount": "123.45"}', Control(3, Decimal("123.45"))),
        ('{"amount": 0.10, "rows": 0, "sender": "x"}', Control(0, Decimal("0.10"))),
        (
            '\ufeff{"rows": 1, "amount": "12345678901234567890.123"}',
            Control(1, Decimal("12345678901234567890.123")),
        ),
        ('{"rows": 1, "amount": 12}', Control(1, Decimal(12))),
    ],
)
def test_the_senders_control(tmp_path: Path, content: str, expected: Control) -> None:
    deliver(tmp_path, "control.json", content)
    assert Landing(tmp_path).control(TRANSACTIONS, DAY) == expected
    assert Landing(tmp_path).control(PAYOUTS, DAY) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        '{"rows": 3}',
        '{"amount": "1"}',
        '{"rows": "3", "amount": "1"}',
        '{"rows": true, "amount": "1"}',
        '{"rows": 3.0, "amount": "1"}',
        '{"rows": -1, "amount": "1"}',
        '{"rows": 3, "amount": null}',
        '{"rows": 3, "amount": true}',
        '{"rows": 3, "amount": NaN}',
        '{"rows": 3, "amount": "1e2"}',
        '{"rows": 3, "amount": "1,000"}',
        '{"rows": 3, "amount": ""}',
        b"\xff",
    ],
)
def test_a_control_that_cannot_be_read_is_refused(tmp_path: Path, content: str | bytes) -> None:
    deliver(tmp_path, "control.json", content)
    with pytest.raises(InputRefusedError) as refusal:
        Landing(tmp_path).control(TRANSACTIONS, DAY)
    assert "control.json" in refusal.value.where


def test_every_amount_is_a_column_of_its_feed() -> None:
    for feed in FEEDS:
        assert set(feed.amounts) < set(feed.columns)
        assert feed.id_column in feed.columns
