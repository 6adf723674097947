"""Commands that prove and tidy: is the history right, is the lake whole, what is settled."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.commands.app import Given, app
from flows.settings import now, yesterday
from schemas.errors import UsageError


@app.command
def verify(
    *,
    chain: Annotated[
        bool, Parameter(negative="", help="check the audit chain and every file's bytes; recompute nothing")
    ] = False,
    head: Annotated[
        str | None, Parameter(help="with --chain: is this hash, noted elsewhere, part of the history?")
    ] = None,
    heads: Annotated[
        Path | None, Parameter(help="with --chain: is every head that `settle heads` noted there?")
    ] = None,
    given: Given,
) -> None:
    """Recompute all history from the landing feeds and compare it with what is stored."""
    if chain:
        from flows.commands.chain import verify_chain  # noqa: PLC0415

        verify_chain(given, head, heads)
    elif head is not None or heads is not None:
        raise UsageError("--head and --heads go with --chain", todo="settle verify --chain --head HASH")
    else:
        from flows.commands.verify import verify_history  # noqa: PLC0415

        verify_history(given)


@app.command
def status(
    *,
    check: Annotated[bool, Parameter(negative="", help="exit code 11 unless yesterday is settled, published")] = False,
    given: Given,
) -> None:
    """What is settled, pending, quarantined, failed."""
    from flows.commands.status import check_standing, show_status  # noqa: PLC0415

    if check:
        check_standing(given, yesterday(now()))
    else:
        show_status(given, yesterday(now()))


@app.command
def tidy(*, given: Given) -> None:
    """Remove what dead runs left behind: files that no finished run names."""
    from flows.commands.tidy import tidy as remove_leftovers  # noqa: PLC0415

    remove_leftovers(given)


@app.command
def upgrade(*, given: Given) -> None:
    """Bring a lake of an older format to the newest, in place: nothing that was settled, closed or restated changes."""
    from flows.commands.upgrade import upgrade_lake  # noqa: PLC0415

    upgrade_lake(given)


@app.command
def heads(*, to: Path, given: Given) -> None:
    """Append the chain's heads that a file has not yet: kept elsewhere, it proves that nothing was rolled back.

    Parameters
    ----------
    to
        the file, on another machine or of another account; a line a run, as `sha256sum` writes them
    """
    from flows.commands.heads import note_heads  # noqa: PLC0415

    note_heads(given, to)
