"""Months as the command line takes them: `2025-03`."""

import re
from datetime import date

from flows.settings import FIRST_YEAR, LAST_YEAR
from schemas.errors import UsageError


def first_of_month(text: str) -> date:
    """The first day of a month. Raises UsageError (2) if `text` names none."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) or not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise UsageError(f'--month "{text}" is no month', todo="write it as year and month: --month 2025-03")
    return date(int(text[:4]), int(text[5:]), 1)
