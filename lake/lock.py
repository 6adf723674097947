"""One run at a time (SPEC 14): a lock file in the lake's root. The system frees it when its holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from schemas.errors import AnotherRunError


@contextmanager
def lake_lock(root: Path) -> Iterator[None]:
    """Hold the lake for the time of a run. Raises `AnotherRunError` at once if another run holds it."""
    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / ".settle.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AnotherRunError(
            "another run is at work", where=str(root), todo="wait until it ends, then run this again"
        ) from None
    try:
        yield
    finally:
        lock.release()
