"""That the files which were booked are those which were fingerprinted: nothing changed, was replaced or came between.

A file is known by its size, its times and its inode. The kernel moves the time of the last change whenever a file is
written to, and no program can set it; but its clock has ticks, and what is written twice within one looks unwritten.
So a file that was young when it was fingerprinted is hashed again at the end; others are asked for their times alone.
"""

import hashlib
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lake.landing.strays import is_left_alone, shown
from schemas.errors import InputRefusedError

_YOUNG_NS: Final = 3_000_000_000
"""The coarsest clock of a file system in use has ticks of two seconds."""


@dataclass(frozen=True)
class _Seen:
    """A file as it was fingerprinted."""

    identity: tuple[int, ...]
    digest: str
    young: bool


class Witness:
    """Remembers what was fingerprinted."""

    def __init__(self) -> None:
        self._files: dict[Path, _Seen] = {}
        self._folders: dict[Path, frozenset[str]] = {}

    def names(self, folder: Path) -> None:
        """Remember which names are in a folder, be it none."""
        self._folders[folder] = _names(folder)

    def digests(self, paths: Iterable[Path]) -> list[str]:
        """SHA-256 of the content of each file, which is remembered. Raises InputRefusedError (12) for one that cannot
        be read, or is written to meanwhile."""
        named = list(paths)
        with ThreadPoolExecutor() as workers:
            seen = list(workers.map(_look, named))
        self._files.update(zip(named, seen, strict=True))
        return [file.digest for file in seen]

    def seen(self) -> dict[Path, tuple[tuple[int, int, int], str]]:
        """Of every file: size, mtime_ns and inode, and its digest."""
        return {
            path: ((file.identity[2], file.identity[3], file.identity[1]), file.digest)
            for path, file in self._files.items()
        }

    def require_same(self) -> None:
        """Raise InputRefusedError (12), naming file or folder, unless everything is as it was."""
        for folder, names in self._folders.items():
            for name in sorted(names ^ _names(folder)):
                raise _changed(folder / name, "is gone" if name in names else "has appeared")
        for path, seen in self._files.items():
            if _identity(path) != seen.identity:
                raise _changed(path, "has changed")
        young = [path for path, seen in self._files.items() if seen.young]
        with ThreadPoolExecutor() as workers:
            for path, again in zip(young, workers.map(_look, young), strict=True):
                if again.digest != self._files[path].digest:
                    raise _changed(path, "has changed")


def _look(path: Path) -> _Seen:
    try:
        with path.open("rb") as file:
            now = time.time_ns()
            before = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            after = os.fstat(file.fileno())
    except OSError as fault:
        raise InputRefusedError(
            f"the file cannot be read: {fault}", where=shown(path), todo="have the file delivered again"
        ) from fault
    if _of(before) != _of(after):
        raise _changed(path, "is being written to")
    return _Seen(_of(after), digest, young=after.st_ctime_ns > now - _YOUNG_NS)


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        return _of(path.stat())
    except OSError:
        return None


def _of(stat: os.stat_result) -> tuple[int, ...]:
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def _names(folder: Path) -> frozenset[str]:
    """Names of a folder that count, files and others; none if there is no folder."""
    try:
        return frozenset(name for name in os.listdir(folder) if not is_left_alone(name))  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def _changed(path: Path, how: str) -> InputRefusedError:
    return InputRefusedError(
        f"a file {how} while the run reads it",
        where=shown(path),
        todo="deliver files whole (write them under a name with a dot before it, then rename), and run again",
    )
