"""Promoters by calendar month (SPEC 8), against the oracle.

Worlds are drawn with several versions of the rules, levels that come and change places, mentors that change.
"""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from schemas.rulebook import parse_rulebook
from schemas.tables import PROMOTER_MONTHS
from tests.oracle import promoters as oracle
from tests.oracle.ledger import Ledger
from tests.oracle.reference import Reference as OracleReference
from tests.oracle.rules import load_rulebook as oracle_rulebook
from tests.promoter_months import PROMOTERS
from tests.rulebook_texts import ONE_VERSION
from transforms.months.promoters import promoter_month, promoter_postings

MONTH_ENDS = [date(2019, month, 1) - timedelta(days=1) for month in range(2, 12)]


def drawn_level(chance: random.Random, code: str) -> str:
    """Thresholds are multiples of 100 points, so that a month often meets one exactly."""
    promotion = (
        f'promotion = {{ monthly_points = "{chance.randrange(1, 4)}00", months = {chance.randrange(1, 4)}, '
        f'single_month_points = "{chance.randrange(4, 7)}00" }}\n'
    )
    assessed_at, misses = chance.randrange(1, 4), chance.randrange(1, 3)
    assessment = f'assessment = {{ monthly_points = "{assessed_at}00", misses = {misses} }}\n'
    return (
        f'[[rules.promoter_levels]]\ncode = "{code}"\ntitle = "{code}"\n'
        f'commission = "0.0{chance.randrange(1, 10)}37"\nmentoring = "0.0{chance.randrange(10)}13"\n'
        f'fixed_subsidy = "{chance.choice([0, 24])}"\nbonus_subsidy = "{chance.choice([0, 16])}"\n'
        + promotion * (chance.random() < 0.8)
        + assessment * (chance.random() < 0.8)
    )


def drawn_book(chance: random.Random) -> str:
    """Three versions; each keeps the codes before it, adds one, and may put them in another order."""
    first, last = ONE_VERSION.index("[[rules.promoter_levels]]"), ONE_VERSION.index("[rules.mentoring]")
    codes, texts = ["a", "b"], []
    for start in ("2019-01-01", "2019-04-15", "2019-07-31"):
        codes.append(f"from {start}")
        levels = "".join(drawn_level(chance, code) for code in chance.sample(codes, len(codes)))
        tail = ONE_VERSION[last:].replace('"10000"', chance.choice(['"0"', '"250"', '"100.07"']))
        tail = tail.replace('"prorata"', chance.choice(['"prorata"', '"capped"']))
        texts.append(ONE_VERSION[:first].replace("2019-01-01", start) + levels + tail)
    return "\n".join(texts)


def drawn_promoters(chance: random.Random) -> list[dict[str, Any]]:
    """Nobody is mentored by a larger id, so there is no circle."""
    rows = []
    for promoter_id in range(1, 13):
        days = sorted(chance.sample(range(-40, 300), chance.randrange(1, 4)))
        for number, day in enumerate(days):
            mentor_id = chance.choice([None, *range(1, promoter_id)])
            start = chance.choice([None, "a", "b"]) if number == 0 else None
            valid_from = date(2019, 1, 1) + timedelta(days=day)
            row = (promoter_id, valid_from, mentor_id, start)
            rows.append(dict(zip(PROMOTERS, row, strict=True)))
    return rows


def drawn_points(chance: random.Random) -> dict[int, int]:
    drawn = {number: chance.choice([-1, 0, 1, 2, 3, 4, 6]) * 100_00 for number in range(1, 13)}
    return {number: fen + chance.choice([-1, 0, 0, 7_77]) for number, fen in drawn.items() if chance.random() < 0.8}


def oracle_rows(points: Mapping[int, int]) -> list[Any]:
    return [SimpleNamespace(promoter_id=number, earned=SimpleNamespace(points=fen)) for number, fen in points.items()]


@pytest.mark.parametrize("seed", range(12))
def test_the_oracle_agrees_month_by_month(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = tmp_path / "book.toml"
    path.write_text(drawn_book(chance), encoding="utf-8")
    book = parse_rulebook(path.read_text(encoding="utf-8"), path)
    plain, people = oracle_rulebook(path), drawn_promoters(chance)
    names = ("members", "merchants", "bindings", "merchant_promoters", "agents", "partners")
    ladder = oracle.Ladder(OracleReference({"promoters": people, **{name: [] for name in names}}))
    ledger, before, posted = Ledger(), PROMOTER_MONTHS.empty(), []
    frame = pl.DataFrame(people, schema=PROMOTERS)
    for month_end in MONTH_ENDS:
        points = drawn_points(chance)
        performance = pl.DataFrame(
            list(points.items()), schema={"promoter_id": pl.Int64, "points_fen": pl.Int64}, orient="row"
        )
        before = promoter_month(month_end, performance, frame, before, book.on(month_end))
        posted.append(promoter_postings(before, month_end, 1))
        ledger.day = month_end
        months = ladder.close_month(month_end, plain.on(month_end), oracle_rows(points), ledger)
        assert before.rows() == [expected_row(ladder, month_end, months[number]) for number in sorted(months)]
    columns = ("business_date", "value_date", "holder_kind", "holder_id", "asset", "kind", "pool")
    ours = {row[:-1]: row[-1] for row in pl.concat(posted).select(*columns, "amount_fen").iter_rows()}
    assert ours == dict(ledger.posted())
    levels: dict[int, list[str]] = {}
    for _, month in ladder.months:
        levels.setdefault(month.promoter_id, []).append(month.level.code)
    assert any(len(set(codes)) > 1 for codes in levels.values()), "nobody moved"


def expected_row(ladder: oracle.Ladder, month_end: date, month: oracle.PromoterMonth) -> tuple[Any, ...]:
    standing = ladder.standings[month.promoter_id]
    return (
        month_end.replace(day=1),
        month.promoter_id,
        month.level.code,
        month.performance,
        month.commission(),
        month.mentoring,
        month.unallocated,
        month.level.fixed_subsidy,
        month.bonus(),
        month.next_level,
        standing.good_months,
        standing.missed_months,
    )
