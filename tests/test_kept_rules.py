"""The rulebook is remembered (SPEC 12): which one holds, and what a night refuses by another one."""

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from flows.commands.main import run
from flows.settlement.kept_rules import KeptRules
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.rulebook import SHIPPED, parse_rulebook, rulebook_path
from tests.damage import same_state
from tests.tiny import RULES, day, purchase, write_tiny

DAYS = {n: [purchase(f"a{n}", n, "1000.00", 2, merchant=2)] for n in range(1, 8)}
REFERENCE = {"bindings": ["2,1,2018-02-01T00:00:00+08:00"]}


def settle(root: Path, *arguments: str, book: Path | None = None) -> int:
    """A command; the rulebook is named only if `book` is given."""
    direct = ["--direct"] if arguments[0] in ("nightly", "backfill") and "--dry-run" not in arguments else []
    named = ["--rulebook", str(book)] if book else []
    return run(["--root", str(root), "--warehouse", str(root / "w.duckdb"), *named, *arguments, *direct])


def version(since: int, *changes: tuple[str, str]) -> str:
    """RULES, in force from the beginning of a day on, with other values."""
    text = RULES.replace("2018-01-01T00:00:00+08:00", f"{day(since)}T00:00:00+08:00")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def fingerprints(root: Path) -> dict[date, str]:
    last = RunLog(root / "lake").last()
    assert last is not None
    kept = KeptRules(Draft(Store(root / "lake"), last.versions, "reader"))
    return {found.first: found.book.text for found in kept.stretches if found.book}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three days, settled by the root's own rulebook without naming it."""
    write_tiny(tmp_path, DAYS, 7, **REFERENCE)
    assert settle(tmp_path, "nightly", "--date", str(day(3))) == 0
    return tmp_path


def test_the_rulebook_of_the_root_holds_where_none_is_named(tmp_path: Path) -> None:
    assert rulebook_path(tmp_path, None) == SHIPPED
    (tmp_path / "rulebook.toml").write_text(RULES, encoding="utf-8")
    assert rulebook_path(tmp_path, None) == tmp_path / "rulebook.toml"
    assert rulebook_path(tmp_path, tmp_path / "other.toml") == tmp_path / "other.toml"


def test_a_link_that_leads_nowhere_is_not_passed_over(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "rulebook.toml").unlink()
    (root / "rulebook.toml").symlink_to(root / "gone.toml")
    assert settle(root, "nightly", "--date", str(day(4))) == 10
    assert "rulebook.toml" in capsys.readouterr().err


def test_a_run_keeps_the_text_and_the_warehouse_shows_it(root: Path) -> None:
    with duckdb.connect(str(root / "w.duckdb"), read_only=True) as reader:
        rows = reader.sql("select first_date, last_date, days, text from rulebooks").fetchall()
    assert rows == [(day(1), day(3), 3, RULES)]
    (root / "rulebook.toml").write_text(f"{RULES}\n# a comment\n", encoding="utf-8")
    assert settle(root, "nightly", "--date", str(day(4))) == 0
    assert settle(root, "nightly", "--date", str(day(5))) == 0
    with duckdb.connect(str(root / "w.duckdb"), read_only=True) as reader:
        texts = reader.sql("select text from rulebooks order by run_id").fetchall()
    assert texts == [(RULES,), (f"{RULES}\n# a comment\n",)], "a text is kept once, until another one comes"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('rate = "0.05"\nrebind', 'rate = "0.06"\nrebind', 'binding.rate is "0.06", and was "0.05"'),
        ('launch = "200"', 'launch = "300"', 'pools.consumer.launch is "300", and was "200"'),
        ('county = "0.05"', 'county = "0.04"', 'agents.county is "0.04", and was "0.05"'),
        ("misses = 2", "misses = 3", "promoter_levels.trainee.assessment.misses is 3, and was 2"),
        ("own_store = true", "own_store = false", "binding.own_store is false, and was true"),
        ("regions = []", 'regions = ["31"]', "regions"),
        ("late_days = 30", "late_days = 29", "intake.late_days is 29, and was 30"),
    ],
)
def test_a_night_by_other_rules_for_settled_days_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    assert old in RULES
    text = RULES.replace(old, new, 1)
    if "regions" in old:
        text += '[[rules.pools]]\nname = "rest"\nholder = "member"\nlaunch = "1"\ngrowth_target = "0.15"\n'
        text += 'earliest_day = 1\ndeadline_day = 31\nbaseline = "actual"\nregions = []\n'
    (root / "rulebook.toml").write_text(text, encoding="utf-8")
    with same_state(root):
        assert settle(root, "nightly", "--date", str(day(4))) == 10
        told = capsys.readouterr().err
        assert words in told or ("regions" in old and '"rest"' in told)
        assert "version of 2018-01-01T00:00:00+08:00" in told
        assert str(root / "rulebook.toml") in told
        assert f"backfill --from {day(1)} --to {day(3)}" in told
        assert settle(root, "nightly", "--date", str(day(3))) == 10, "nothing to settle is no reason to be silent"


