"""The password of a Prefect server of our own: made at the first start, readable by the account of the service alone.

Whoever has it can start runs, read what alert blocks hold, and have code run as the service.
"""

import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final

from schemas.errors import ConfigurationError, StorageError

USER: Final = "settle"
"""The user's half of what Prefect calls the auth string; it knows no others."""
_BYTES: Final = 32
_FOREIGN: Final = stat.S_IRWXG | stat.S_IRWXO


def auth_note(home: Path) -> Path:
    """The file with the auth string of the server of this Prefect home."""
    return home / "api_auth"


def auth_string(home: Path) -> str:
    """`user:password` of the server of this Prefect home, made if there is none.

    Raises StorageError (1) if it cannot be read or kept, ConfigurationError (10) if others can read it.
    """
    path = auth_note(home)
    try:
        make_private(home)
        if not path.exists():
            _make(path)
        _require_own(path)
        found = path.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise StorageError(
            f"the password of Prefect's server cannot be kept: {fault.strerror or fault}",
            where=str(path),
            todo="give the account that settles a root that it may write to, and run everything as that account",
        ) from fault
    if not found.isprintable() or ":" not in found:
        raise ConfigurationError("this is no password of Prefect's server", where=str(path), todo=_MAKE_ANEW)
    return found


def make_private(home: Path) -> None:
    """Make the folder, and shut it to everybody else: its database holds what alert blocks are given."""
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_mode & _FOREIGN:
        home.chmod(stat.S_IRWXU)


_MAKE_ANEW: Final = "remove the file: the next start makes another one; then start `settle serve` again"


def _make(path: Path) -> None:
    """Whole or not at all: of two that start at once, one makes it and both read it."""
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".api_auth")  # 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{USER}:{secrets.token_urlsafe(_BYTES)}\n")
        if not path.exists():
            os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        Path(beside).unlink()


def _require_own(path: Path) -> None:
    if path.stat().st_mode & _FOREIGN:
        raise ConfigurationError("others can read the password of Prefect's server", where=str(path), todo=_MAKE_ANEW)
