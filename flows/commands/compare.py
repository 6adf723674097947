"""`settle compare`: what other rules would have made of settled days, for people and machines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final

from cyclopts import Parameter

from flows.commands.app import Day, Given
from flows.commands.output import print_json, say
from flows.commands.progress import listening
from flows.commands.table_text import table_lines
from flows.settings import Settings, now
from flows.what_if import settle_again
from schemas.errors import UsageError
from schemas.rulebook import load_rulebook
from schemas.units import yuan
from transforms.corrections.what_if import MONEY

SHOWN: Final = 10
"""Lines of a list in the text; --json has more."""
SUMS: Final = ("before", "after", "difference")
_LISTS: Final = ("kinds", "cohorts", "days", "events", "gain", "lose")


def compare(*, from_: Annotated[Day, Parameter(name="--from")], to: Day, given: Given) -> None:
    """What if the rules were different? Settled days under another rulebook (--rulebook OTHER); nothing is changed.

    Parameters
    ----------
    from_
        the first business date to be settled by the other rules
    to
        the last one
    """
    _show(given, from_, to)


def _show(settings: Settings, first: date, last: date) -> None:
    """Compare and answer. Raises what `compare` raises; UsageError (2) without another rulebook."""
    if settings.rulebook is None:
        raise UsageError("which other rules?", todo="give them with --rulebook OTHER.toml")
    other = load_rulebook(settings.rulebook)
    with listening(f"compare {first} to {last}", quiet=settings.as_json) as listener:
        found = settle_again.compare(settings.root, other, first, last, now, listener)
    answer = _readable(found) if found else {"identical": True, "first": first, "last": last}
    answer = {**answer, "rulebook": other.path}
    if settings.as_json:
        print_json(answer)
    elif found is None:
        say(f"{other.path} has the very rules by which {first} to {last} were settled: nothing to compare")
    else:
        _print(answer)


def _readable(found: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts as decimals; `before`: as it stands, `after`: under the other rules."""
    before, after = found["quarantined"]
    lists = {name: [_line(line) for line in found[name]] for name in _LISTS}
    quarantined = {"before": before, "after": after}
    return {"identical": False, **found, **lists, "fund": _line(found["fund"]), "quarantined": quarantined}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.removesuffix("_fen"): yuan(int(value)) if name.endswith("_fen") and value is not None else value
        for name, value in line.items()
    }


def _print(answer: Mapping[str, Any]) -> None:
    say(*_head(answer))
    cohorts = [line for line in answer["cohorts"] if line["difference"]]
    days = [line for line in answer["days"] if line["asset"] in MONEY]
    days.sort(key=lambda line: -abs(line["difference"]))
    for title, names, lines, shown in (
        ("by kind", ("kind", "asset"), answer["kinds"], None),
        ("dividends by cohort, net of clawbacks", ("pool", "cohort_no"), cohorts, None),
        ("days that differ most in money", ("business_date", "asset"), days, SHOWN),
        ("who gains most in money", ("holder_kind", "holder_id"), answer["gain"], SHOWN),
        ("who loses most in money", ("holder_kind", "holder_id"), answer["lose"], SHOWN),
    ):
        if lines:
            say(*_table(title, names, lines, shown))


def _head(answer: Mapping[str, Any]) -> Iterable[str]:
    fund, quarantined = answer["fund"], answer["quarantined"]
    yield f"{answer['first']} to {answer['last']} under the rules of {answer['rulebook']}; nothing is changed"
    if not any(line["difference"] for line in answer["kinds"]) and not answer["holders"]:
        yield "the same to the fen"
    yield f"settlement fund: {fund['before']:+,} -> {fund['after']:+,} ({fund['difference']:+,})"
    yield f"holders whose money differs: {answer['holders']:,}"
    yield f"events new, gone or different: {len(answer['events']):,}"
    if quarantined["before"] != quarantined["after"]:
        yield f"rows quarantined: {quarantined['before']:,} -> {quarantined['after']:,}"
    changed = answer["feeds_changed"]
    if changed:
        yield f"note: the feeds of {len(changed):,} days have changed since they were settled; that is in here too"


def _table(title: str, names: Sequence[str], lines: Sequence[Mapping[str, Any]], shown: int | None) -> list[str]:
    more = "" if shown is None or len(lines) <= shown else f" (first {shown}; --json has more)"
    return table_lines(
        title + more, [name.replace("_", " ") for name in names], SUMS, [_row(names, line) for line in lines[:shown]]
    )


def _row(names: Sequence[str], line: Mapping[str, Any]) -> list[str]:
    change = f"{line['difference']:+,}" if line["difference"] else "="
    return [*(str(line[name]) for name in names), f"{line['before']:,}", f"{line['after']:,}", change]