def test_after_the_backfill_nights_go_on_by_the_new_rules(root: Path) -> None:
    (root / "rulebook.toml").write_text(RULES.replace('"0.05"\nrebind', '"0.06"\nrebind'), encoding="utf-8")
    assert settle(root, "nightly", "--date", str(day(4))) == 10
    assert settle(root, "backfill", "--from", str(day(1)), "--to", str(day(3))) == 0
    assert settle(root, "nightly", "--date", str(day(4))) == 0
    assert settle(root, "verify") == 0


def test_a_version_added_for_later_is_fine(root: Path) -> None:
    later = version(4, ('"0.05"\nrebind', '"0.07"\nrebind'))
    (root / "rulebook.toml").write_text(RULES + later, encoding="utf-8")
    assert settle(root, "nightly", "--date", str(day(5))) == 0
    assert settle(root, "verify") == 0
    assert list(fingerprints(root)) == [day(1), day(4)]


def test_a_version_that_begins_on_a_settled_day_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = version(3, ('"0.05"\nrebind', '"0.07"\nrebind'))
    (root / "rulebook.toml").write_text(RULES + later, encoding="utf-8")
    assert settle(root, "nightly", "--date", str(day(4))) == 10
    assert f"version of {day(3)}T00:00:00+08:00: binding.rate" in capsys.readouterr().err


def test_another_spelling_of_the_same_rules_is_fine(root: Path) -> None:
    split = RULES.replace('"0.05"\nrebind', '"0.050"\nrebind') + version(2)
    (root / "rulebook.toml").write_text(split, encoding="utf-8")
    assert settle(root, "nightly", "--date", str(day(4))) == 0


def test_rules_of_before_the_first_settled_day_count_as_far_back_as_rows_may_be_dated(root: Path) -> None:
    # Thirty days are late days: a row of the first day may be dated in January.
    far = RULES.replace("2018-01-01", "2019-01-10").replace('concession_max = "0.20"', 'concession_max = "0.20"')
    (root / "rulebook.toml").write_text(RULES.replace('"0.03"', '"0.01"') + far, encoding="utf-8")
    assert settle(root, "nightly", "--date", str(day(4))) == 0, "no row could ever be judged by that version"
    near = RULES.replace("2018-01-01", "2019-02-10")
    (root / "rulebook.toml").write_text(RULES.replace('"0.03"', '"0.01"') + near, encoding="utf-8")
    assert settle(root, "nightly", "--date", str(day(5))) == 10


