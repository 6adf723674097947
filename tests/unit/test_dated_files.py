"""Files of a dated table: what their names say, and that whatever days are asked for, the rows of just those come."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.draft.compaction import MERGED_ROWS, SMALL_ROWS, mergeable
from lake.tables.files import DataFile, naming, run_of, scan, select
from lake.tables.side_by_side import slices
from lake.tables.writing import write
from schemas.tables import LEDGER, MOVEMENTS, REFUNDS

RUN = "000003-20250301T010203000000"
FIRST = date(2025, 1, 30)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def refunds(*numbers: int) -> pl.DataFrame:
    """One row a day."""
    rows = [(day(n), day(n), f"T{n}", 100, 0) for n in numbers]
    return pl.DataFrame(rows, schema=REFUNDS.schema, orient="row")


def ledger(days: int, buckets: int) -> pl.DataFrame:
    """A row a day and bucket."""
    rows = [
        (day(n), b, day(n), "member", 10 * b + 1, "points", "earned", "member", "settlement", n)
        for n in range(days)
        for b in range(buckets)
    ]
    return pl.DataFrame(rows, schema=LEDGER.schema, orient="row")


def small(first: int, last: int, rows: int = 10, bucket: int = 0) -> DataFile:
    return DataFile(f"bucket={bucket}/{day(first)}_{day(last)}_{RUN}-00001-0.parquet", 1, rows)


def test_a_name_says_the_days_and_the_run(tmp_path: Path) -> None:
    files = write(ledger(3, 2), tmp_path, LEDGER, f"{RUN}-00007")
    assert [f.path for f in sorted(files)] == [
        f"bucket={number}/2025-01-30_2025-02-01_{RUN}-00007-0.parquet" for number in (0, 1)
    ]
    assert {run_of(f.path) for f in files} == {RUN}
    assert {f.span for f in files} == {(FIRST, day(2))}
    assert files[0].days == ("2025-01-30", "2025-01-31", "2025-02-01")
    assert DataFile("2025.parquet", 1, 1).days == ()
    assert run_of("2025-01-30_2025-01-31_notes.parquet") is None


def test_the_days_in_a_name_are_those_of_its_own_rows(tmp_path: Path) -> None:
    rows = ledger(5, 2).filter((pl.col("bucket") == 0) | (pl.col("value_date") == day(2)))
    spans = {f.partition["bucket"]: f.span for f in write(rows, tmp_path, LEDGER, f"{RUN}-00001")}
    assert spans == {"0": (FIRST, day(4)), "1": (day(2), day(2))}


def test_one_holders_rows_of_many_days_lie_together(tmp_path: Path) -> None:
    rows = pl.concat([ledger(20, 1), ledger(20, 1).with_columns(holder_id=pl.lit(5, pl.Int64))]).sample(
        fraction=1, shuffle=True, seed=1
    )
    (file,) = write(rows, tmp_path, LEDGER, f"{RUN}-00001")
    written = pl.read_parquet(tmp_path / file.path, hive_partitioning=False)
    assert written["holder_id"].to_list() == [1] * 20 + [5] * 20
    assert written["business_date"].head(20).is_sorted()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6)), min_size=1, max_size=5), st.sets(st.integers(0, 15)))
def test_only_the_days_asked_for_come(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int]], asked: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("refunds")
    files, expected = [], []
    for number, (first, more) in enumerate(spans):
        days = range(first, first + more + 1)
        files += write(refunds(*days), folder, REFUNDS, f"{RUN}-{number:05d}")
        expected += [day(n) for n in days if n in asked]
    named = {day(n).isoformat() for n in asked}
    found = scan(folder, REFUNDS, files, business_date=named.__contains__).collect()
    assert sorted(found["business_date"]) == sorted(expected)
    assert scan(folder, REFUNDS, files).collect().height == sum(f.rows for f in files)


def test_a_file_is_read_only_if_it_may_have_a_day_that_is_asked_for() -> None:
    files = [small(0, 4), small(5, 9), small(5, 9, bucket=1), small(10, 10)]
    test: Callable[[str], bool] = lambda text: text >= day(9).isoformat()  # noqa: E731
    assert select(files, business_date=test, bucket=lambda number: number == "0") == sorted([files[1], files[3]])


@given(st.lists(st.sets(st.integers(1, 6), min_size=1), max_size=5), st.integers(1, 7))
def test_files_that_name_a_holder_are_those_that_have_rows_of_it(
    tmp_path_factory: pytest.TempPathFactory, holders: list[set[int]], asked: int
) -> None:
    folder = tmp_path_factory.mktemp("named")
    files, expected = [], []
    for number, of_file in enumerate(holders):
        rows = [ledger(1, 1).with_columns(holder_id=pl.lit(holder, pl.Int64)) for holder in of_file]
        written = write(pl.concat(rows), folder, LEDGER, f"{RUN}-{number:05d}")
        files += written
        expected += written if asked in of_file else []
    assert naming(folder, LEDGER, reversed(files), "holder_id", asked) == sorted(expected)


def test_rows_of_days_that_a_file_should_not_have_are_seen(tmp_path: Path) -> None:
    """A hand in the lake: the file's name says two days, and it holds a third."""
    (file,) = write(refunds(0, 1), tmp_path, REFUNDS, f"{RUN}-00001")
    refunds(0, 1, 7).write_parquet(tmp_path / file.path)
    for asked in (0, 1):
        rows = scan(tmp_path, REFUNDS, [file], business_date=lambda text, asked=asked: text == str(day(asked)))  # type: ignore[misc]
        assert sorted(rows.collect()["business_date"]) == [day(asked), day(7)]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 8)), max_size=5),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 8)), max_size=5),
    st.integers(1, 30),
)
def test_slices_hold_every_row_of_both_sides_once(
    tmp_path_factory: pytest.TempPathFactory, left: list[tuple[int, int]], right: list[tuple[int, int]], rows: int
) -> None:
    folder = tmp_path_factory.mktemp("slices")
    sides = []
    for side, spans in enumerate((left, right)):
        files = [
            write(refunds(*range(first, first + more + 1)), folder, REFUNDS, f"{RUN}-{side}{number:04d}")
            for number, (first, more) in enumerate(spans)
        ]
        sides.append([file for written in files for file in written])
    found: tuple[list[date], list[date]] = ([], [])
    for part in slices(*sides, rows):
        days = []
        for place, files in enumerate((part.left, part.right)):
            of_part = scan(folder, REFUNDS, files, business_date=part.days).collect()["business_date"].to_list()
            found[place].extend(of_part)
            days.append(set(of_part))
        assert len(days[0] | days[1]) <= max(rows, 1)
    for place, spans in enumerate((left, right)):
        assert sorted(found[place]) == sorted(day(n) for first, more in spans for n in range(first, first + more + 1))


