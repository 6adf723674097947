"""The rulebook: values that are refused, alone or beside others, and in which words (SPEC 11)."""

import re
import tomllib
from pathlib import Path

import pytest

from schemas.rulebook import SHIPPED, RulebookError, load_rulebook, parse_rulebook, rulebook_from
from tests.rulebook_texts import BOOK, EAST, FIRST, LATER, SHIPPED_TEXT, book_with, faults, versions

# Single values


@pytest.mark.parametrize(
    ("new", "key", "words"),
    [
        ("rate = 0.050", "binding.rate", '(write "0.050")'),
        ("rate = 1", "binding.rate", '(write "1")'),
        ("rate = nan", "binding.rate", "NaN a decimal in quotes"),
        ("rate = 1001", "binding.rate", "separator or blank"),
        ("rate = 1e999999999", "binding.rate", "1E+999999999 a decimal in quotes"),
        ("rate = true", "binding.rate", "true a decimal in quotes"),
        ('rate = "0.0000000000001"', "binding.rate", "at most 12 decimals"),
        ('rate = "5e-2"', "binding.rate", '"5e-2" a decimal in quotes'),
        ('rate = "-0.05"', "binding.rate", "no sign"),
        ('rate = "+0.05"', "binding.rate", "no sign"),
        ('rate = " 0.05"', "binding.rate", "blank"),
        ('rate = "0.05\\n"', "binding.rate", "blank"),
        ('rate = "0,05"', "binding.rate", "separator"),
        ('rate = ".05"', "binding.rate", '".05" a decimal'),
        ('rate = "5."', "binding.rate", '"5." a decimal'),
        ('rate = ""', "binding.rate", '"" a decimal'),
        ('rate = "٠.٠٥"', "binding.rate", "a decimal"),
        ('rate = "1000.01"', "binding.rate", "up to 1000,"),
        ('full_at = "10000.001"', "mentoring.full_at", "at most 2 decimals"),
        ('full_at = "99999999999999999"', "mentoring.full_at", "9999999999999999.99"),
        ('launch = "0.00"', "pools[consumer].launch", "above 0"),
        ('growth_target = "0"', "pools[consumer].growth_target", "above 0"),
        ("earliest_day = 0", "pools[consumer].earliest_day", "from 1 to"),
        ("earliest_day = 32", "pools[consumer].deadline_day", "31 a day that is not before"),
        ('baseline = "Actual"', "pools[consumer].baseline", '"actual", "threshold"'),
        ('holder = "promoter"', "pools[consumer].holder", '"member", "merchant"'),
        ('name = "a/b"', "pools[a/b].name", "letters of any script"),
        ('name = ""', "pools[number 1].name", "letters of any script"),
        (f'name = "{"积" * 65}"', f"pools[{'积' * 65}].name", "1 to 64 characters"),
        ('regions = "31"', "pools[consumer].regions", "an array of region prefixes"),
        ("regions = [31]", "pools[consumer].regions[number 1]", "31 1 to 6 digits in quotes"),
        ('regions = ["3101151"]', "pools[consumer].regions[number 1]", "1 to 6 digits"),
        ('regions = ["31", ""]', "pools[consumer].regions[number 2]", "1 to 6 digits"),
        ("late_days = -1", "intake.late_days", "from 0 to"),
        ("late_days = true", "intake.late_days", "true a whole number"),
        ("late_days = 30.0", "intake.late_days", "30.0 a whole number"),
        ('late_days = "30"', "intake.late_days", "without quotes"),
        ('quarantine_limit = "1.01"', "intake.quarantine_limit", "up to 1,"),
        ('concession_max = "1.01"', "earning.concession_max", "up to 1,"),
        ('concession_max = "0.02"', "earning.concession_max", "concession_min, 0.03"),
        ('points_per_yuan = "10001"', "earning.points_per_yuan", "up to 10000,"),
        ("voucher_spend = false", "earning.voucher_spend", '"full", "cash", "none"'),
        ('first_rate = "0"', "dividend.first_rate", "above 0"),
        ('ceiling = "0.0049"', "dividend.ceiling", "at least first_rate, 0.005"),
        ("max_payouts = 0", "dividend.max_payouts", "from 1 to"),
        ('on_shortfall = "stop"', "dividend.on_shortfall", '"report", "scale"'),
        ('rebind = "false"', "binding.rebind", "true or false"),
        ("rebind = 0", "binding.rebind", "true or false"),
        ("days = 100001", "referral.days", "from 0 to 100000"),
        ("months = 0", "promoter_levels[junior].promotion.months", "from 1 to"),
        ("misses = 0", "promoter_levels[trainee].assessment.misses", "from 1 to"),
        ('code = " "', "promoter_levels[ ].code", "printable"),
        ("title = 1", "promoter_levels[junior].title", "printable"),
        ('below = "none"', "mentoring.below", '"prorata", "capped"'),
        ('county = "x"', "agents.county", "a decimal in quotes"),
        ("assessment = 5 #", "promoter_levels[trainee].assessment", "5 a table"),
    ],
)  # fmt: skip
def test_a_value_that_is_not_allowed_is_refused(new: str, key: str, words: str) -> None:
    name = new.split(" = ", maxsplit=1)[0]
    old = re.search(rf"\b{name} = [^,}}\n#]*", SHIPPED_TEXT)
    assert old
    found = faults((old[0], new))
    assert list(found) == [key]
    assert words in found[key]


