"""Faults of the machine, said plainly: a full disk, a missing permission, a damaged file, instead of a traceback."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from polars.exceptions import PanicException

from lake.lock import lake_lock
from lake.runs.audit import audit
from lake.runs.integrity import refuse, require_whole
from lake.runs.run import FORMAT
from schemas.errors import (
    ControlFailedError,
    DamagedLakeError,
    InputRefusedError,
    PublicationError,
    SettleError,
    StorageError,
)

FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_NUMBER: Final = re.compile(r"os error (\d+)")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
UNCHANGED: Final = "no settled day is lost"


@contextmanager
def at_work(root: Path, oldest: int = FORMAT) -> Iterator[None]:
    """Hold the lake while something is done to it: its lock, its files whole, and the machine's faults said plainly.
    `oldest`: the oldest format that the lake may have.

    Raises AnotherRunError (14), ControlFailedError (13) for a damaged lake, InputRefusedError (12) for input that
    cannot be read, StorageError (1) for a disk that is full or refuses.
    """
    with said_plainly(root), lake_lock(root):
        require_whole(root / "lake", oldest)
        yield


@contextmanager
def said_plainly(root: Path) -> Iterator[None]:
    """Turn what the machine did into a SettleError. What is neither that nor a damaged lake is a defect, and stays."""
    try:
        yield
    except (Exception, PanicException) as fault:
        told = retold(fault, root)
        if told is fault:
            raise
        raise told from fault


def retold(fault: BaseException, root: Path, written: Path | None = None) -> BaseException:
    """What to raise in place of `fault`: itself if nothing plainer can be said. `written`: where results were to go, if
    not below the root."""
    if _is_told(fault):
        return fault
    if _is_full(fault):
        return _full(getattr(fault, "filename", None) or written or root)
    if isinstance(fault, OSError) and _is_landing(fault, root):
        return InputRefusedError(
            f"the input cannot be read: {fault.strerror}",
            where=str(fault.filename),
            todo="have the file delivered again, readable for this account",
        )
    damage = _damage(root)
    if damage is None and isinstance(fault, OSError):
        return StorageError(
            f"the machine cannot read or write: {_one_line(fault)}; {UNCHANGED}",
            where=str(fault.filename or written or root),
            todo="mend this (permissions, the disk), then run this again",
        )
    return damage or fault


def _is_told(fault: BaseException) -> bool:
    """Whether the error says already what is wrong. A failed control or publication may stem from a damaged file."""
    if isinstance(fault, DamagedLakeError):
        return True
    return isinstance(fault, SettleError) and not isinstance(fault, ControlFailedError | StorageError)


def _is_full(fault: BaseException) -> bool:
    # Polars and Delta tell the system's error number in words only, in an OSError too.
    told = _NUMBER.search(str(fault))
    number = getattr(fault, "errno", None) or (int(told[1]) if told else None)
    return number in FULL and not isinstance(fault, PublicationError)


def _one_line(fault: BaseException) -> str:
    # Delta tells its faults as a coloured tree.
    return " ".join(_COLOUR.sub("", str(fault)).split())


def _full(place: object) -> StorageError:
    return StorageError(
        f"the disk is full; {UNCHANGED}",
        where=str(place),
        todo="make room (`settle tidy` removes what dead runs left), then run this again",
    )


def _is_landing(fault: OSError, root: Path) -> bool:
    return isinstance(fault.filename, str) and Path(fault.filename).is_relative_to(root / "landing")


def _damage(root: Path) -> SettleError | None:
    """If a committed file is damaged, that is the cause."""
    try:
        refuse(audit(root / "lake").faults)
    except SettleError as damage:
        return damage
    return None
