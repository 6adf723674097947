"""The answer of `settle explain`: the explanations, who booked what, what the reader has to know beside them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flows.explain.explain import explain, restatements
from flows.explain.rows import Books
from lake.runs.run import Run
from schemas.rulebook.book import business_time
from schemas.rulebook.decimals import RATE_PLACES, decimal_text
from schemas.tables import DAYS
from transforms.explain.model import Explanation, Facts


@dataclass(frozen=True)
class Answer:
    """`restated`: what was booked as restatement, by asset, kind and pool; looked up where an amount is not as due."""

    books: Books
    day: date | None
    explanations: Sequence[Explanation]
    restated: Mapping[tuple[str, str, str], list[tuple[date, int]]]
    notes: Sequence[str]

    def run(self, run_id: str) -> Run:
        """A run by its id."""
        return next(run for run in self.books.runs if run.run_id == run_id)

    @property
    def failed(self) -> list[Explanation]:
        """Those whose parts do not add up."""
        return [one for one in self.explanations if not one.adds_up]


def answer(books: Books, day: date | None) -> Answer:
    """Explain, and look up what goes with it."""
    explanations = explain(books, day)
    changed = any(one.amount.due_fen != one.amount.amount_fen for one in explanations)
    restated = restatements(books) if changed else {}
    return Answer(books, day, explanations, restated, _notes(books, explanations))


def _notes(books: Books, explanations: Sequence[Explanation]) -> list[str]:
    """Whether the rules and reference data at hand are those that the days were settled by."""
    wanted = {one.amount.business_date for one in explanations}
    days = books.draft.small(DAYS)
    days = days.filter(days["business_date"].is_in(list(wanted)))
    notes = []
    other = _other_rules(books, wanted)
    if other:
        notes.append(
            f"{other} of these days were settled by another edition of the rulebook than {books.rulebook.path}"
        )
    if not all(one.adds_up for one in explanations):
        from lake.landing.zone import Landing  # noqa: PLC0415

        now = Landing(books.root).reference_fingerprint()
        changed = days.filter(days["reference_fingerprint"] != now).height
        if changed:
            notes.append(f"the reference data has changed since {changed} of these days were settled")
    return notes


def _other_rules(books: Books, wanted: Collection[date]) -> int:
    """How many of the days the rules at hand would have settled otherwise."""
    if books.rules is None:
        ruled = [found for found in books.kept_rules.stretches if found.book is None]
        ruled = [found for found in ruled if found.changes(books.rulebook) is None]
    else:
        ruled = [found for found, _ in books.kept_rules.differences(books.rulebook)]
    return sum(found.has(day) for day in wanted for found in ruled)


def as_json(told: Answer) -> dict[str, Any]:
    """The whole answer; amounts and rates as exact decimals."""
    return {
        "holder_kind": told.books.holder_kind,
        "holder_id": told.books.holder_id,
        "date": told.day,
        "settled_through": told.books.run.last_settled,
        "amounts": [_amount(one, told) for one in told.explanations],
        "adds_up": not told.failed,
        "notes": list(told.notes),
    }


def _amount(one: Explanation, told: Answer) -> dict[str, Any]:
    amount = one.amount
    return {
        "business_date": amount.business_date,
        "value_date": amount.value_date,
        "asset": amount.asset,
        "kind": amount.kind,
        "pool": amount.pool,
        "origin": amount.origin,
        "amount": yuan(amount.amount_fen),
        "due": yuan(amount.due_fen),
        **plain(one.facts),
        "parts": [plain(part) for part in one.parts],
        "inputs": [plain(row) for row in one.inputs],
        "rounding": one.rounding,
        "rules": [{**vars(rule), "effective_from": business_time(rule.effective_from)} for rule in one.rules],
        "booked_by": _run(amount.run_id, told),
        "restated_by": _run(amount.restated_by, told),
        "restatements": [{"business_date": day, "amount": yuan(fen)} for day, fen in booked(one, told)],
        "sum": yuan(one.sum_fen),
        "adds_up": one.adds_up,
    }


def booked(one: Explanation, told: Answer) -> list[tuple[date, int]]:
    """The restatements that made an amount good; none if it is as it was posted."""
    if one.amount.due_fen == one.amount.amount_fen:
        return []
    return told.restated.get(one.amount.holding, [])


def _run(run_id: str | None, told: Answer) -> dict[str, Any] | None:
    if run_id is None:
        return None
    run = told.run(run_id)
    return {"run_id": run_id, "kind": run.kind, "finished_at": run.finished_at}


def yuan(fen: int) -> Decimal:
    """Hundredths as a decimal."""
    return Decimal(fen).scaleb(-2)


def plain(facts: Facts) -> dict[str, Any]:
    """Facts without units in their names: `_fen` become decimals of two places, `_pico` plain decimals."""
    return dict(_plain(name, value) for name, value in facts.items())


def _plain(name: str, value: object) -> tuple[str, Any]:
    if isinstance(value, list):
        return name, [plain(row) for row in value]
    if name.endswith("_fen"):
        return name.removesuffix("_fen"), yuan(value) if isinstance(value, int) else None
    if name.endswith("_pico") and isinstance(value, int):
        return name.removesuffix("_pico"), decimal_text(value, RATE_PLACES)
    return name, value
