"""From a TOML file to a rulebook, or to every fault that was found in it (SPEC 11, exit code 10).

What relates values (two pools of one name, a level that a later version dropped) is judged once the values
concerned are sound.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from schemas.errors import ConfigurationError
from schemas.rulebook.book import Document, Rulebook
from schemas.rulebook.faults import RulebookError, faults_of

SHIPPED: Final = Path(str(files("rulebooks") / "wodian.toml"))
"""The rulebook that is used where none is named and the root has none of its own."""
OWN: Final = "rulebook.toml"
"""The rulebook of a root (SPEC 12)."""


def rulebook_path(root: Path, named: Path | None) -> Path:
    """The rulebook that holds: the one that is named, else `<root>/rulebook.toml` if it is there, else the shipped one.

    A link that leads nowhere is there: it is refused when it is read, and not passed over.
    """
    if named is not None:
        return named
    own = root / OWN
    return own if own.exists() or own.is_symlink() else SHIPPED


def _bytes(path: Path) -> bytes:
    try:
        # A pipe that nobody writes to would hold the night for ever, a device would fill the memory.
        if path.exists() and not path.is_file():
            raise OSError("it is no regular file")
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
        found = (faults_of(document, error) for error in refusal.errors(include_url=False))
        raise RulebookError(path, tuple(chain.from_iterable(found))) from None


def parse_rulebook(text: str, path: Path) -> Rulebook:
    """The rulebook in a TOML text; `path` is what a refusal calls it. Raises as `load_rulebook` does."""
    return replace(rulebook_from(_document(text, path), path), text=text)


def load_rulebook(path: Path) -> Rulebook:
    """The rulebook in a file.

    Raises ConfigurationError (exit code 10): where the file is TOML, a RulebookError with every fault found.
    """
    return parse_rulebook(_text(_bytes(path), path), path)
