"""The command line `settle` (SPEC 12): thin over the flows. Results to stdout, talk to stderr.

Each command is a module beside this one, imported when it runs, so that one that only reads starts fast.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime

from cyclopts import CycloptsError

from flows.commands.app import app, given
from flows.commands.outlet import Answers, Outlet, mend_descriptors, read_arguments_as_utf8
from flows.commands.surroundings import require_threads
from flows.operations.aftermath import what_stands
from flows.settings import now
from schemas.errors import SettleError, UsageError
from schemas.shown import shown_lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with the exit code of SPEC 12. What it writes is nobody else's to read."""
    os.umask(os.umask(0) | OTHERS)
    for name in [name for name, value in os.environ.items() if name.startswith("SETTLE_") and not value]:
        del os.environ[name]  # an empty variable, as unit files leave them, says nothing
    if arguments is None:
        read_arguments_as_utf8()
    mend_descriptors()
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. A failure is told on stderr, without a traceback unless --debug.

    An answer that could not be written is one: exit code 1 where the command itself went well. Whoever has closed the
    pipe has seen enough of the answer: that is none.
    """
    began, answers = datetime.now(UTC), Answers(sys.stdout)
    given.clear()
    with redirect_stdout(answers), redirect_stderr(Outlet(sys.stderr)):
        code = _ended(arguments, began)
        lost = answers.settle()
        if lost is None:
            return code
        _say(
            f"the answer did not arrive: stdout takes nothing ({getattr(lost, 'strerror', None) or lost})\n"
            f"  to do: {_what_was_done(code, began)}; make room or give it another stdout, and ask again"
        )
        return code or SettleError.exit_code


def _ended(arguments: Sequence[str], began: datetime) -> int:
    try:
        _require_text(arguments)
        require_threads()
        now()  # refuses a clock that no calendar reaches
        return int(app.meta(arguments, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except SettleError as fault:
        if "--debug" in arguments:
            raise
        _say(str(fault))
        return fault.exit_code
    except CycloptsError as fault:
        _say(f"{fault}\n  to do: see `settle --help`")
        return UsageError.exit_code
    except KeyboardInterrupt:
        _say(f"stopped by hand; {_books(began)}")
        return INTERRUPTED
    except SystemExit:
        raise
    except BaseException as fault:  # a panic of the engine underneath is no Exception
        if "--debug" in arguments:
            raise
        _say(
            f"a defect of the program stopped it: {f'{type(fault).__name__}: {fault}'.strip()}\n"
            f"  to do: {_books(began)}; run it again with --debug and report what it shows"
        )
        return SettleError.exit_code


def _require_text(arguments: Sequence[str]) -> None:
    for argument in arguments:
        if any("\ud800" <= one <= "\udfff" or one == "\0" for one in argument):
            raise UsageError(
                f"an argument has bytes that are not UTF-8: {argument}", todo="give names and paths in UTF-8"
            )


def _what_was_done(code: int, began: datetime) -> str:
    if code:
        return f"the command had failed, as said above; {_books(began)}"
    return f"the command has done its work and only its answer is lost; {_books(began)}"


def _books(began: datetime) -> str:
    return what_stands(given[0], began) if given else "the books are as they were before"


def _say(text: str) -> None:
    print(f"settle: {shown_lines(text)}", file=sys.stderr)


OTHERS = 0o027
"""The account may do everything, its group may read: finance. All others have no business in the books."""
INTERRUPTED = 130
"""The shell's own code for a command stopped by hand."""

if __name__ == "__main__":
    main()
