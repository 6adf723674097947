"""`settle rulebook check`."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from flows.commands.app import Given
from flows.commands.output import print_json, say
from flows.settings import SHANGHAI
from schemas.rulebook import Rules, load_rulebook
from schemas.units import PICO
from transforms.rulebook_check.remarks import warnings
from transforms.rulebook_check.steady import promised, six_places, steady_needs


def check(file: Path, *, given: Given) -> None:
    """Lint a rulebook: refuse what is impossible, warn of what cannot be paid.

    Exit code 10 if it is refused.

    Parameters
    ----------
    file
        the TOML file
    """
    book = load_rulebook(file)
    remarks = warnings(book)
    if given.as_json:
        starts = [rules.effective_from.astimezone(SHANGHAI) for rules in book.versions]
        answer = {"file": file, "versions": starts, "fingerprint": book.fingerprint, "warnings": remarks}
        print_json({**answer, "dividends": [_dividends(rules) for rules in book.versions]})
        return
    say(f"{file}: good, {len(book.versions)} version{'s' if len(book.versions) > 1 else ''}")
    for rules in book.versions:
        for line in _lines(rules):
            say(line)
    for remark in remarks:
        say(f"  warning: {remark}")


def _dividends(rules: Rules) -> dict[str, Any]:
    """Parts of the concession: the dividend budget, what steady growth (percent a period) needs, what is promised."""
    return {
        "budget": six_places(Fraction(rules.dividend.funding_share, PICO)),
        "needed": {str(percent): six_places(need) for percent, need in steady_needs(rules).items()},
        "promised": six_places(promised(rules)),
    }


def _lines(rules: Rules) -> Iterator[str]:
    parts = _dividends(rules)
    needs = ", ".join(f"{need} at {percent} %" for percent, need in parts["needed"].items())
    yield f"  in force from {rules.effective_from.astimezone(SHANGHAI).isoformat()}"
    yield f"    of the concession, dividends have {parts['budget']}, promise {parts['promised']},"
    yield f"    and need, at steady growth a period, {needs}"
