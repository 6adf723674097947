"""The rulebook: every version of the rules, and which one judges a moment or a business date (SPEC 1, 11)."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from schemas.errors import ConfigurationError
from schemas.rulebook.model import Rules
from schemas.rulebook.refusals import Part, refused, refused_parts
from schemas.rulebook.table import Table
from schemas.rulebook.values import BUSINESS_ZONE, array_of


def business_time(moment: datetime) -> str:
    """A moment as the business writes it: `2019-01-01T00:00:00+08:00`."""
    return moment.astimezone(BUSINESS_ZONE).isoformat()


@dataclass(frozen=True)
class Rulebook:
    """The versions of the rules, ascending by effective_from, the file they were read from, and its text (empty for
    rules that were made without one)."""

    path: Path
    versions: tuple[Rules, ...]
    text: str = field(default="", compare=False, repr=False)

    @cached_property
    def boundaries(self) -> tuple[datetime, ...]:
        """The effective_from of each version, in UTC, ascending."""
        return tuple(rules.effective_from for rules in self.versions)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the rules alone, whatever the spelling of numbers, key order, comments and sources."""
        values = [rules.model_dump(exclude_none=True) for rules in self.versions]
        text = json.dumps(values, default=datetime.isoformat, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def at(self, moment: datetime) -> Rules:
        """The rules in force at an aware moment; before the first version, the first (SPEC 11)."""
        return self.versions[max(bisect_right(self.boundaries, moment) - 1, 0)]

    def index_on(self, day: date) -> int:
        """The position in `versions` of the rules in force at the end of a business date (SPEC 1).

        Raises ConfigurationError for a date that ends before the first version begins.
        """
        end_of_day = datetime.combine(day, time.max, tzinfo=BUSINESS_ZONE)
        index = bisect_right(self.boundaries, end_of_day) - 1
        if index < 0:
            raise ConfigurationError(
                f"the business date {day} is before the first rules: {business_time(self.boundaries[0])}",
                where=str(self.path),
                todo="settle from a later date, or add a version of the rules with an earlier effective_from",
            )
        return index

    def on(self, day: date) -> Rules:
        """The rules in force at the end of a business date; raises as `index_on` does."""
        return self.versions[self.index_on(day)]


def _equal_moments(versions: tuple[Rules, ...]) -> Iterator[Part]:
    numbers: dict[datetime, int] = {}
    for index, rules in enumerate(versions):
        first = numbers.setdefault(rules.effective_from, index)
        if first != index:
            words = f"a moment of its own: versions number {first + 1} and {index + 1} begin at this one"
            yield Part((index, "effective_from"), business_time(rules.effective_from), words)


def _pools_that_stay(index: int, earlier: Rules, later: Rules) -> Iterator[Part]:
    holders = {pool.name: (number, pool.holder) for number, pool in enumerate(later.pools)}
    for pool in earlier.pools:
        number, holder = holders.get(pool.name, (0, None))
        since = f"a pool stays once named, and {business_time(earlier.effective_from)} has it"
        if holder is None:
            yield Part((index, "pools"), "(missing)", f'a pool named "{pool.name}": {since}')
        elif holder != pool.holder:
            words = f'"{pool.holder}": {since} with this holder'
            yield Part((index, "pools", number, "holder"), f'"{holder}"', words)


def _levels_that_stay(index: int, earlier: Rules, later: Rules) -> Iterator[Part]:
    codes = {level.code for level in later.promoter_levels}
    for level in earlier.promoter_levels:
        if level.code not in codes:
            since = f"a code stays once used, and {business_time(earlier.effective_from)} has it"
            yield Part((index, "promoter_levels"), "(missing)", f'a level with code "{level.code}": {since}')


def fitting_versions(versions: tuple[Rules, ...]) -> tuple[Rules, ...]:
    """The versions, ascending; refused if none, if two begin together, or if one drops a pool or level."""
    if not versions:
        raise refused("at least one version, headed [[rules]]")
    numbered = sorted(enumerate(versions), key=lambda pair: pair[1].effective_from)
    parts = list(_equal_moments(versions))
    for (_, earlier), (index, later) in pairwise(numbered):
        parts += _pools_that_stay(index, earlier, later)
        parts += _levels_that_stay(index, earlier, later)
    if parts:
        raise refused_parts(parts)
    return tuple(rules for _, rules in numbered)


class Document(Table):
    """A whole rulebook file."""

    rules: Annotated[tuple[Rules, ...], array_of("versions, each headed [[rules]]"), AfterValidator(fitting_versions)]
