"""Two versions of a table side by side, in parts that are small enough for memory, whatever their files are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lake.tables.files import DataFile, Test, select

Partition = tuple[str, ...]


@dataclass(frozen=True)
class Slice:
    """Files of both sides that hold the rows of the same partitions, and of the same `days`, if the table is dated."""

    left: list[DataFile]
    right: list[DataFile]
    days: Test | None = None


def slices(
    left: Iterable[DataFile], right: Iterable[DataFile], rows: int, business_date: Test = lambda _: True
) -> Iterator[Slice]:
    """Every row of both sides, of a dated table those of the days that pass, in slices of about `rows` rows.

    A slice is one day at least, or one partition of a table that is not dated.
    """
    sides: dict[Partition, Slice] = {}
    for place, files in enumerate((left, right)):
        for file in files:
            both = sides.setdefault(tuple(file.partition.values()), Slice([], []))
            (both.left, both.right)[place].append(file)
    undated: list[Slice] = []
    for _, both in sorted(sides.items()):
        if both.left + both.right and (both.left + both.right)[0].span is not None:
            yield from _of_days(both, rows, business_date)
        else:
            undated.append(both)
    yield from _joined(undated, rows)


def _of_days(both: Slice, rows: int, business_date: Test) -> Iterator[Slice]:
    """Consecutive days of one partition."""
    counts = [_rows_by_day(files) for files in (both.left, both.right)]
    days = [day for day in sorted({*counts[0], *counts[1]}) if business_date(day)]
    sizes = [max(count[day] for count in counts) for day in days]
    for first, last in cuts(sizes, rows):
        named = frozenset(days[first:last])
        of_days = named.__contains__
        yield Slice(select(both.left, business_date=of_days), select(both.right, business_date=of_days), of_days)


def _rows_by_day(files: Iterable[DataFile]) -> Counter[str]:
    """About: a file says how many rows it has, not of which day."""
    counts: Counter[str] = Counter()
    for file in files:
        for day in file.days:
            counts[day] += -(-file.rows // len(file.days))
    return counts


def _joined(parts: Sequence[Slice], rows: int) -> Iterator[Slice]:
    sizes = [max(sum(f.rows for f in files) for files in (part.left, part.right)) for part in parts]
    for first, last in cuts(sizes, rows):
        joined = parts[first:last]
        yield Slice([f for part in joined for f in part.left], [f for part in joined for f in part.right])


def cuts(sizes: Sequence[int], rows: int) -> Iterator[tuple[int, int]]:
    """Where to cut, so that a piece has at most `rows`, or one part."""
    first = size = 0
    for place, more in enumerate(sizes):
        if place > first and size + more > rows:
            yield first, place
            first, size = place, 0
        size += more
    if sizes:
        yield first, len(sizes)
