"""`settle close`."""

from flows.commands.app import Day, Given
from flows.commands.output import print_json, say
from flows.operations.settle import close_days


def close(*, through: Day, given: Given) -> None:
    """Close the books: what was posted up to THROUGH is never rewritten again.

    Parameters
    ----------
    through
        the last business date to close
    """
    run = close_days(given, through)
    if given.as_json:
        print_json({"closed_through": through, "changed": run is not None})
    else:
        say(f"closed through {through}" if run else f"{through} was closed already")
