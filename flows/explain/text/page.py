"""An answer as text that can be read aloud, line by line."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from flows.explain.answer import Answer, booked
from flows.explain.text.figures import moment, money, signed
from flows.explain.text.parts import part
from flows.explain.text.titles import background, source, title
from schemas.rulebook.book import business_time
from transforms.explain.model import Explanation, Facts, Rule

SHOWN: Final = 20
"""Parts or inputs of an amount that are told one by one."""
SUMMED: Final = 6
"""Parts of a sum that is written out."""


def told(answer: Answer) -> Iterator[str]:
    """The whole answer."""
    yield _headline(answer)
    cited: list[Rule] = list(dict.fromkeys(rule for one in answer.explanations for rule in one.rules))
    for one in answer.explanations:
        yield ""
        yield from _amount(one, answer, cited)
    yield from _sources(cited)
    yield from (f"note: {note}" for note in answer.notes)


def _headline(answer: Answer) -> str:
    books, found = answer.books, len(answer.explanations)
    who = f"{books.holder_kind} {books.holder_id}"
    if found:
        when = f" on {answer.day}" if answer.day else ""
        return f"{who}: {found:,} amount{'' if found == 1 else 's'}{when}"
    when = f" on {answer.day}" if answer.day else ""
    unsettled = answer.day and answer.day > books.run.last_settled
    until = f"; settled up to {books.run.last_settled}" if unsettled else ""
    return f"{who}: no amounts{when}{until}"


def _amount(one: Explanation, answer: Answer, cited: Sequence[Rule]) -> Iterator[str]:
    amount = one.amount
    later = f", counts from {amount.value_date}" if amount.value_date != amount.business_date else ""
    yield f"{amount.business_date}{later}: {title(amount)}"
    yield from (f"  {line}" for line in background(amount, one.facts))
    if one.inputs:
        yield "  from:"
        yield from _listed(one.inputs, lambda row: source(amount, row))
        yield "  gives:"
    yield from _listed(one.parts, lambda row: part(amount, row))
    if not one.parts:
        yield "    nothing: history as it is now has no such amount"
    yield f"  rounding: {one.rounding}"
    if one.rules:
        yield f"  rules: {', '.join(f'{rule.table} [{cited.index(rule) + 1}]' for rule in one.rules)}"
    yield from _booking(one, answer)
    yield f"  {_sum(one)}"


def _listed(rows: Sequence[Facts], words: Callable[[Facts], str]) -> Iterator[str]:
    yield from (f"    {words(row)}" for row in rows[:SHOWN])
    rest = rows[SHOWN:]
    if rest:
        column = next(name for name in ("amount_fen", "points_fen", "concession_fen") if name in rest[0])
        together = money(sum(row[column] for row in rest))
        yield f"    and {len(rest):,} more, together {together} (--json has them all)"


def _booking(one: Explanation, answer: Answer) -> Iterator[str]:
    amount = one.amount
    if amount.run_id:
        yield f"  booked by {_run(amount.run_id, answer)}"
    if amount.due_fen == amount.amount_fen:
        return
    by = f" by {_run(amount.restated_by, answer)}" if amount.restated_by else ""
    rows = ", ".join(f"{signed(fen)} on {day}" for day, fen in booked(one, answer)) or "nothing, as others cancel it"
    should = f"{money(amount.due_fen)} should have been posted, {money(amount.amount_fen)} was"
    yield f"  This day was closed and has been recomputed{by}: {should}."
    difference = signed(amount.due_fen - amount.amount_fen)
    yield f"  The difference, {difference}, is part of what was restated of this kind: {rows}."


def _run(run_id: str, answer: Answer) -> str:
    run = answer.run(run_id)
    return f"run {run_id} ({run.kind}), finished {moment(run.finished_at)}"


def _sum(one: Explanation) -> str:
    if not one.adds_up:
        return f"DOES NOT ADD UP: the parts are {money(one.sum_fen)}, the ledger has {money(one.amount.due_fen)}"
    parts = [part["amount_fen"] for part in one.parts]
    left = " ".join(_joined(parts)) if 1 < len(parts) <= SUMMED else money(one.sum_fen)
    count = f" ({len(parts):,} parts)" if len(parts) > SUMMED else ""
    restated = one.amount.due_fen != one.amount.amount_fen
    due = f" due, {money(one.amount.amount_fen)} posted" if restated else ""
    return f"adds up: {left} = {money(one.amount.due_fen)}{due}{count}"


def _joined(parts: Sequence[int]) -> Iterator[str]:
    for number, fen in enumerate(parts):
        sign = ("-" if fen < 0 else "+") if number else ("-" if fen < 0 else "")
        yield f"{sign} {money(abs(fen))}" if number else f"{sign}{money(abs(fen))}"


def _sources(cited: Sequence[Rule]) -> Iterator[str]:
    if cited:
        yield ""
        yield "Rules"
    for number, rule in enumerate(cited, 1):
        said = rule.source or "the rulebook states no source"
        yield f"  [{number}] {rule.table}, from {business_time(rule.effective_from)}: {said}"
