"""A simulated world as a whole: the same bytes for the same seed, whole folders, right columns (SPEC 2)."""

import hashlib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.errors import UsageError
from simulator import WorldSpec, WorldSummary, simulate
from tests.simulated import SPEC, days_of, rows_of

COLUMNS = {
    "transactions": "txn_id kind occurred_at member_id merchant_id amount voucher_amount concession_rate "
    "original_txn_id original_date channel",
    "coin_redemptions": "redemption_id occurred_at holder_kind holder_id coins",
    "payouts": "payout_id occurred_at holder_kind holder_id asset amount",
    "members": "member_id joined_at referrer_id",
    "merchants": "merchant_id valid_from region_code concession_rate",
    "bindings": "member_id merchant_id bound_at",
    "promoters": "promoter_id valid_from mentor_id starting_level",
    "merchant_promoters": "merchant_id promoter_id valid_from",
    "agents": "agent_id region_prefix valid_from valid_to",
    "partners": "agent_id partner_id share valid_from valid_to",
}


def _digest(out: Path) -> dict[str, str]:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_same_spec_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path, file_format: Any) -> None:
    digests = []
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        simulate(WorldSpec(90, 12, 9, 150, seed, file_format=file_format), tmp_path / name)
        digests.append(_digest(tmp_path / name))
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_the_summary_counts_what_lies_there(world: tuple[Path, WorldSummary]) -> None:
    out, summary = world
    files = [path for path in out.rglob("*") if path.is_file()]
    rows = sum(len(rows_of(folder)) for _, folder in days_of(out / "landing"))
    sizes = sum(path.stat().st_size for path in files)
    assert summary == WorldSummary(SPEC.days, rows, sizes, len(files))
    assert abs(rows - SPEC.days * SPEC.transactions_per_day) < rows // 50


def test_every_day_has_its_folder(landing: Path) -> None:
    assert [day for day, _ in days_of(landing)] == [SPEC.date_of(day) for day in range(SPEC.days)]


def test_feeds_have_exactly_their_columns(landing: Path) -> None:
    for path in landing.rglob("*.csv"):
        name = path.stem if path.parent.name == "reference" else path.parent.parent.name
        header = path.read_text(encoding="utf-8").split("\n", 1)[0]
        assert header.split(",") == COLUMNS[name].split(), path


def test_a_landing_zone_is_never_mixed_with_another(world: tuple[Path, WorldSummary]) -> None:
    with pytest.raises(UsageError, match="landing zone already"):
        simulate(SPEC, world[0])


@pytest.mark.parametrize("wrong", [{"members": 0}, {"days": 0}, {"seed": -1}, {"bad_share": 1.5}])
def test_impossible_worlds_are_refused(wrong: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"members": 9, "merchants": 3, "days": 2, "transactions_per_day": 5, "seed": 1}
    with pytest.raises(UsageError, match=next(iter(wrong))):
        WorldSpec(**usual | wrong)


def test_progress_is_told_day_by_day(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    simulate(WorldSpec(1, 1, 2, 3, 0), tmp_path, lambda *step: told.append(step))
    assert told == [(1, 2, "2025-01-01"), (2, 2, "2025-01-02")]


def test_parquet_is_typed_and_spoilt_rows_lie_beside_it(tmp_path: Path) -> None:
    simulate(WorldSpec(300, 20, 8, 400, 3, file_format="parquet"), tmp_path)
    folder = tmp_path / "landing" / "transactions"
    typed = pl.read_parquet(folder / "*" / "part-000?.parquet")
    assert typed.columns == COLUMNS["transactions"].split()
    assert typed.schema["amount"] == pl.Decimal(18, 2)
    assert typed.schema["occurred_at"] == pl.Datetime("us", "Asia/Shanghai")
    assert typed.schema["original_date"] == pl.Date
    text = pl.read_parquet(folder / "*" / "*-by-hand.parquet")
    assert set(text.dtypes) == {pl.String}
    assert text.columns == typed.columns