def test_a_source_is_text() -> None:
    assert faults(('source = "Choice, all', "source = 5 # ")) == {"intake.source": "5 text in quotes"}


@pytest.mark.parametrize(
    ("start", "key"),
    [
        ("2019-01-01T00:00:00", "rules[number 1].effective_from"),
        ("2019-01-01", "rules[number 1].effective_from"),
        ("2019", "rules[number 1].effective_from"),
        (f'"{FIRST}"', f"rules[{FIRST}].effective_from"),
        ("0001-01-01T00:00:00+08:00", "rules[0001-01-01T00:00:00+08:00].effective_from"),
        ("9999-12-31T20:00:00Z", "rules[9999-12-31T20:00:00+00:00].effective_from"),
    ],
)
def test_effective_from_needs_an_offset(start: str, key: str) -> None:
    found = {found.removeprefix(f"rules[{FIRST}]."): words for found, words in faults((FIRST, start)).items()}
    assert "such as 2019-01-01T00:00:00+08:00" in found[key.removeprefix(f"rules[{FIRST}].")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('rate = "0.05"', 'rate = "0"'),
        ('commission = "0.06"', 'commission = "0"'),
        ('points_per_yuan = "1"', 'points_per_yuan = "0"'),
        ('funding_share = "0.40"', 'funding_share = "0"'),
        ('funding_share = "0.40"', 'funding_share = "1.5"'),
        ('concession_min = "0.03"', 'concession_min = "0.2"'),
        ('concession_max = "0.20"', 'concession_max = "1"'),
        ('quarantine_limit = "0.02"', 'quarantine_limit = "1"'),
        ('ceiling = "5"', 'ceiling = "0.005"'),
        ("earliest_day = 11", "earliest_day = 31"),
        ("late_days = 30", "late_days = 0"),
        ('full_at = "10000"', 'full_at = "0"'),
        ('name = "consumer"', 'name = "消费者_1-a"'),
        (FIRST, "2019-01-01t00:00:00.5-05:00"),
    ],
)
def test_what_a_business_may_choose_is_read(old: str, new: str) -> None:
    assert len(book_with((old, new)).versions) == 1


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SHIPPED_TEXT.encode())
    assert load_rulebook(path).fingerprint == load_rulebook(SHIPPED).fingerprint


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ([("regions = []", 'regions = ["4"]')], "pools", "none exactly one pool without regions"),
        ([('holder = "merchant"', 'holder = "member"')], "pools", "exactly one pool without regions"),
        ([('regions = ["31", "32"]', "")], "pools", '"consumer", "east" exactly one pool'),
        ([('name = "east"', 'name = "merchant"')], "pools[merchant].name", "pools number 2 and 3 share"),
        ([('["31", "32"]', '["31", "31"]')], "pools[east].regions", '"31" a prefix once per holder kind'),
        ([("[rules.dividend]", EAST.replace("east", "west"))], "pools[west].regions", '"east" has it'),
        ([('code = "trainee"', 'code = "junior"')], "promoter_levels[junior].code", "levels number 1 and 2"),
    ],
)  # fmt: skip
def test_pools_and_levels_have_to_fit(changes: list[tuple[str, str]], key: str, words: str) -> None:
    found = faults(*changes, text=SHIPPED_TEXT.replace("[rules.dividend]", EAST, 1))
    assert list(found) == [key]
    assert words in found[key]


