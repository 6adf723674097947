"""`settle explain`: the parts of every amount add up to its ledger row, and they are told (SPEC 12)."""

import random
import shutil
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from flows.explain.answer import answer, as_json
from flows.explain.explain import FAMILIES
from tests.engine import backfill, close, night
from tests.explained import KEY, WORLD, assert_told, books, every, explained, key, ledger, settle, settled_world
from tests.test_real_orders import FIRST, LAST, ORDERS, RULEBOOK, laid_out
from tests.test_restatement import changed_feed
from tests.tiny import day, purchase, write_tiny
from tests.worlds import make_world

pytestmark = pytest.mark.xdist_group("explain")  # its worlds are made by one worker

RESTATED_TWICE = make_world(8, mess=5)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return settled_world(tmp_path_factory.mktemp("settled"))


@pytest.fixture(scope="module")
def restated(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half of the days closed, a closed feed changed; then all closed, and another one changed."""
    root = tmp_path_factory.mktemp("restated") / "root"
    shutil.copytree(settled, root)
    rulebook, last = root / "rulebook.toml", WORLD.last - timedelta(days=2)
    close(root, WORLD.first + (last - WORLD.first) / 2)
    changed_feed(root, WORLD.first + timedelta(days=1))
    assert backfill(root, rulebook, WORLD.first, WORLD.first, restate=True)
    night(root, rulebook, WORLD.last)
    close(root, last)
    changed_feed(root, WORLD.first + timedelta(days=2))
    assert backfill(root, rulebook, WORLD.first, WORLD.first, restate=True)
    return root


def test_every_amount_of_every_kind_adds_up(settled: Path) -> None:
    answers = explained(settled)
    for given in answers:
        assert_told(given)
    found = [one.amount for one in every(answers)]
    assert {amount.kind for amount in found} == set(FAMILIES)
    retired = {amount.value_date > amount.business_date for amount in found if amount.kind == "points_retired"}
    assert retired == {True, False}, "by an event, and put back by a refund"
    assert not any(given.notes for given in answers)


def test_what_was_restated_adds_up_to_what_was_due(restated: Path) -> None:
    answers = explained(restated)
    for given in answers:
        assert_told(given)
    found = list(every(answers))
    booked = [one.amount for one in found if one.amount.origin == "restatement"]
    assert {amount.business_date for amount in booked} == {WORLD.last - timedelta(days=2), WORLD.last}
    changed = [one.amount for one in found if one.amount.due_fen != one.amount.amount_fen]
    assert {amount.amount_fen == 0 for amount in changed} == {True, False}, "posted wrongly, and not posted at all"
    for given in answers:
        for row in as_json(given)["amounts"]:
            assert bool(row["restatements"]) <= (row["due"] != row["amount"])


def test_a_date_gives_what_was_booked_on_it_and_what_counts_from_it(settled: Path) -> None:
    rows = ledger(settled)
    event = rows.filter(kind="dividend").row(0, named=True)
    holder = (event["holder_kind"], event["holder_id"])
    for at in (event["business_date"], event["value_date"]):
        given = answer(books(settled, *holder), at)
        wanted = rows.filter(holder_kind=holder[0], holder_id=holder[1]).filter(
            (pl.col("business_date") == at) | (pl.col("value_date") == at)
        )
        assert [key(one) for one in given.explanations] == sorted(wanted.select(KEY).rows())
        assert "dividend" in {one.amount.kind for one in given.explanations}


@pytest.mark.skipif(not ORDERS.is_dir(), reason="the real orders are not here")
def test_real_amounts_add_up(tmp_path: Path) -> None:
    root = laid_out(tmp_path)
    shutil.copy(RULEBOOK, root / "rulebook.toml")
    backfill(root, RULEBOOK, FIRST, LAST)
    chance = random.Random(5)
    for _, rows in ledger(root).group_by("kind", "holder_kind", maintain_order=True):
        for number in chance.sample(range(rows.height), min(5, rows.height)):
            row = rows.row(number, named=True)
            given = answer(books(root, row["holder_kind"], row["holder_id"]), row["value_date"])
            assert_told(given)
            [one] = [one for one in given.explanations if key(one) == tuple(row[name] for name in KEY)]
            assert one.sum_fen == row["amount_fen"]


def test_a_restated_dividend_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A first day with twice the points: event 1 should have paid 2.00, and event 2 would not have come yet."""
    days = {1: [purchase("a1", 1, "2000.00")], 2: [purchase("b1", 2, "300.00", 2)]}
    write_tiny(tmp_path, days, 3)
    backfill(tmp_path, tmp_path / "rulebook.toml", day(1), day(3))
    close(tmp_path, day(2))
    feed = tmp_path / "landing" / "transactions" / f"day={day(1)}" / "a.csv"
    feed.write_text(feed.read_text(encoding="utf-8").replace("2000.00", "4000.00"), encoding="utf-8")
    assert backfill(tmp_path, tmp_path / "rulebook.toml", day(1), day(1), restate=True)
    assert settle(tmp_path, "explain", "member", "1", "--date", str(day(2))) == 0
    text = capsys.readouterr().out
    assert "payout 1 of at most 40 on 400.00 points; all payouts so far 0.5 % = 2.00, before 0 % = 0.00: +2.00" in text
    assert ": 2.00 should have been posted, 1.00 was." in text
    assert "nothing: history as it is now has no such amount" in text
    assert f"The difference, +1.00, is part of what was restated of this kind: -0.15 on {day(3)}." in text
    assert "adds up: 2.00 = 2.00 due, 1.00 posted" in text
    assert "adds up: 0.00 = 0.00 due, 1.15 posted" in text
    assert settle(tmp_path, "explain", "member", "1", "--date", str(day(3))) == 0
    text = capsys.readouterr().out
    assert f"{day(3)}: -0.15 vouchers 抵用券: dividend 分红 of pool consumer, restatement 重述" in text
    assert f"{day(1)} (counts from {day(2)}): should have been 2.00, posted was 1.00: +1.00" in text
    assert f"{day(2)} (counts from {day(3)}): should have been 0.00, posted was 1.15: -1.15" in text
    assert "adds up: 1.00 - 1.15 = -0.15" in text
