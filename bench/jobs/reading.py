"""Questions to a full lake: an explanation, a process each; a statement, many in one session of the warehouse."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench import lakes
from bench.children import module
from bench.contest import Result
from bench.report import Report
from bench.setup import Bench, events, facts
from bench.sizes import Size

ASKED = 20
"""Members asked about in each round."""


def explain(bench: Bench) -> list[Report]:
    """`settle explain` of all days of members all over the lake."""
    root, members = events(bench).base, asked_members(bench.size, ASKED * bench.rounds)
    rounds = [lakes.settle(root, "explain", "member", str(member)) for member in members]
    report = Report("explain", bench.size.name, facts(root), [Result("engine", rounds)])
    report.lines.append(_told([usage.wall for usage in rounds]))
    return [report]


def statement(bench: Bench) -> list[Report]:
    """`member_statement` of the same members in the warehouse; opening it is told apart."""
    root, place = events(bench).base, bench.folder("statement")
    place.mkdir(parents=True, exist_ok=True)
    members, rounds, seconds, opened = asked_members(bench.size, ASKED * bench.rounds), [], [], []
    for number in range(bench.rounds):
        told = asked_file(root / "warehouse.duckdb", members[number :: bench.rounds], place / "MEMBERS.json")
        rounds.append(module("bench.statements", str(told), place))
        kept = json.loads((place / "statements.json").read_text(encoding="utf-8"))
        seconds += kept["seconds"]
        opened.append(kept["opened"])
    report = Report("statement", bench.size.name, facts(root), [Result(f"{ASKED} statements", rounds)])
    report.lines += [_told(seconds), f"opening the warehouse: {sorted(opened)[len(opened) // 2]:.2f} s"]
    return [report]


def asked_members(size: Size, count: int) -> list[int]:
    """Members all over the lake."""
    return [(number + 1) * size.members // (count + 1) for number in range(count)]


def asked_file(warehouse: Path, members: Sequence[int], path: Path) -> Path:
    """What a session is told."""
    path.write_text(json.dumps({"warehouse": str(warehouse), "members": list(members)}), encoding="utf-8")
    return path


def _told(walls: list[float]) -> str:
    ranked = sorted(walls)
    count = len(ranked)
    p99 = ranked[-1 - count // 100]
    return f"of {count} questions: median {ranked[count // 2]:.2f} s, p99 {p99:.2f} s, slowest {ranked[-1]:.2f} s"
