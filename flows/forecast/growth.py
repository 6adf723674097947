"""Growth as a user writes it: `0.05`, `stop`, or phases such as `0.15x24,0.02`, 24 periods of one, then the other."""

import re
from typing import Final

from schemas.errors import UsageError
from schemas.units import PICO
from transforms.forecast.growth_paths import Path, Phase

FAN: Final = ("0.15", "0.05", "0", "stop")
"""What is forecast if nothing is asked for: the growth that the model lives on, slower ones, and the end of it."""
LARGEST_GROWTH: Final = 10 * PICO
MOST_PERIODS: Final = 10_000
_PHASE: Final = re.compile(r"(?:stop|(-?[0-9]{1,3}(?:\.[0-9]{1,12})?))(?:x([0-9]{1,5}))?")
_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,3})(?:\.([0-9]{1,12}))?")


def growth_path(text: str) -> Path:
    """A path from its text. Raises UsageError (2)."""
    parts = [part.strip() for part in text.split(",")]
    phases = tuple(_phase(part, text) for part in parts)
    if any(phase.periods is None for phase in phases[:-1]) or phases[-1].periods is not None:
        raise _refused(text, "every phase but the last one has a number of periods")
    return Path(", ".join(_named(phase) for phase in phases), phases)


def part_pico(option: str, text: str | None, highest: int = 1) -> int | None:
    """A part such as `0.10` in pico; None without text. Raises UsageError (2)."""
    if text is None:
        return None
    value = _pico(text)
    if value is None or not 0 <= value <= highest * PICO:
        raise UsageError(
            f'{option} "{text}" is no decimal from 0 to {highest} with at most 12 decimals',
            todo=f"write it as a part, such as {option} 0.10",
        )
    return value


def _phase(part: str, text: str) -> Phase:
    found = _PHASE.fullmatch(part)
    if found is None:
        raise _refused(text, f'"{part}" is none of a decimal, "stop", or one of them with "x" and a number of periods')
    growth, periods = None if found[1] is None else _pico(found[1]), found[2]
    if growth is not None and not -PICO <= growth <= LARGEST_GROWTH:
        raise _refused(text, f"a growth lies between -1 and {LARGEST_GROWTH // PICO}")
    if periods is not None and not 1 <= int(periods) <= MOST_PERIODS:
        raise _refused(text, f"a phase has 1 to {MOST_PERIODS} periods")
    return Phase(growth, None if periods is None else int(periods))


def _pico(text: str) -> int | None:
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return None
    value = int(found[2] + (found[3] or "").ljust(12, "0"))
    return -value if found[1] else value


def _named(phase: Phase) -> str:
    if phase.growth_pico is None:
        name = "stop"
    else:
        whole, rest = divmod(abs(phase.growth_pico), PICO // 100)
        sign = "-" if phase.growth_pico < 0 else "+" if phase.growth_pico else ""
        name = f"{sign}{whole}{f'.{rest:010d}'.rstrip('0') if rest else ''} %"
    return name if phase.periods is None else f"{name} x {phase.periods}"


def _refused(text: str, why: str) -> UsageError:
    return UsageError(
        f'--growth "{text}" cannot be read: {why}',
        todo='write a growth a period, such as 0.05 or -0.02; or "stop"; or phases, such as 0.15x24,0.02',
    )
