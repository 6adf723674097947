"""One at a time (SPEC 14): a lock file where the work is done. The system frees it when its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from schemas.errors import AnotherRunError


@contextmanager
def lake_lock(root: Path) -> Iterator[None]:
    """Hold the lake for the time of a run. Raises `AnotherRunError` at once if another run holds it."""
    with alone(root, ".settle.lock", "another run is at work"):
        yield


@contextmanager
def alone(folder: Path, name: str, otherwise: str) -> Iterator[None]:
    """Hold the lock file `name` of a folder, which is made. Raises `AnotherRunError` (14), that says `otherwise`, at
    once if somebody else holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / name)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AnotherRunError(otherwise, where=str(folder), todo="wait until it ends, then run this again") from None
    try:
        yield
    finally:
        lock.release()
