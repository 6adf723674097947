"""Settled days whose files are not those they were settled from any more (SPEC 14): which file, and how.

After each run a hint is kept in `<lake>/landing.json`: of every file of a settled day its size, time, inode and digest.
So years of days are looked at by names and times, and only what looks different is read again. The hint is no part of
the books: it counts only where its digests give the fingerprint that the day was settled by. Without it a day is known
by that fingerprint alone, which takes reading its files.
"""

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lake.digest import digest, fingerprint_of, read_note
from lake.landing.delivered import delivered_days
from lake.landing.strays import day_files, day_strays, leaves
from schemas.errors import InputMissingError, InputRefusedError

if TYPE_CHECKING:
    from lake.landing.zone import Landing

NAME: Final = "landing.json"
BYTES_AT_MOST: Final = 256 << 20
"""Of days without a hint so many bytes are read, the newest days first."""

Hint = Mapping[str, list[Any]]
"""By `<feed>/<name>`: size, mtime_ns, inode, digest."""


@dataclass(frozen=True)
class ChangedDay:
    """`files`: `<feed>/<name>` and how it has changed; empty where only the day's fingerprint tells that it has."""

    day: date
    files: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        named = ", ".join(f"{name} ({how})" for name, how in self.files)
        return f"{self.day}: {named or 'its files'}"


@dataclass
class Changes:
    """`early`: days delivered before the first settled one, which no night reads; `days`: settled days with other files
    now, in order; `not_looked_at`: how many older days were left out; `outside`: files, and where they really lie, that
    are read through a link out of the landing zone."""

    early: list[date] = field(default_factory=list)
    days: list[ChangedDay] = field(default_factory=list)
    not_looked_at: int = 0
    outside: list[tuple[str, str]] = field(default_factory=list)


def changed_days(root: Path, settled: Mapping[date, str]) -> Changes:
    """Look at all `settled` days, of which the fingerprints are given. Nothing is raised: what cannot be read has
    changed."""
    landing = root / "landing"
    hints, found, budget = _read(root / "lake"), Changes(_early(landing, settled)), BYTES_AT_MOST
    for day in sorted(settled, reverse=True):
        hint, files, is_other = hints.get(day.isoformat()), _unread(landing, day), False
        if hint is not None and _hinted(hint, day) == settled[day]:
            files = _differences(_now(landing, day), hint, landing, day) | files
        else:
            budget -= sum(size for size, *_ in _now(landing, day).values())
            found.not_looked_at += budget < 0
            is_other = budget >= 0 and _fingerprint(root, day) != settled[day]
        if files or is_other:
            found.days.append(ChangedDay(day, tuple(sorted(files.items()))))
    found.days.reverse()
    found.outside += _outside(landing, settled)
    return found


def note_files(lake: Path, landing: "Landing", days: Iterable[date]) -> None:
    """Keep the hint of days that were just settled, of files that were fingerprinted by `landing`."""
    seen = landing.seen()
    notes = dict(_read(lake))
    for day in days:
        notes[day.isoformat()] = {
            name: [*stamp, seen[path][1]]
            for name, path in day_files(landing.folder, day).items()
            if path in seen and (stamp := seen[path][0])
        }
    beside = lake / f"{NAME}.tmp"
    with contextlib.suppress(OSError):
        beside.write_text(json.dumps(notes, ensure_ascii=False), encoding="utf-8")
        beside.replace(lake / NAME)


def _outside(landing: Path, days: Iterable[date]) -> list[tuple[str, str]]:
    reference = landing / "reference"
    files = sorted(reference.iterdir()) if reference.is_dir() else []
    files += [path for day in sorted(days) for path in day_files(landing, day).values()]
    return [(str(path.relative_to(landing)), real) for path in files if (real := leaves(path, landing))]


def _early(landing: Path, settled: Mapping[date, str]) -> list[date]:
    first = min(settled, default=date.min)
    return [day for day in delivered_days(landing) if day < first]


def _unread(landing: Path, day: date) -> dict[str, str]:
    """What came to a settled day and would stop a run over it."""
    strays = day_strays(landing, [day])
    return {f"{stray.path.parent.parent.name}/{stray.path.name}": f"nothing reads it: {stray.why}" for stray in strays}


def _now(landing: Path, day: date) -> dict[str, tuple[int, int, int]]:
    """Size, time and inode of what lies there now; of what cannot be asked, nothing that a hint could have."""
    return {name: _stamp(path) for name, path in day_files(landing, day).items()}


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_size, found.st_mtime_ns, found.st_ino)


def _differences(now: Mapping[str, tuple[int, int, int]], hint: Hint, folder: Path, day: date) -> dict[str, str]:
    found = dict.fromkeys((name for name in hint if name not in now), "removed")
    found |= dict.fromkeys((name for name in now if name not in hint), "added")
    for name, stamp in now.items():
        if name in hint and list(stamp) != list(hint[name][:3]) and _digest(folder, name, day) != hint[name][3]:
            found[name] = "changed"
    return found


def _hinted(hint: Hint, day: date) -> str:
    """The fingerprint of the files that a hint speaks of: one of other files than the books were made from is none."""
    named = ((name.partition("/"), values[3]) for name, values in hint.items())
    return fingerprint_of(((feed, f"day={day.isoformat()}", file), found) for (feed, _, file), found in named)


def _digest(folder: Path, name: str, day: date) -> str | None:
    feed, _, file = name.partition("/")
    path = folder / feed / f"day={day.isoformat()}" / file
    try:
        return digest(path) if path.is_file() else None
    except OSError:
        return None


def _fingerprint(root: Path, day: date) -> str | None:
    from lake.landing.zone import Landing  # noqa: PLC0415  (it imports the parsers, which take their time)

    try:
        return Landing(root).fingerprint(day)
    except (InputMissingError, InputRefusedError, OSError):
        return None


def _read(lake: Path) -> Mapping[str, Hint]:
    """The hints; none if they are lost or garbled."""
    found = read_note(lake / NAME) or {}
    return {day: hint for day, hint in found.items() if _is_hint(hint)}


def _is_hint(hint: object) -> bool:
    return isinstance(hint, dict) and all(isinstance(values, list) and len(values) == 4 for values in hint.values())  # noqa: PLR2004
