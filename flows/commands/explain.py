"""`settle explain`: every amount of a holder, from its inputs. Reads the lake; starts neither Prefect nor DuckDB."""

import datetime
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from flows.commands.app import Day, Given, Whole
from flows.explain.rows import Books, dates_of
from flows.settings import Settings
from lake.runs.log import RunLog
from schemas.errors import ControlFailedError, InputMissingError, UsageError
from schemas.tables import CORRECTIONS

if TYPE_CHECKING:
    from flows.explain.answer import Answer

LARGEST_ID = 2**63 - 1
HolderKind = Literal["member", "merchant", "promoter", "agent", "partner"]


class UnexplainedError(ControlFailedError):
    """The parts of an amount are not the amount."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """The search for cyclic garbage would be a twentieth of the time, and an answer leaves next to none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def explain(
    holder_kind: HolderKind,
    id_: Annotated[Whole, Parameter(name="ID")],
    /,
    *,
    date: Day | None = None,
    given: Given,
) -> None:
    """Explain every amount of a holder: inputs, rules and their sources, rounding, the run that booked it.

    Parameters
    ----------
    holder_kind
        who it is
    id_
        the holder's id
    date
        only amounts booked on this date, or counting from it, as the statement shows them
    """
    explain_holder(given, holder_kind, id_, date)


@_uncollected()
def explain_holder(settings: Settings, holder_kind: HolderKind, holder_id: int, day: datetime.date | None) -> None:
    """Explain and answer.

    Raises UsageError (2) for an id that is none, InputMissingError (11) for a holder that nobody knows,
    UnexplainedError (13), after the answer, if something does not add up.
    """
    if not 1 <= holder_id <= LARGEST_ID:
        raise UsageError(f"{holder_id} is no id", todo=f"ids are whole numbers from 1 on, up to {LARGEST_ID}")
    books = _books(settings, holder_kind, holder_id)
    with ThreadPoolExecutor(1) as beside:
        # Files are read while the interpreter loads what explains them: most of the time is one or the other.
        beside.submit(books.ledger, days=None if day is None else dates_of(day))
        from flows.explain.answer import answer, as_json  # noqa: PLC0415

        books.rulebook  # noqa: B018
    found = answer(books, day)
    if not found.explanations:
        _require_known(books)
    if settings.as_json:
        from flows.commands.output import print_json  # noqa: PLC0415

        print_json(as_json(found))
    else:
        from flows.commands.output import say  # noqa: PLC0415
        from flows.explain.text.page import told  # noqa: PLC0415

        say(*told(found))
    _refuse_unexplained(found)


def _books(settings: Settings, holder_kind: str, holder_id: int) -> Books:
    runs = RunLog(settings.root / "lake").runs()
    if not runs:
        raise InputMissingError(
            "nothing is settled yet", where=str(settings.root), todo="run `settle nightly` or `settle backfill` first"
        )
    return Books(settings.root, runs, holder_kind, holder_id, settings.rulebook)


def _require_known(books: Books) -> None:
    """A holder without amounts that day may have others, or stand in the reference data."""
    if books.has_balance() or not books.ledger().is_empty() or not books.ledger(CORRECTIONS).is_empty():
        return
    from flows.explain.known_holder import require_referenced  # noqa: PLC0415

    require_referenced(books)


def _refuse_unexplained(found: "Answer") -> None:
    if found.failed:
        first = found.failed[0].amount
        raise UnexplainedError(
            f"{len(found.failed)} of {len(found.explanations)} amounts do not add up",
            where=f"the first: {first.business_date}, {first.asset}, {first.kind}",
            todo="; ".join(found.notes) or "run `settle verify`: it compares all history with its recomputation",
        )
