"""docs/rules.md is complete, what it names exists, and its sums are right.

A rule is a section headed `###`; its last line is its metadata, where rulebook may be none, and a test may stand
for the scenarios:
SPEC 6 · rulebook `dividend.ceiling` · module `transforms/pools/cohorts.py` · scenario `06_dividends/given_a_ceiling`
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest

from schemas.rulebook import Rules
from schemas.rulebook.table import Table
from tests.scenario import SCENARIOS
from transforms.books.journal import ENTRIES
from transforms.books.ledger import MEMBER_POSTINGS, MERCHANT_POSTINGS, MOVEMENT_KINDS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
RULES = re.findall(r"^### (.+?)\n(.+?)(?=\n##|\Z)", TEXT, re.MULTILINE | re.DOTALL)

NAMES = r"`[^`]+`(?:, `[^`]+`)*"
METADATA = re.compile(
    rf"^SPEC (?P<spec>\d+(?:, \d+)*) · rulebook (?P<rulebook>none|{NAMES}) · module (?P<module>{NAMES})"
    rf" · (?:scenario (?P<scenario>{NAMES})|test (?P<test>{NAMES}))$",
    re.MULTILINE,
)
NO_RULE = {"effective_from", "source", "title", "code", "name"}
"""Keys that say which version, pool or level this is, or where its numbers come from."""
HELPERS = {
    "transforms/corrections/rule_changes.py": "compares two rulebooks",
    "transforms/intake/faulty_column.py": "tells which column a reason came of",
    "transforms/exact/buckets.py": "how the work is split; any number of buckets gives the same amounts",
    "transforms/books/day_sums.py": "sums of booked rows that later stages ask for; it decides no amount",
    "transforms/exact/lookup.py": "how a row is found by its id",
    "transforms/corrections/comparison.py": "how a history is compared with its recomputation; it decides no amount",
    "transforms/pools/next_event.py": "what a pool waits for, as the report tells it; `events.py` decides",
    "transforms/months/month_ends.py": "calendar arithmetic",
    "transforms/reference/model.py": "the tables of the reference data as one type",
}
"""Modules that hold no rule of settlement; `__init__.py` of a package is none either."""
TELLERS = (
    "transforms/explain/",
    "transforms/forecast/",
    "transforms/corrections/what_if",
    "transforms/rulebook_check/",
)
"""Modules that explain, foresee and advise by the rules' own functions: `docs/finance.md` is about them."""
REASONS = {
    *("malformed", "bad_amount", "future_dated", "too_late", "conflicting_duplicate", "duplicate", "already_booked"),
    *("unknown_member", "unknown_merchant", "unknown_promoter", "unknown_agent", "unknown_partner"),
    *("concession_out_of_range", "unknown_original", "refund_mismatch", "refund_exceeds_purchase"),
}
KINDS = {*MEMBER_POSTINGS, *MERCHANT_POSTINGS, *MOVEMENT_KINDS.values(), *ENTRIES, "points_retired"}
TRIGGERS = {"launch", "growth", "deadline"}

OPERAND = r"\(*-?\d[\d,]*(?:\.\d+)?\)*"
SUM = re.compile(
    rf"(?P<sum>{OPERAND}(?: [-+x/] {OPERAND})+)(?: = (?P<exact>-?\d[\d,]*(?:\.\d+)?))?"
    r"(?: → (?P<rounded>-?\d[\d,]*(?:\.\d+)?))?"
)
OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def metadata(body: str) -> dict[str, str]:
    """The parts that the rule's last line has."""
    found = METADATA.fullmatch(body.strip().splitlines()[-1])
    assert found, body
    return {part: names for part, names in found.groupdict().items() if names}


def named(part: str) -> set[str]:
    """Everything that the metadata lines name in one of their parts."""
    return {name for _, body in RULES for name in re.findall("`([^`]+)`", metadata(body).get(part, ""))}


def keys(table: type[Table], path: str = "") -> Iterator[str]:
    """The rulebook's keys with their tables: `promoter_levels.promotion.months`."""
    for name, field in table.model_fields.items():
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if _is_table(kind)]
        if inner:
            yield from keys(inner[0], f"{path}{name}.")
        elif name not in NO_RULE:
            yield path + name


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Table)


@pytest.mark.parametrize(("title", "body"), RULES, ids=[title for title, _ in RULES])
def test_a_rule_has_an_explanation_a_table_and_its_metadata(title: str, body: str) -> None:
    explanation, *_, last = body.strip().split("\n\n")
    assert not explanation.startswith("|")
    assert "|---|" in body
    assert METADATA.fullmatch(last)
    assert len(METADATA.findall(body)) == 1
    assert re.search("[\u4e00-\u9fff]", title)


def test_every_section_of_the_contract_has_a_rule() -> None:
    sections = {int(n) for _, body in RULES for n in metadata(body)["spec"].split(", ")}
    assert sections >= set(range(1, 11))


def test_every_key_of_the_rulebook_is_named_and_no_other() -> None:
    assert named("rulebook") == set(keys(Rules))


def test_the_keys_are_found_at_any_depth() -> None:
    assert {"intake.late_days", "pools.launch", "promoter_levels.promotion.months"} <= set(keys(Rules))


def test_every_module_that_holds_a_rule_is_named_and_those_named_exist() -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "transforms").rglob("*.py")}
    no_rules = HELPERS.keys() | {module for module in modules if module.startswith(TELLERS)}
    hold_rules = {module for module in modules if not module.endswith("__init__.py")} - no_rules
    assert hold_rules <= named("module")
    assert HELPERS.keys() <= modules - named("module")
    assert [name for name in named("module") | named("test") if not (ROOT / name).is_file()] == []


def test_every_scenario_named_exists() -> None:
    assert [name for name in named("scenario") if not (SCENARIOS / name / "story.md").is_file()] == []


@pytest.mark.parametrize("word", sorted(REASONS | KINDS | TRIGGERS))
def test_every_reason_kind_and_trigger_appears(word: str) -> None:
    assert f"`{word}`" in TEXT


def test_every_sum_is_right() -> None:
    sums = [found for found in SUM.finditer(TEXT) if found["exact"] or found["rounded"]]
    assert len(sums) > 100
    assert [found[0] for found in sums if not _is_right(found)] == []


def _is_right(found: re.Match[str]) -> bool:
    """`=` is exact; `→` is less than one unit of its last decimal away."""
    # Numbers become texts, so that none of them is ever a float.
    quoted = re.sub(r"\d[\d.]*", r"'\g<0>'", _plain(found["sum"]))
    value = _value(ast.parse(quoted.replace("x", "*"), mode="eval").body)
    exact, rounded = (_plain(found[part] or "") for part in ("exact", "rounded"))
    unit = Fraction(1, 10 ** len(rounded.partition(".")[2]))
    return (not exact or value == Fraction(exact)) and (not rounded or abs(value - Fraction(rounded)) < unit)


def _plain(number: str) -> str:
    return number.replace(",", "")


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.BinOp(left, operation, right):
            return OPERATIONS[type(operation)](_value(left), _value(right))
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand)
        case ast.Constant(str(number)):
            return Fraction(number)
    raise AssertionError(ast.dump(node))