def test_slices_are_of_one_bucket_and_only_of_the_days_asked_for() -> None:
    left, right = [small(0, 9), small(0, 9, bucket=1)], [small(0, 4, rows=5), small(5, 9, rows=5)]
    wanted = {day(n).isoformat() for n in (1, 2, 8)}
    found = list(slices(left, right, 2, wanted.__contains__))
    assert [[f.partition["bucket"] for f in part.left] for part in found] == [["0"], ["0"], ["1"], ["1"]]
    assert [part.right for part in found] == [[right[0]], [right[1]], [], []]
    assert [[n for n in range(10) if part.days and part.days(str(day(n)))] for part in found] == [[1, 2], [8]] * 2


def merged(files: list[DataFile], before: date = date(2025, 4, 1)) -> list[list[DataFile]]:
    return list(mergeable(files, before))


def test_small_files_of_a_past_month_shall_be_one() -> None:
    january, february = [small(n, n) for n in (0, 1)], [small(n, n) for n in range(2, 30)]
    assert merged([*february, *january]) == [january, february]
    assert merged([*february, *january], date(2025, 2, 1)) == [january]
    assert merged(february, date(2025, 2, 1)) == []
    assert merged([january[0], small(1, 5)], date(2025, 2, 1)) == [], "one of them is not over"


def test_what_is_large_or_alone_or_of_another_bucket_stays() -> None:
    assert merged([small(3, 3), small(4, 4, rows=SMALL_ROWS), small(5, 5, bucket=1)]) == []
    together = [small(3, 3), small(5, 5, rows=SMALL_ROWS - 1)]
    assert merged([*together, small(4, 4, rows=SMALL_ROWS)]) == [together]


def test_a_merged_file_has_a_bound() -> None:
    most = MERGED_ROWS // (SMALL_ROWS - 1)
    files = [small(2 + n, 2 + n, rows=SMALL_ROWS - 1) for n in range(most + 3)]
    assert [len(part) for part in merged(files)] == [most, 3]


def test_a_table_without_buckets_is_merged_too(tmp_path: Path) -> None:
    rows = [(day(n), "payouts", "1", None, "member", 1, "cash", 1) for n in (0, 1)]
    frames = [pl.DataFrame([row], schema=MOVEMENTS.schema, orient="row") for row in rows]
    files = [f for n, frame in enumerate(frames) for f in write(frame, tmp_path, MOVEMENTS, f"{RUN}-{n:05d}")]
    assert merged(files) == [files]
