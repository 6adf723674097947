"""Which program made a run: its version, and a digest of its source as it is installed."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

DISTRIBUTION: Final = "greenpoints-settlement"
PACKAGES: Final = ("flows", "transforms", "schemas", "lake", "marts")
ENDINGS: Final = (".py", ".sql")


@cache
def code_version() -> dict[str, str]:
    """`version` of the distribution and `sha256` over path and content of every source file of its packages."""
    try:
        number = version(DISTRIBUTION)
    except PackageNotFoundError:
        number = "not installed"
    return {"version": number, "sha256": _source_digest()}


def _source_digest() -> str:
    total = hashlib.sha256()
    for package in PACKAGES:
        folder = _folder(package)
        for path in sorted(path for path in folder.rglob("*") if path.suffix in ENDINGS):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{package}/{path.relative_to(folder).as_posix()} {digest}\n".encode())
    return total.hexdigest()


def _folder(package: str) -> Path:
    # Found, not imported: this layer knows the others by name only.
    found = find_spec(package)
    places = (found.submodule_search_locations if found else None) or []
    return Path(next(iter(places)))
