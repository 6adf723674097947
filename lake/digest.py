"""Digests of files, and notes beside the books that count only where a digest bears them out."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_note(path: Path) -> dict[str, Any] | None:
    """A note of ours in JSON, which is no part of the books: None if it is lost, garbled, or no regular file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def fingerprint_of(files: Iterable[tuple[Sequence[str], str]]) -> str:
    """SHA-256 over files of the landing zone, each by feed, day's folder and name, with the digest of its content."""
    return hashlib.sha256(json.dumps([[list(names), found] for names, found in files]).encode()).hexdigest()
