"""`settle explain`: every amount of a holder, from its inputs. Reads the lake; starts neither Prefect nor DuckDB."""

from datetime import date
from typing import Final, Literal

import polars as pl

from flows.answers import print_json
from flows.explanation.answer import Answer, answer, as_json
from flows.explanation.books import Books
from flows.explanation.telling import told
from flows.settings import Settings
from lake.runlog import RunLog
from schemas.errors import ControlFailedError, InputMissingError, UsageError
from schemas.reference import AGENTS, MEMBERS, MERCHANTS, PARTNERS, PROMOTERS
from schemas.rulebook import SHIPPED, load_rulebook
from schemas.tables import CORRECTIONS

HolderKind = Literal["member", "merchant", "promoter", "agent", "partner"]
SHEETS: Final = {
    "member": MEMBERS,
    "merchant": MERCHANTS,
    "promoter": PROMOTERS,
    "agent": AGENTS,
    "partner": PARTNERS,
}


class UnexplainedError(ControlFailedError):
    """The parts of an amount are not the amount."""


def explain_holder(settings: Settings, holder_kind: HolderKind, holder_id: int, day: date | None) -> None:
    """Explain and answer.

    Raises UsageError (2) for an id that is none, InputMissingError (11) for a holder that nobody knows,
    UnexplainedError (13), after the answer, if something does not add up.
    """
    if holder_id < 1:
        raise UsageError(f"{holder_id} is no id", todo="ids are whole numbers from 1 on")
    found = answer(_books(settings, holder_kind, holder_id), day)
    if not found.explanations:
        _require_known(found)
    if settings.as_json:
        print_json(as_json(found))
    else:
        print("\n".join(told(found)))
    _refuse_unexplained(found)


def _books(settings: Settings, holder_kind: str, holder_id: int) -> Books:
    runs = RunLog(settings.root / "lake").runs()
    if not runs:
        raise InputMissingError(
            "nothing is settled yet", where=str(settings.root), todo="run `settle nightly` or `settle backfill` first"
        )
    return Books(settings.root, runs, load_rulebook(settings.rulebook or SHIPPED), holder_kind, holder_id)


def _require_known(found: Answer) -> None:
    """A holder without amounts that day may have others, or stand in the reference data."""
    books = found.books
    if not books.ledger().is_empty() or not books.ledger(CORRECTIONS).is_empty():
        return
    from lake.reference import read_sheet  # noqa: PLC0415
    from transforms.parsing import parse_id  # noqa: PLC0415

    sheet = SHEETS[books.holder_kind]
    rows = read_sheet(books.root, sheet)
    column = f"{books.holder_kind}_id"
    if rows.frame.filter(parse_id(pl.col(column)) == books.holder_id).is_empty():
        raise InputMissingError(
            f"nobody knows {books.holder_kind} {books.holder_id}: no amount was ever booked, no reference row names it",
            where=rows.file,
            todo="look at the id and the kind of holder",
        )


def _refuse_unexplained(found: Answer) -> None:
    if found.failed:
        first = found.failed[0].amount
        raise UnexplainedError(
            f"{len(found.failed)} of {len(found.explanations)} amounts do not add up",
            where=f"the first: {first.business_date}, {first.asset}, {first.kind}",
            todo="; ".join(found.notes) or "run `settle verify`: it compares all history with its recomputation",
        )
