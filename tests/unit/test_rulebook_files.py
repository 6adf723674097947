"""The rulebook: missing and unknown keys, files that cannot be read, and how all faults are told (SPEC 11)."""

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ConfigurationError
from schemas.rulebook import RulebookError, load_rulebook, rulebook_from
from tests.rulebook_texts import BOOK, FIRST, SHIPPED_TEXT, book_with, faults

# Keys


def keys_of(here: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every key at or below a place in a document, `source` left out."""
    entries = list(here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else [])
    own = [(*path, key) for key, _ in entries if isinstance(key, str) and key != "source"]
    return own + [below for key, entry in entries for below in keys_of(entry, (*path, key))]


EVERY_KEY = keys_of(tomllib.loads(SHIPPED_TEXT))


def without(path: tuple[Any, ...]) -> dict[str, Any]:
    document = tomllib.loads(SHIPPED_TEXT)
    table: Any = document
    for step in path[:-1]:
        table = table[step]
    del table[path[-1]]
    return document


def test_only_regions_promotion_and_assessment_may_be_left_out() -> None:
    left_out = set()
    for path in EVERY_KEY:
        try:
            rulebook_from(without(path), BOOK)
            left_out.add(path[-1])
        except RulebookError as refusal:
            (fault,) = refusal.faults
            assert fault.key.endswith(path[-1])
            assert fault.value == "(missing)"
    assert left_out == {"regions", "promotion", "assessment"}


def test_a_missing_key_says_what_is_wanted() -> None:
    assert faults(("below = ", "# ")) == {"mentoring.below": '(missing) one of "prorata", "capped"'}


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("[rules.intake]", "[rules.intake]\nlate_day = 1", "intake.late_day", '(perhaps "late_days"'),
        ("[rules.intake]", "[rules.bindings]\n[rules.intake]", "bindings", '(perhaps "binding" is meant)'),
        ("months = 3", "months = 3, month = 3", "promoter_levels[junior].promotion.month", '"months"'),
        ("county = ", 'village = "0"\ncounty = ', "agents.village", "only province, city, county, source"),
        ("\n[[rules]]", "\n[rule]\n[[rules]]", "rule", '(perhaps "rules" is meant)'),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused_with_the_nearest_one(old: str, new: str, key: str, words: str) -> None:
    found = faults((old, new))
    assert list(found) == [key]
    assert words in found[key]


# What is refused: files, and how it is said


def test_all_faults_are_told_first_things_first() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        book_with(
            ('county = "0.05"', "county = 0.05"),
            ("late_days = 30", 'late_days = "30"'),
            ('name = "merchant"', 'name = "consumer"'),
            ('ceiling = "5"', 'ceiling = "0"'),
        )
    assert refusal.value.exit_code == 10
    told = str(refusal.value).splitlines()
    assert told[0] == "the rulebook has 4 faults"
    assert [line.split(" = ")[0] for line in told[1:5]] == [
        f"  1. rules[{FIRST}].intake.late_days",
        f"  2. rules[{FIRST}].pools[consumer].name",
        f"  3. rules[{FIRST}].dividend.ceiling",
        f"  4. rules[{FIRST}].agents.county",
    ]
    assert told[5:] == [
        "  where: book.toml",
        "  to do: mend the file, then run: settle rulebook check book.toml",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[[rules]\n", r"not TOML: .*line 1"),
        (b"[[rules]]\nlate = 1\nlate = 2\n", r"not TOML: .*line 3"),
        (b"a = " + b"[" * 100_000, "not TOML"),
        (b"a = 2019-02-30\n", "not TOML"),
        ('[[rules]]\n# 让利'.encode("gb18030"), "not UTF-8 text: byte 0xc8 on line 2"),
    ],
    ids=["syntax", "key twice", "too deep", "no such date", "encoding"],
)  # fmt: skip
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "book.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words) as refusal:
        load_rulebook(path)
    assert str(path) in refusal.value.where


@pytest.mark.parametrize("name", ["none.toml", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read") as refusal:
        load_rulebook(tmp_path / name)
    assert str(tmp_path) in refusal.value.where


@pytest.mark.parametrize("aim", ["pipe", "/dev/zero", "/dev/null"])
def test_what_is_no_regular_file_is_not_opened(tmp_path: Path, aim: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "book.toml").symlink_to(aim)
    with pytest.raises(ConfigurationError, match="no regular file"):
        load_rulebook(tmp_path / "book.toml")
