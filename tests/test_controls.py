"""Every control can fail: the data is damaged in the way that it guards against, and the run must stop with 13.

What was settled before stays as it was: the run log, the warehouse, and every byte of the lake that it names.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.settlement import booking
from flows.settlement.books import journal as books
from flows.settlement.pools import clawbacks, positions
from flows.settlement.pools import pay as payments
from flows.settlement.pools import settle as pools
from lake.runs.log import RunLog
from schemas.errors import ControlFailedError
from tests.compare import ALL_TABLES, assert_same, read_tables
from tests.engine import backfill, night, published
from tests.worlds import make_world
from transforms.books import controls, journal

WORLD = make_world(168)
"""Purchases, refunds of closed cohorts, several events, a month's end."""
BEFORE = WORLD.first + timedelta(days=1)

Damage = Callable[[pytest.MonkeyPatch], None]


def wrapped(patch: pytest.MonkeyPatch, module: Any, name: str, damage: Callable[[Any], Any]) -> None:
    """Let `module.name` return what it returns, damaged."""
    whole = getattr(module, name)
    patch.setattr(module, name, lambda *given, **named: damage(whole(*given, **named)))


def without_first(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.slice(1)


def one_fen_more(column: str, where: pl.Expr | bool = True) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """The first matching row a fen too high."""

    def damage(rows: pl.DataFrame) -> pl.DataFrame:
        hit = pl.lit(where) if isinstance(where, bool) else where
        first = hit & (hit.cast(pl.Int32).cum_sum() == 1)
        return rows.with_columns(pl.when(first).then(pl.col(column) + 1).otherwise(column).alias(column))

    return damage


def lost_row(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, booking, "valued", without_first)


def wrong_amount(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, booking, "valued", one_fen_more("amount_fen"))


def one_sided_entry(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, books, "journal", one_fen_more("credit_fen"))


def lost_voucher(patch: pytest.MonkeyPatch) -> None:
    # The journal hears of every posting of the ledger, so the balances have to lose one on their own.
    from flows.settlement.books import balances as accounts  # noqa: PLC0415

    vouchers = (pl.col("asset") == "voucher") & (pl.col("balance_fen") != 0)
    wrapped(
        patch, accounts, "posted_balances", lambda rows: one_fen_more("balance_fen", vouchers)(rows.collect()).lazy()
    )


def lost_payable(kind: str) -> Damage:
    def damage(patch: pytest.MonkeyPatch) -> None:
        from flows.settlement.books import balances as accounts  # noqa: PLC0415

        cash = (pl.col("asset") == "cash") & (pl.col("holder_kind") == kind)
        wrapped(
            patch, accounts, "posted_balances", lambda rows: one_fen_more("balance_fen", cash)(rows.collect()).lazy()
        )

    return damage


def lost_points(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, booking, "member_postings", one_fen_more("amount_fen", pl.col("kind") == "points_earned"))


def lost_inflow(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, pools, "inflows", lambda rows: one_fen_more("inflow_fen")(rows.collect()).lazy())


def lost_lot(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, payments, "close_cohort", lambda rows: rows.collect().slice(1).lazy())


def wrong_position(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, positions, "net_positions", lambda rows: one_fen_more("points_fen")(rows.collect()).lazy())


def negative_position(patch: pytest.MonkeyPatch) -> None:
    debt = pl.when(pl.int_range(pl.len()) == 0).then(-pl.col("points_fen")).otherwise("points_fen")
    wrapped(patch, positions, "net_positions", lambda rows: rows.collect().with_columns(points_fen=debt).lazy())


def wrong_dividend(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, payments, "dividends", lambda rows: one_fen_more("amount_fen")(rows.collect()).lazy())


def forgotten_clawback(patch: pytest.MonkeyPatch) -> None:
    wrapped(patch, clawbacks, "clawbacks", lambda rows: rows.with_columns(dividend_clawback=pl.lit(0, pl.Int64)))


DAMAGES: dict[str, Damage] = {
    "rows_in_are_rows_out": lost_row,
    "amounts_in_are_amounts_out": wrong_amount,
    "journal_balances": one_sided_entry,
    "voucher_liability": lost_voucher,
    "merchant_payable": lost_payable("merchant"),
    "promoter_payable": lost_payable("promoter"),
    "agent_payable": lost_payable("agent"),
    "partner_payable": lost_payable("partner"),
    "points_balances": lost_points,
    "pool_value": lost_inflow,
    "closed_lots": lost_lot,
    "positions": wrong_position,
    "no_negative_position": negative_position,
    "dividends_recomputed": wrong_dividend,
    "dividends_entitled": forgotten_clawback,
}


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The world with its first days settled and published."""
    root = tmp_path_factory.mktemp("controls")
    _, rulebook = WORLD.write(root)
    night(root, rulebook, BEFORE)
    published(root)
    yield root


@pytest.mark.parametrize("name", DAMAGES)
def test_a_control_catches_its_damage_and_nothing_changes(
    name: str, settled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, tables = _contents(settled), read_tables(settled / "warehouse.duckdb", ALL_TABLES)
    DAMAGES[name](monkeypatch)
    with pytest.raises(ControlFailedError) as failed:
        night(settled, settled / "rulebook.toml", WORLD.last)
    assert failed.value.exit_code == 13
    assert name in failed.value.every
    assert _contents(settled) == before
    assert_same(tables, read_tables(published(settled), ALL_TABLES), ALL_TABLES)


def _contents(root: Path) -> dict[str, bytes]:
    """Every file of the lake."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted((root / "lake").rglob("*")) if p.is_file()}


def test_every_control_of_a_run_has_its_damage(tmp_path: Path) -> None:
    _, rulebook = WORLD.write(tmp_path)
    run = backfill(tmp_path, rulebook, WORLD.first, WORLD.last)
    assert run is not None
    names = {name.split(":")[0] for name in _stored(tmp_path)}
    assert names == set(DAMAGES)


def _stored(root: Path) -> list[str]:
    import duckdb  # noqa: PLC0415

    with duckdb.connect(str(published(root)), read_only=True) as reader:
        rows = reader.sql("select distinct name from controls where passed order by 1").fetchall()
        assert reader.sql("select count(*) from controls where not passed").fetchall() == [(0,)]
    assert len(RunLog(root / "lake").frame()) == 1
    return [str(row[0]) for row in rows]


def test_a_control_names_the_first_failures() -> None:
    failed = [controls.Control(WORLD.first, "voucher_liability", 100, 99)]
    with pytest.raises(ControlFailedError, match=r"voucher_liability of .*: expected 100, found 99"):
        controls.enforce(failed)
    controls.enforce([controls.Control(WORLD.first, "voucher_liability", 100, 100)])


def test_entries_of_the_journal_have_two_sides() -> None:
    assert all(debit != credit for _, debit, credit in journal.ENTRIES.values())
