"""Whether a refusal has left everything as it was, byte for byte."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BESIDE = ("reports", ".settle.lock")
"""What a refused run may write: the note of its failure, and the lock that it took."""


def state(root: Path) -> dict[str, str]:
    """SHA-256 by path of every file below `root`, but for BESIDE."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    named = [(path.relative_to(root), path) for path in files]
    return {
        str(name): hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named if name.parts[0] not in BESIDE
    }


@contextmanager
def same_state(root: Path) -> Iterator[None]:
    """What is done meanwhile must change nothing."""
    before = state(root)
    yield
    assert state(root) == before
