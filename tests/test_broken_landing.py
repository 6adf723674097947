"""Hundreds of broken landing zones: rows in = booked + quarantined, or the run is refused and nothing has changed."""

from collections import Counter
from pathlib import Path

import pytest

from tests.broken_landing.mutations import MUTATIONS
from tests.broken_landing.reader import RefusedError, count, records
from tests.broken_landing.trial import settled_base, try_seed
from tests.broken_landing.world import sound

GROUPS, SEEDS = 6, 50
FAILED: tuple[int, ...] = (2941, 3305, 14877)
"""Seeds that once found a fault, of the engine or of the reader."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return settled_base(tmp_path_factory.mktemp("broken") / "base")


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_row_is_lost_whatever_is_broken(group: int, base: Path, tmp_path: Path) -> None:
    verdicts = [try_seed(seed, base, tmp_path / "root") for seed in range(group * SEEDS, (group + 1) * SEEDS)]
    assert [verdict for verdict in verdicts if verdict.fault] == []
    became = Counter(verdict.became for verdict in verdicts)
    assert became["booked"] > 0
    assert became["InputRefusedError"] > 0


@pytest.mark.parametrize("seed", FAILED)
def test_seeds_that_once_found_a_fault(seed: int, base: Path, tmp_path: Path) -> None:
    assert try_seed(seed, base, tmp_path / "root").fault is None


def test_every_way_is_tried(base: Path) -> None:
    assert len(MUTATIONS) <= GROUPS * SEEDS


def test_the_sound_zone_is_booked_to_the_row(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.broken_landing.trial.broken", lambda seed, zone: [])
    verdict = try_seed(0, base, tmp_path / "root")
    assert (verdict.became, verdict.fault) == ("booked", None)
    assert (count(sound()).rows, count(sound()).fen) == (9, 345_90)


def test_a_reader_that_counts_wrongly_is_noticed(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial itself: a row too few, or a file that should have been refused, is a fault."""
    monkeypatch.setattr("tests.broken_landing.trial.broken", lambda seed, zone: [])
    with monkeypatch.context() as patch:
        patch.setattr("lake.landing.zone._without_torn_amounts", lambda part, feed: part.head(1))
        fault = try_seed(0, base, tmp_path / "root").fault
        assert fault and "rows in, out and amount" in fault
    with monkeypatch.context() as patch:
        patch.setattr("lake.landing.strays.day_strays", lambda *_: [])
        patch.setattr("lake.landing.zone.day_strays", lambda *_: [])
        patch.setattr("tests.broken_landing.trial.broken", lambda seed, zone: zone.files.update({_STRAY: b""}) or [])
        fault = try_seed(0, base, tmp_path / "root").fault
        assert fault and "would have refused it" in fault


_STRAY = "transactions/day=2019-03-02/b.CSV"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('a,b\n1,"x""y"\n', [["a", "b"], ["1", 'x"y']]),
        ('a,b\r\n"1\n2",\r', [["a", "b"], ["1\n2", ""]]),
        ("a\n\n\r1", [["a"], ["1"]]),
        ('a\n""\n', [["a"], [""]]),
    ],
)
def test_the_slow_reader(text: str, rows: list[list[str]]) -> None:
    assert records(text) == rows


@pytest.mark.parametrize("text", ['a\nx"\n', 'a\n"x"y\n', 'a\n"x\n', 'a\n "x"\n', ""])
def test_what_the_slow_reader_refuses(text: str) -> None:
    with pytest.raises(RefusedError):
        records(text)
