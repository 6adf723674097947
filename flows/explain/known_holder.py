"""Whether a holder of whom nothing was booked is known at all."""

from typing import Final

import polars as pl

from flows.explain.ledger_rows import Postings
from lake.landing.reference import read_sheet
from schemas.errors import InputMissingError
from schemas.reference import AGENTS, MEMBERS, MERCHANTS, PARTNERS, PROMOTERS
from transforms.exact.grammar import parse_id

SHEETS: Final = {
    "member": MEMBERS,
    "merchant": MERCHANTS,
    "promoter": PROMOTERS,
    "agent": AGENTS,
    "partner": PARTNERS,
}


def require_referenced(holder: Postings) -> None:
    """Refuse a holder whom no reference row names: InputMissingError (11)."""
    kind, holder_id = holder.holder_kind, holder.holder_id
    rows = read_sheet(holder.root, SHEETS[kind])
    named = parse_id(pl.col(f"{kind}_id")) == holder_id
    if all(part.filter(named).is_empty() for part in rows.parts):
        raise InputMissingError(
            f"nobody knows {kind} {holder_id}: no amount was ever booked, no reference row names it",
            where=rows.file,
            todo="look at the id and the kind of holder",
        )
