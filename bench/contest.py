"""Contenders run in turns, A B A B, so that a drift of the machine meets all of them; ratios are taken by round."""

import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.answers import Answer
from bench.measure import Usage


@dataclass(frozen=True)
class Contender:
    """`run` gets a fresh empty folder, prepares what is not measured, and returns the measured child's usage.
    `answer` reads what it left there; None where there is nothing to compare (the floor)."""

    name: str
    run: Callable[[Path], Usage]
    answer: Callable[[Path], Answer | None] = lambda _: None


@dataclass
class Result:
    """All rounds of a contender; `wrong`: its answer is another than the first contender's, so it does not count."""

    name: str
    rounds: list[Usage] = field(default_factory=list)
    wrong: bool = False

    def median(self, of: str) -> float:
        """Median over the rounds of one figure."""
        return float(statistics.median(getattr(usage, of) for usage in self.rounds))

    def spread(self) -> tuple[float, float]:
        """The fastest and the slowest round, wall seconds."""
        walls = [usage.wall for usage in self.rounds]
        return min(walls), max(walls)


def contest(contenders: Sequence[Contender], rounds: int, folder: Path, *, warm: bool = True) -> list[Result]:
    """One round that only warms and compares answers, then `rounds` that are measured.

    `warm`: whether there is that round. Hours of work warm themselves, and have no peer whose answer would be compared.
    """
    results = [Result(contender.name) for contender in contenders]
    answers = [_turn(contender, folder)[1] for contender in contenders if warm]
    for result, found in zip(results, answers, strict=False):
        result.wrong = found is not None and found != answers[0]
        if result.wrong:
            print(f"bench: {result.name} answers {found}, not {answers[0]}", file=sys.stderr)
    for number in range(rounds):
        for contender, result in zip(contenders, results, strict=True):
            usage, _ = _turn(contender, folder)
            result.rounds.append(usage)
            print(f"bench: round {number + 1}/{rounds} {result.name}: {usage.wall:.2f} s", file=sys.stderr)
    return results


def ratio(one: Result, other: Result, of: str = "wall") -> float:
    """Median over the rounds of one / other, each of the same round."""
    pairs = zip(one.rounds, other.rounds, strict=True)
    return float(statistics.median(getattr(a, of) / getattr(b, of) for a, b in pairs))


def _turn(contender: Contender, folder: Path) -> tuple[Usage, Answer | None]:
    place = folder / "run"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        usage = contender.run(place)
        return usage, contender.answer(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
