"""Faults of a rulebook in words: which key, what stands there, what is allowed (SPEC 11)."""

import json
import shlex
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic_core import ErrorDetails

from schemas.errors import ConfigurationError
from schemas.rulebook.refusals import Missing, Part, Unknown

LONGEST_SHOWN: Final = 80
LABELS: Final = {"rules": "effective_from", "pools": "name", "promoter_levels": "code"}


class Fault(NamedTuple):
    """One thing that is wrong: the dotted key, what stands there, what is allowed."""

    key: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.key} = {self.value}; allowed: {self.allowed}"


class RulebookError(ConfigurationError):
    """A rulebook that cannot be used; `faults` holds all that was found."""

    def __init__(self, path: Path, faults: tuple[Fault, ...]) -> None:
        lines = [f"  {number}. {fault}" for number, fault in enumerate(faults, start=1)]
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(
            "\n".join([f"the rulebook has {count}", *lines]),
            where=str(path),
            todo=f"mend the file, then run: settle rulebook check {shlex.quote(str(path))}",
        )
        self.faults = faults


def _shown(value: object) -> str:
    """A value roughly as the file writes it, short enough for a line."""
    if isinstance(value, Missing):
        return "(missing)"
    if isinstance(value, Mapping):
        return "(a table)"
    if isinstance(value, list | tuple):
        return "(an array)" if value else "[]"
    if isinstance(value, Decimal | date):
        return value.isoformat() if isinstance(value, date) else str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _entry(name: str, number: int, entry: object) -> str:
    """What identifies one entry of an array of tables: its moment, name or code, else its number from 1."""
    label = entry.get(LABELS.get(name, "")) if isinstance(entry, Mapping) else None
    if isinstance(label, datetime) and label.tzinfo:
        return label.isoformat()
    return label if isinstance(label, str) and label else f"number {number + 1}"


def _key(document: object, location: tuple[int | str, ...]) -> str:
    """The dotted key of a location: `rules[2019-01-01T00:00:00+08:00].pools[consumer].launch`."""
    key, here, name = "", document, ""
    for step in location:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) else None
            key += f"[{_entry(name, step, here)}]"
        else:
            here = here.get(step) if isinstance(here, Mapping) else None
            key, name = f"{key}.{step}" if key else step, step
    return key


def _unknown(key: str, unknown: Unknown) -> Fault:
    near = get_close_matches(key.rsplit(".", 1)[-1], unknown.known, n=1, cutoff=0.5)
    hint = f' (perhaps "{near[0]}" is meant)' if near else ""
    known = ", ".join(sorted(unknown.known, key="source".__eq__))
    return Fault(key, _shown(unknown.value), f"no such key, only {known}{hint}")


def faults_of(document: Mapping[str, Any], error: ErrorDetails) -> list[Fault]:
    """The faults behind one finding of pydantic's."""
    location, context = error["loc"], error.get("ctx", {})
    parts: tuple[Part, ...] = context.get("parts", ())
    if parts:
        return [Fault(_key(document, location + part.location), part.value, part.allowed) for part in parts]
    key, found = _key(document, location), error["input"]
    if isinstance(found, Unknown):
        return [_unknown(key, found)]
    return [Fault(key, _shown(found), context.get("allowed", "a table"))]
