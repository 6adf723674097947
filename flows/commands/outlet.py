"""Stdout and stderr of a command: they take every character, and stdout owns up when its answer did not arrive.

Nothing that is written here raises: the work goes on, and the command says at its end what became of its answer.
"""

import codecs
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from errno import EBADF
from typing import Final, TextIO

from schemas.shown import shown

NO_STREAM: Final = OSError(EBADF, os.strerror(EBADF))
"""What has happened where the caller has closed the stream."""


class Outlet(io.TextIOBase):
    """Stands for `real` (None: closed), and never raises. Characters that its encoding has not are escaped."""

    def __init__(self, real: TextIO | None) -> None:
        self.real = real
        self.lost: Exception | None = None
        with suppress(Exception):
            real.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]

    def write(self, text: str) -> int:
        """Pass it on, until something did not go through."""
        self._do(lambda real: real.write(text))
        return len(text)

    def flush(self) -> None:
        """Pass on what is waiting."""
        if self.real is not None:
            self._do(lambda real: real.flush())

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of whoever reads."""
        return getattr(self.real, "encoding", None) or "utf-8"

    @property
    def has_unicode(self) -> bool:
        """Whether every character can be written as it is."""
        with suppress(LookupError):
            return codecs.lookup(self.encoding).name.startswith("utf")
        return False

    def isatty(self) -> bool:
        """Whether a terminal reads."""
        return self.real is not None and not self.real.closed and self.real.isatty()

    def fileno(self) -> int:
        """The descriptor of the real stream."""
        if self.real is None:
            raise io.UnsupportedOperation("fileno")
        return self.real.fileno()

    def writable(self) -> bool:
        """It takes everything."""
        return True

    def _do(self, act: Callable[[TextIO], object]) -> None:
        if self.lost is not None:
            return
        if self.real is None:
            self.lost = NO_STREAM
            return
        try:
            act(self.real)
        except (OSError, ValueError) as fault:
            self.lost = fault


class Answers(Outlet):
    """Stdout: plain lines, on a terminal too, in which nothing steers the terminal."""

    def write(self, text: str) -> int:
        """Line breaks are ours; values in the lines have lost theirs before."""
        plain = text if text.isprintable() else "\n".join(map(shown, text.split("\n")))
        super().write(plain)
        return len(text)

    def isatty(self) -> bool:
        """Libraries shall not paint: what they paint with would be escaped."""
        return False

    def settle(self) -> Exception | None:
        """Flush. What kept the answer from arriving; None: it arrived, or its reader had seen enough of it."""
        self.flush()
        if self.lost is None:
            return None
        with suppress(OSError, ValueError):
            # What is still waiting would fail once more, and loudly, when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        return None if isinstance(self.lost, BrokenPipeError) else self.lost


def mend_descriptors() -> None:
    """Fill the places of closed standard streams, or the next file that is opened would become one of them.

    Processes that are started from here, as Prefect's server, get them too. `sys.stdout` stays None, which tells.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def read_arguments_as_utf8() -> None:
    """Begin anew in Python's UTF-8 mode where the locale knows no Chinese: paths and arguments are UTF-8 everywhere."""
    if codecs.lookup(sys.getfilesystemencoding()).name == "utf-8" or os.environ.get("PYTHONUTF8") == "1":
        return
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, "PYTHONUTF8": "1"})
