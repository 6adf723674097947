"""The command line `settle` (SPEC 12): thin over the flows. Results to stdout, talk to stderr.

Every command imports what it needs when it runs, so that one that only reads starts fast.
"""

import os
import sys
from collections.abc import Sequence

from cyclopts import CycloptsError

from flows.command_line import proving, settling, telling, worlds
from flows.command_line.app import app
from schemas.errors import SettleError, UsageError

COMMANDS = (settling, proving, telling, worlds)
"""Importing them makes their commands known to the app."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with the exit code of SPEC 12."""
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. A failure is told on stderr, without a traceback unless --debug."""
    try:
        return int(app.meta(arguments, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except SettleError as fault:
        if "--debug" in arguments:
            raise
        print(f"settle: {fault}", file=sys.stderr)
        return fault.exit_code
    except CycloptsError as fault:
        print(f"settle: {fault}\n  to do: see `settle --help`", file=sys.stderr)
        return UsageError.exit_code
    except BrokenPipeError:
        # Whoever read the answer has seen enough of it; nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("settle: stopped by hand; the books are as they were before", file=sys.stderr)
        return INTERRUPTED
    except SystemExit:
        raise
    except BaseException as fault:  # a panic of the engine underneath is no Exception
        if "--debug" in arguments:
            raise
        told = f"{type(fault).__name__}: {fault}".strip()
        print(
            f"settle: a defect of the program stopped it: {told}\n"
            "  to do: the books are as they were before; run it again with --debug and report what it shows",
            file=sys.stderr,
        )
        return SettleError.exit_code


INTERRUPTED = 130
"""The shell's own code for a command stopped by hand."""

if __name__ == "__main__":
    main()