def test_the_same_prefix_in_pools_of_two_holder_kinds_is_read() -> None:
    west = EAST.replace("east", "west").replace('holder = "member"', 'holder = "merchant"')
    pools = book_with(("[rules.dividend]", EAST), ("[rules.dividend]", west)).versions[0].pools
    assert [pool.name for pool in pools] == ["consumer", "merchant", "east", "west"]


def test_no_level_and_no_version_are_refused() -> None:
    document = tomllib.loads(SHIPPED_TEXT)
    document["rules"][0]["promoter_levels"] = []
    for empty, words in ((document, "at least one table"), ({"rules": []}, "at least one version")):
        with pytest.raises(RulebookError, match=words):
            rulebook_from(empty, BOOK)


@pytest.mark.parametrize(("text", "words"), [("", r"\(missing\)"), ("rules = 1", "1"), ("[rules]", "a table")])
def test_a_file_without_versions_is_refused(text: str, words: str) -> None:
    with pytest.raises(RulebookError, match=rf"rules = \(?{words}\)?; allowed: an array of versions"):
        parse_rulebook(text, BOOK)


@pytest.mark.parametrize("second", [FIRST, "2018-12-31T16:00:00Z"])
def test_two_versions_of_one_moment_are_refused(second: str) -> None:
    (words,) = faults(text=versions(FIRST, second)).values()
    assert words == f"{FIRST} a moment of its own: versions number 1 and 2 begin at this one"


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        (('name = "merchant"', 'name = "new"'), "pools", f'"merchant": a pool stays once named, and {FIRST}'),
        (('code = "trainee"', 'code = "senior"'), "promoter_levels", 'a level with code "trainee"'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("starts", [(FIRST, LATER), (FIRST, LATER, "2025-01-01T00:00:00Z")])
def test_pools_and_levels_stay(starts: tuple[str, ...], change: tuple[str, str], key: str, words: str) -> None:
    found = faults(text=versions(*starts, second=(change,)))
    assert words in found[f"rules[{LATER}].{key}"]


def test_a_pool_keeps_its_holder() -> None:
    swap = (
        ('name = "consumer"', 'name = "x"'),
        ('name = "merchant"', 'name = "consumer"'),
        ('name = "x"', 'name = "merchant"'),
    )
    found = faults(text=versions(FIRST, LATER, second=swap))
    assert list(found) == [f"rules[{LATER}].pools[{name}].holder" for name in ("consumer", "merchant")]
    assert '"merchant" "member": a pool stays once named' in found[f"rules[{LATER}].pools[consumer].holder"]


def test_a_new_pool_and_a_new_level_may_come() -> None:
    level = SHIPPED_TEXT[SHIPPED_TEXT.index("[[rules.promoter_levels]]") :]
    level = level[: level.index("[[rules.promoter_levels]]", 1)].replace("junior", "senior")
    more = (("[rules.dividend]", EAST), ("[rules.mentoring]", level + "[rules.mentoring]"))
    assert len(book_with(text=versions(FIRST, LATER, second=more)).versions[1].pools) == 3