def test_a_forgotten_option_settles_nothing_by_the_shipped_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiny(tmp_path, DAYS, 7, **REFERENCE)
    book = tmp_path / "elsewhere.toml"
    (tmp_path / "rulebook.toml").rename(book)
    assert settle(tmp_path, "nightly", "--date", str(day(3)), book=book) == 0
    with same_state(tmp_path):
        for asked in (("nightly", "--date", str(day(4))), ("backfill", "--from", str(day(3)), "--to", str(day(4)))):
            assert settle(tmp_path, *asked) == 10
            told = capsys.readouterr().err
            assert "none was named" in told
            assert "pools.consumer.launch" in told
        assert settle(tmp_path, "backfill", "--from", str(day(3)), "--to", str(day(4)), "--dry-run") == 10
    assert settle(tmp_path, "backfill", "--from", str(day(1)), "--to", str(day(3)), book=SHIPPED) == 0, (
        "named, it is meant"
    )


def test_what_looks_at_an_old_day_has_the_rules_of_that_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tiny(tmp_path, DAYS, 7, **REFERENCE)
    book = tmp_path / "elsewhere.toml"
    (tmp_path / "rulebook.toml").rename(book)
    assert settle(tmp_path, "nightly", "--date", str(day(3)), book=book) == 0
    capsys.readouterr()
    for asked in (("verify",), ("explain", "merchant", "1"), ("forecast", "--months", "2"), ("report",)):
        assert settle(tmp_path, *asked) == 0, asked
        told = capsys.readouterr().out
        assert "other rules" not in told
        assert "another edition" not in told


def test_days_of_two_rulebooks_are_explained_and_verified_each_by_its_own(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settle(root, "nightly", "--date", str(day(5))) == 0
    other = root / "other.toml"
    other.write_text(RULES.replace('"0.05"\nrebind', '"0.06"\nrebind'), encoding="utf-8")
    assert settle(root, "backfill", "--from", str(day(4)), "--to", str(day(5)), book=other) == 0
    assert settle(root, "verify") == 0
    capsys.readouterr()
    assert settle(root, "--json", "explain", "merchant", "1") == 0
    told = json.loads(capsys.readouterr().out)
    rewards = {a["business_date"]: a["amount"] for a in told["amounts"] if a["kind"] == "binding_reward"}
    assert rewards == {str(day(n)): "10.00" if n < 4 else "12.00" for n in range(1, 6)}
    assert told["adds_up"] and told["notes"] == []
    assert settle(root, "nightly", "--date", str(day(6))) == 10, (
        "the first three days have other rules than the last two"
    )
    assert settle(root, "nightly", "--date", str(day(6)), book=other) == 10


def test_a_forecast_knows_what_was_decided_for_later(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "rulebook.toml").write_text(RULES + version(40, ('"0.05"\nrebind', '"0.07"\nrebind')), encoding="utf-8")
    capsys.readouterr()
    assert settle(root, "--json", "forecast", "--months", "2") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["settled_by_these_rules"] is True
    assert told["rulebook"] == str(root / "rulebook.toml")
    (root / "rulebook.toml").write_text(RULES.replace('"0.05"\nrebind', '"0.09"\nrebind'), encoding="utf-8")
    assert settle(root, "--json", "forecast", "--months", "2") == 0
    assert "rulebook of run 000001" in json.loads(capsys.readouterr().out)["rulebook"]


def test_a_kept_text_that_was_changed_by_hand_is_damage(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = (root / "lake" / "rulebooks").glob("*.parquet")
    path.write_bytes(path.read_bytes()[::-1])
    assert settle(root, "explain", "member", "2") == 13
    assert "rulebooks" in capsys.readouterr().err


def test_a_text_says_which_version_by_its_moment() -> None:
    book = parse_rulebook(RULES + version(4), Path("x"))
    assert book.text.startswith("\n[[rules]]")
    assert len(book.versions) == 2


def test_the_demo_is_settled_by_its_own_rulebook_without_an_option(tmp_path: Path, demo_warehouse: Path) -> None:
    root = tmp_path / "demo"
    shutil.copytree(demo_warehouse.parent, root)
    assert settle(root, "explain", "promoter", "1", "--date", "2025-04-30") == 0
    assert settle(root, "nightly", "--date", "2025-05-30") == 0
