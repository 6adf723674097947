"""What lies in the landing zone and is not read: allowed by its name, or a stray that stops the run (SPEC 2 and 14)."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from lake.landing.delivered import day_of
from schemas.errors import InputRefusedError
from schemas.feeds import FEEDS
from schemas.reference import REFERENCE_TABLES

ROW_FILES: Final = (".csv", ".parquet")
"""How the name of a file of rows ends."""
CONTROL: Final = "control.json"
_FOLDERS: Final = (*(feed.name for feed in FEEDS), "reference")
_TABLES: Final = frozenset(f"{table.name}{ending}" for table in REFERENCE_TABLES for ending in ROW_FILES)
_ALIKE: Final = 0.85
"""From which likeness on, of 0 to 1, a folder beside the feeds is taken for one of them, misspelt."""
_NAMED: Final = 10
"""How many strays a refusal names."""


@dataclass(frozen=True)
class Stray:
    """Something that nothing reads, and why."""

    path: Path
    why: str

    def __str__(self) -> str:
        return f"{shown(self.path)} ({self.why})"


def is_left_alone(name: str) -> bool:
    """Whether a name says that its file or folder is nobody's input: hidden, half-written, a mark of a program."""
    return name.startswith((".", "_"))


def standing_strays(landing: Path) -> list[Stray]:
    """Strays of the landing zone, of the feeds' folders and of the reference folder, by path.

    Beside the feeds only what looks like one of them is a stray: in other case, or misspelt by a letter or two.
    """
    found = list(_entries(landing, _beside_the_feeds))
    for feed in FEEDS:
        found += _entries(landing / feed.name, _day_folder)
    found += _entries(landing / "reference", _table_file)
    return found


def day_strays(landing: Path, days: Iterable[date]) -> list[Stray]:
    """Strays of the days' folders, of every feed."""
    folders = [landing / feed.name / f"day={day.isoformat()}" for day in days for feed in FEEDS]
    return [stray for folder in folders for stray in _entries(folder, _row_file)]


def day_files(landing: Path, day: date) -> dict[str, Path]:
    """What a day's fingerprint is of, by `<feed>/<name>`, whether it can be read or not."""
    found: dict[str, Path] = {}
    for feed in FEEDS:
        folder = landing / feed.name / f"day={day.isoformat()}"
        names = sorted(folder.iterdir(), key=lambda path: path.name) if folder.is_dir() else []
        rows = [path for path in names if path.suffix in ROW_FILES and not is_left_alone(path.name)]
        control = [path for path in names if path.name == CONTROL]
        found |= {f"{feed.name}/{path.name}": path for path in (*rows, *control)}
    return found


def leaves(path: Path, landing: Path) -> str | None:
    """Where a file of a day or of the reference data really lies, if a link leads out of the landing zone to it."""
    links = [part for part in (path, *path.parents) if part.is_relative_to(landing) and part != landing]
    if not any(part.is_symlink() for part in links):
        return None
    real = os.path.realpath(path)
    return None if Path(real).is_relative_to(os.path.realpath(landing)) else real


def refuse(strays: list[Stray]) -> None:
    """Raise InputRefusedError (12), naming them, if there are any."""
    if not strays:
        return
    more = f"; and {len(strays) - _NAMED} more" if len(strays) > _NAMED else ""
    raise InputRefusedError(
        f"nothing reads {'; '.join(map(str, strays[:_NAMED]))}{more}",
        where=shown(strays[0].path.parent),
        todo="rename what is to be read, take the rest away; "
        "only what begins with a dot or an underscore is left alone",
    )


def require_regular(paths: Iterable[Path]) -> None:
    """Raise InputRefusedError (12) for what has the name of a file of rows and cannot be opened as one."""
    refuse([Stray(path, why) for path in paths if (why := _no_file(path))])


def shown(path: Path) -> str:
    """A path as a message shows it, in one line and without a character that a terminal would obey."""
    return str(path) if str(path).isprintable() else ascii(str(path))


def _entries(folder: Path, why: Callable[[Path], str]) -> Iterator[Stray]:
    """What lies in a folder, if it is there, and has a reason to be refused; by name."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        reason = "" if is_left_alone(path.name) else why(path)
        if reason:
            yield Stray(path, reason)


def _row_file(path: Path) -> str:
    if path.name != CONTROL and not path.name.endswith(ROW_FILES):
        return f"the name of a day's file ends in .csv or .parquet, or is {CONTROL}"
    return _no_file(path)


def _table_file(path: Path) -> str:
    if path.name not in _TABLES:
        return f"reference files are {', '.join(table.name for table in REFERENCE_TABLES)}, .csv or .parquet"
    return _no_file(path)


def _day_folder(path: Path) -> str:
    if day_of(path.name) is None:
        return "a feed has folders day=YYYY-MM-DD, with a date that exists"
    return "" if path.is_dir() else "it is no folder"


def _beside_the_feeds(path: Path) -> str:
    if path.name in _FOLDERS:
        return "" if path.is_dir() else "it is no folder"
    meant = _misspelt(path.name) if path.is_dir() else None
    return f"is {meant} meant?" if meant else ""


def _misspelt(name: str) -> str | None:
    """The folder whose name this one nearly is."""
    import difflib  # noqa: PLC0415  (next to never needed)

    alike = difflib.get_close_matches(name.casefold(), _FOLDERS, n=1, cutoff=_ALIKE)
    return alike[0] if alike else None


def _no_file(path: Path) -> str:
    """Why something with a file's name is none that may be opened; empty if it is one."""
    if path.is_file():
        return "" if path.name.isprintable() or _is_utf8(path.name) else "its name is not UTF-8"
    if path.is_dir():
        return "it is a folder, no file"
    return "it is no regular file" if path.exists() else "it is a link that leads nowhere"


def _is_utf8(name: str) -> bool:
    return name.encode("utf-8", "replace").decode() == name
