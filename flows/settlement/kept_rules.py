"""The rulebooks that settled days were settled by, kept with the runs (SPEC 12): read back, added to, and guarded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Final

import polars as pl

from lake.draft.draft import Draft
from schemas.errors import ConfigurationError, DamagedLakeError
from schemas.rulebook import SHIPPED, Rulebook, load_rulebook, parse_rulebook, rulebook_path
from schemas.tables import DAYS, RULEBOOKS
from transforms.corrections.rule_changes import RuleChange, is_prefix, rule_changes

SHOWN: Final = 5
"""Differences that a refusal names."""


@dataclass(frozen=True)
class Stretch:
    """Consecutive settled days of one rulebook. `book`: None if its text is not known (a lake before format 4)."""

    first: date
    last: date
    fingerprint: str
    book: Rulebook | None

    def has(self, day: date) -> bool:
        """Whether a business date is one of these days."""
        return self.first <= day <= self.last

    def changes(self, other: Rulebook, *, late: bool = False) -> list[RuleChange] | None:
        """What `other` would have decided otherwise on these days; None if nobody can tell.

        `late`: the days before them too, as far back as a row of their first day may be dated.
        """
        if self.book is None:
            return [] if is_prefix(self.fingerprint, other) else None
        late_days = self.book.on(self.first).intake.late_days if late else 0
        return rule_changes(self.book, other, self.first - timedelta(days=late_days), self.last)


class KeptRules:
    """The rulebooks of the settled days of `tables`."""

    def __init__(self, tables: Draft) -> None:
        self._tables = tables

    @cached_property
    def stretches(self) -> list[Stretch]:
        """All settled days, in order."""
        days = self._tables.small(DAYS).select("business_date", "rulebook_fingerprint", "run_id").iter_rows()
        found = []
        for fingerprint, of_book in groupby(days, key=lambda row: row[1]):
            rows = list(of_book)
            found.append(Stretch(rows[0][0], rows[-1][0], fingerprint, self._book(fingerprint, rows[-1][2])))
        return found

    def on(self, day: date) -> Rulebook | None:
        """The rulebook that a day was settled by; None if the day is not settled, or its text is not known."""
        return next((found.book for found in self.stretches if found.has(day)), None)

    def differences(self, other: Rulebook) -> Iterator[tuple[Stretch, list[RuleChange] | None]]:
        """The stretches that `other` would have settled otherwise, or of which nobody can tell."""
        for number, found in enumerate(self.stretches):
            changes = found.changes(other, late=number == 0)
            if changes is None or changes:
                yield found, changes

    def apart_from(self, rulebook: Rulebook) -> list[Stretch]:
        """The stretches that have rules of their own, which `rulebook` would not have settled as they are."""
        return [found for found, changes in self.differences(rulebook) if changes and found.book is not None]

    def _book(self, fingerprint: str, run_id: str) -> Rulebook | None:
        """Of texts of the same rules, the one that the run had."""
        rows = [row for row in _rows(self._tables) if row[1] == fingerprint and row[2] is not None]
        if not rows:
            return None
        before = [row for row in rows if _number(row[0]) <= _number(run_id)]
        kept_by, _, text = (before or rows)[-1]
        try:
            return parse_rulebook(str(text), Path(f"rulebook of run {kept_by}"))
        except ConfigurationError as fault:
            raise DamagedLakeError(
                f"the rulebook that run {kept_by} kept cannot be read: {fault.what}",
                where=str(self._tables.store.folder / RULEBOOKS.name),
                todo="restore lake/rulebooks from a backup",
            ) from fault


def keep_rules(draft: Draft, rulebook: Rulebook) -> None:
    """Keep the text of a run's rulebook, unless it is the text that the run before it had."""
    last = _rows(draft)[-1:]
    text = rulebook.text or None
    if last and last[0][1:] == (rulebook.fingerprint, text):
        return
    row = pl.DataFrame([(draft.run_id, rulebook.fingerprint, text)], schema=RULEBOOKS.schema, orient="row")
    draft.extend(RULEBOOKS, row)


def require_same_rules(tables: Draft, rulebook: Rulebook) -> None:
    """Raise ConfigurationError (10) if `rulebook` decides otherwise of settled days than the rulebooks of those days.

    A version added for later is no difference.
    """
    found = list(KeptRules(tables).differences(rulebook))
    if not found:
        return
    first, last = found[0][0].first, tables.small(DAYS)["business_date"].to_list()[-1]
    raise ConfigurationError(
        "\n  ".join(["this rulebook is not the one that settled days were settled by:", *_told(found)]),
        where=f"{rulebook.path}{' (the shipped one: none was named)' if rulebook.path == SHIPPED else ''}",
        todo="name the rulebook of those days with --rulebook, or keep it as rulebook.toml in the root (its text: "
        "select text from rulebooks, in the warehouse); give a change a version of its own, with a later "
        "effective_from; "
        f"or settle those days by this one: settle backfill --from {first} --to {last}",
    )


def _told(found: Sequence[tuple[Stretch, list[RuleChange] | None]]) -> Iterator[str]:
    lines = [
        f"{stretch.first} to {stretch.last}: {change}"
        for stretch, changes in found
        for change in (changes if changes is not None else ["its text was not kept, and these are other rules"])
    ]
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"and {len(lines) - SHOWN} more"


def _rows(tables: Draft) -> list[tuple[str, str, str | None]]:
    """Rows of RULEBOOKS in the order of their runs."""
    return sorted(tables.small(RULEBOOKS).iter_rows(), key=lambda row: _number(row[0]))


def _number(run_id: str) -> int:
    return int(run_id.partition("-")[0])


def rules_of(tables: Draft, root: Path, named: Path | None, day: date) -> Rulebook:
    """The rules for looking at a settled day: those that are named, else the day's own, else those at hand."""
    kept = None if named else KeptRules(tables).on(day)
    return kept or load_rulebook(rulebook_path(root, named))


def rules_from_here(tables: Draft, root: Path, named: Path | None) -> Rulebook:
    """The rules for looking ahead: those that are named; else those at hand, which know what was decided for later, if
    they leave the settled days as they are; else those of the last settled day."""
    at_hand = load_rulebook(rulebook_path(root, named))
    kept = KeptRules(tables)
    if named or not kept.stretches or not list(kept.differences(at_hand)):
        return at_hand
    return kept.stretches[-1].book or at_hand


def is_own(tables: Draft, rulebook: Rulebook) -> bool:
    """Whether the last settled day was settled by these rules, whatever they say of later days."""
    return KeptRules(tables).stretches[-1].changes(rulebook) == []
