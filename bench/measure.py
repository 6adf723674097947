"""One measured run: a fresh child process, its time, its peak memory and its bytes, as the kernel counts them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Usage:
    """Seconds and bytes of one child. `read`, `written`: through read and write calls; memory maps are not in them."""

    wall: float
    user: float
    system: float
    peak: int
    read: int
    written: int

    def and_then(self, other: "Usage") -> "Usage":
        """Of two children, one after the other."""
        return Usage(
            self.wall + other.wall,
            self.user + other.user,
            self.system + other.system,
            max(self.peak, other.peak),
            self.read + other.read,
            self.written + other.written,
        )


class FailedRunError(Exception):
    """A measured child did not end well; the message has the end of what it said."""


def run(argv: Sequence[str], log: Path, limit: int | None = None, cwd: Path | None = None) -> Usage:
    """Run `argv` to its end, all that it says into `log`; `limit`: bytes of private memory that it may have.

    Raises FailedRunError unless its exit code is 0.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    result = log.with_suffix(".json")
    launcher = [sys.executable, "-I", "-S", str(LAUNCH), str(result), str(log), str(limit or 0)]
    subprocess.run([*launcher, *argv], check=True, cwd=cwd)
    told = json.loads(result.read_text(encoding="utf-8"))
    if told["code"]:
        end = log.read_text(errors="replace")[-2000:]
        raise FailedRunError(f"exit code {told['code']}: {' '.join(argv)}\n{end}")
    return Usage(**told["usage"])
