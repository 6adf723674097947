"""From a TOML file to a rulebook, or to every fault that was found in it (SPEC 11, exit code 10).

What relates values (two pools of one name, a level that a later version dropped) is judged once the values
concerned are sound.
"""

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.errors import ConfigurationError
from schemas.rulebook.book import Document, Rulebook
from schemas.rulebook.refusals import Missing, Part, Unknown

SHIPPED: Final = Path(str(files("rulebooks") / "wodian.toml"))
"""The rulebook that is used where none is named."""
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
            todo=f"mend the file, then run: settle rulebook check {path}",
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


def _faults(document: Mapping[str, Any], error: ErrorDetails) -> list[Fault]:
    """The faults behind one finding of pydantic's."""
    location, context = error["loc"], error.get("ctx", {})
    parts: tuple[Part, ...] = context.get("parts", ())
    if parts:
        return [Fault(_key(document, location + part.location), part.value, part.allowed) for part in parts]
    key, found = _key(document, location), error["input"]
    if isinstance(found, Unknown):
        return [_unknown(key, found)]
    return [Fault(key, _shown(found), context.get("allowed", "a table"))]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"the rulebook cannot be read: {error.strerror or error}",
            where=str(path),
            todo="name a file with --rulebook or SETTLE_RULEBOOK, or leave both out for the shipped one",
        ) from None


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            f"the rulebook is not UTF-8 text: byte {content[error.start]:#04x} on line {line}",
            where=f"{path}, line {line}",
            todo="save the file as UTF-8",
        ) from None


def _document(text: str, path: Path) -> dict[str, Any]:
    """The TOML document; bare decimals are kept as they are written, so that a fault can quote them."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ConfigurationError(
            f"the rulebook is not TOML: {error}",
            where=str(path),
            todo="mend the file at this place; https://toml.io describes the format",
        ) from None


def rulebook_from(document: Mapping[str, Any], path: Path) -> Rulebook:
    """The rulebook in a parsed TOML document, such as a what-if's. Raises as `load_rulebook` does."""
    try:
        return Rulebook(path, Document.model_validate(document).rules)
    except ValidationError as refusal:
        found = (_faults(document, error) for error in refusal.errors(include_url=False))
        raise RulebookError(path, tuple(fault for faults in found for fault in faults)) from None


def parse_rulebook(text: str, path: Path) -> Rulebook:
    """The rulebook in a TOML text; `path` is what a refusal calls it. Raises as `load_rulebook` does."""
    return rulebook_from(_document(text, path), path)


def load_rulebook(path: Path) -> Rulebook:
    """The rulebook in a file.

    Raises ConfigurationError (exit code 10): where the file is TOML, a RulebookError with every fault found.
    """
    return parse_rulebook(_text(_bytes(path), path), path)
