"""What a measurement says: the machine, the world, a table of medians, the floor's parts, ratios."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.contest import Result, ratio
from bench.machine import load, machine

MEGA, MEBI = 10**6, 2**20
HEAD = (
    "| contender | wall s, median | min to max | user s | system s | peak MiB | read MB | written MB | engine takes |"
)


@dataclass
class Report:
    """One job's results, the engine's first. `facts` of its world, `parts` of its floor in seconds, `lines` beside."""

    job: str
    size: str
    facts: dict[str, str]
    results: list[Result]
    parts: dict[str, float] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def floor_parts(told: Path) -> dict[str, float]:
    """What the floor has kept beside its task."""
    path = told.with_name("parts.json")
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def printed(report: Report, rounds: int) -> str:
    """A report as Markdown."""
    return "\n".join(_lines(report, rounds))


def _lines(report: Report, rounds: int) -> Iterator[str]:
    yield f"## {report.job}, size {report.size}"
    yield from (f"{label}: {text}  " for label, text in machine().items())
    yield f"medians of {rounds}, warm page cache; processes running in the last minute: {load():.1f}  "
    yield from (f"{label}: {text}  " for label, text in report.facts.items())
    if report.results:
        yield ""
        yield HEAD
        yield "|---|" + "---:|" * (HEAD.count("|") - 2)
        yield from (_row(result, report.results[0]) for result in report.results)
    if report.parts:
        parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in report.parts.items())
        yield f"\nThe floor by part, wall s of its last run: {parts}"
        reference = sum(seconds for name, seconds in report.parts.items() if name.endswith(".csv"))
        yield f"\nOf it, reference files, which are unchanged since the last run for `engine`: {reference:.2f} s"
        rest = [result.median("wall") - reference for result in report.results if result.name == "floor"]
        # Of a floor that is hardly anything else the rest is noise.
        large = [seconds for seconds in rest if seconds > reference]
        yield from (f"Engine to the rest of the floor: {report.results[0].median('wall') / f:.2f} x" for f in large)
    yield from (f"\n{line}" for line in report.lines)


def _row(result: Result, engine: Result) -> str:
    if result.wrong:
        return f"| {result.name} | another answer: does not count |" + " |" * 7
    low, high = result.spread()
    against = f"{ratio(engine, result):.2f} x (CPU {_cpu(engine) / _cpu(result):.2f} x)"
    cells = [
        f"{result.median('wall'):.2f}",
        f"{low:.2f} to {high:.2f}",
        f"{result.median('user'):.2f}",
        f"{result.median('system'):.2f}",
        f"{max(usage.peak for usage in result.rounds) / MEBI:,.0f}",
        f"{result.median('read') / MEGA:,.0f}",
        f"{result.median('written') / MEGA:,.0f}",
        "" if result is engine else against,
    ]
    return f"| {result.name} | " + " | ".join(cells) + " |"


def _cpu(result: Result) -> float:
    return result.median("user") + result.median("system")
