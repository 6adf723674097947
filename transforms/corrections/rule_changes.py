"""Which rules of two rulebooks differ over some settled days, value by value (SPEC 12)."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from schemas.rulebook import Rulebook
from schemas.rulebook.book import business_time
from schemas.rulebook.values import BUSINESS_ZONE

_NAMED_BY: Final = {"pools": "name", "promoter_levels": "code"}
"""Arrays of a version, and the key that names their tables."""
NO_RULE: Final = "(missing)"


@dataclass(frozen=True)
class RuleChange:
    """One value that differs. `since`: where the version that holds now begins; `what`: the key, what it says now, and
    what it said, as the two books write it."""

    since: datetime
    what: str

    def __str__(self) -> str:
        return f"version of {business_time(self.since)}: {self.what}"


def rule_changes(settled: Rulebook, other: Rulebook, first: date, last: date) -> list[RuleChange]:
    """Every value in which `other` differs from `settled` at any moment of first..last, both business dates.

    Rules count, not spelling: a version added for later, a comment or a source is no change.
    """
    if settled.fingerprint == other.fingerprint:
        return []
    begin, end = (datetime.combine(day, at, BUSINESS_ZONE) for day, at in ((first, time.min), (last, time.max)))
    moments = {begin, *(moment for book in (settled, other) for moment in book.boundaries if begin < moment <= end)}
    found = (change for moment in sorted(moments) for change in _changes_at(settled, other, moment))
    return list(dict.fromkeys(found))


def is_prefix(fingerprint: str, book: Rulebook) -> bool:
    """Whether `book` is the book of this fingerprint, or that book with later versions added to it."""
    prefixes = (Rulebook(book.path, book.versions[:count]) for count in range(1, len(book.versions) + 1))
    return any(prefix.fingerprint == fingerprint for prefix in prefixes)


def _changes_at(settled: Rulebook, other: Rulebook, moment: datetime) -> Iterator[RuleChange]:
    rules_was, rules_now = (book.at(moment).model_dump() for book in (settled, other))
    lost = [*_unmatched(rules_was, rules_now, "no {} {} any more"), *_unmatched(rules_now, rules_was, "a new {} {}")]
    yield from (RuleChange(other.at(moment).effective_from, what) for what in lost)
    was, now = dict(_values(rules_was)), dict(_values(rules_now))
    # Where a pool or level has come or gone, its keys and the order of the others say nothing more.
    both = was.keys() & now.keys() - set(_NAMED_BY) if lost else was.keys() | now.keys()
    written_was, written_now = (_written(book, moment) for book in (settled, other))
    for key in sorted(key for key in both if was.get(key) != now.get(key)):
        before, after = (_shown(w.get(key, v.get(key))) for w, v in ((written_was, was), (written_now, now)))
        yield RuleChange(other.at(moment).effective_from, f"{key} is {after}, and was {before}")


def _unmatched(these: Mapping[str, Any], others: Mapping[str, Any], words: str) -> Iterator[str]:
    """Pools and levels of `these` that `others` have not."""
    for array, what in (("pools", "pool"), ("promoter_levels", "level")):
        names = {each[_NAMED_BY[array]] for each in others[array]}
        for each in these[array]:
            if each[_NAMED_BY[array]] not in names:
                yield words.format(what, f'"{each[_NAMED_BY[array]]}"')


def _values(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Keys like `pools.consumer.launch` and their values; `pools` itself: the order of the pools."""
    for name, value in table.items():
        if name in ("effective_from", "source") or value is None:
            continue
        if isinstance(value, Mapping):
            yield from _values(value, f"{above}{name}.")
        elif name in _NAMED_BY and not above:
            names = [str(each.get(_NAMED_BY[name])) for each in value]
            yield name, names
            for each, named in zip(value, names, strict=True):
                yield from _values(each, f"{name}.{named}.")
        else:
            yield f"{above}{name}", list(value) if isinstance(value, tuple) else value


def _written(book: Rulebook, moment: datetime) -> dict[str, Any]:
    """The version in force as its file writes it; nothing for a book that was made without a text."""
    if not book.text:
        return {}
    versions = tomllib.loads(book.text, parse_float=Decimal)["rules"]
    begins = book.at(moment).effective_from
    return next((dict(_values(version)) for version in versions if version["effective_from"] == begins), {})


def _shown(value: object) -> str:
    if value is None:
        return NO_RULE
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
