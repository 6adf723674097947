"""A settlement in a process of its own that stops at its n-th step: killed, or waiting to be told to go on.

python -m tests.kill_child ROOT kill|wait|interrupt N COMMAND...
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from schemas import steps
from tests.small_lake import command


def at_step(number: int, stop: Callable[[], None]) -> Callable[[str], None]:
    seen: list[str] = []

    def hook(name: str) -> None:
        seen.append(name)
        if len(seen) == number:
            stop()

    return hook


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt() -> None:
    """As Ctrl-C does."""
    os.kill(os.getpid(), signal.SIGINT)


def wait() -> None:
    print("waiting", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    root, how, number, *arguments = sys.argv[1:]
    steps.hook = at_step(int(number), {"kill": die, "wait": wait, "interrupt": interrupt}[how])
    sys.exit(command(Path(root), *arguments))
