"""Questions to a full lake."""

from bench import lakes
from bench.contest import Result
from bench.measure import FailedRunError
from bench.report import Report
from bench.setup import Bench, events, facts

ASKED = 20
"""Members asked about in each round."""


def explain(bench: Bench) -> list[Report]:
    """`settle explain` of members all over the lake, a process each; nothing where there is no such command."""
    made, count = events(bench), ASKED * bench.rounds
    members = [(number + 1) * bench.size.members // (count + 1) for number in range(count)]
    try:
        rounds = [lakes.settle(made.base, "explain", "member", str(member)) for member in members]
    except FailedRunError as fault:
        return [Report("explain", bench.size.name, {}, [], lines=[f"not measured: {fault}"])]
    walls = sorted(usage.wall for usage in rounds)
    report = Report("explain", bench.size.name, facts(made.base), [Result("engine", rounds)])
    report.lines.append(f"of {count} questions: p99 {walls[-1 - count // 100]:.2f} s, slowest {walls[-1]:.2f} s")
    return [report]
