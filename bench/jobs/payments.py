"""The payments of the consumer pool's last event alone: what pandas, plain Python and Spark can be asked too."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from bench import lakes
from bench.answers import Answer
from bench.children import floor_of, module, python
from bench.contest import Contender, contest
from bench.dividends import dividends_task, expected, paid_answer
from bench.peers.duckdb_dividends import FORMULATIONS
from bench.report import Report, floor_parts
from bench.setup import Bench, events, facts, once

PEERS = Path(__file__).parents[1] / "peers"
SAMPLED = 20
"""The plain Python loop does one holder in so many."""


def dividends(bench: Bench) -> list[Report]:
    """From the positions' files to a Parquet file of payments."""
    made, folder = events(bench), bench.folder("dividends")
    settled = folder / "settled"
    once(folder, lambda: str(lakes.night(lakes.copy_root(made.later, settled), made.last)))
    task, told = dividends_task(settled, "consumer", folder), folder / "TASK.json"
    floor = folder / "FLOOR.json"
    copied = {"name": "positions", "paths": task["positions"], "columns": None}
    floor.write_text(json.dumps({"parse": [], "copy": [copied]}), encoding="utf-8")
    contenders = [_engine(task, told), Contender("floor", floor_of(floor)), *_peers(bench, task, told)]
    results = contest(bench.wanted(contenders), bench.rounds, folder)
    report = Report("dividends", bench.size.name, facts(settled), results, floor_parts(floor))
    report.lines.append(_looped(task, told, folder / "loop"))
    return [report]


def _engine(task: dict[str, Any], told: Path) -> Contender:
    def found(place: Path) -> Answer:
        paid = paid_answer(place, task)
        if paid != expected(task):
            raise ValueError("the engine's transform does not give what its ledger has")
        return paid

    return Contender("engine", lambda place: module("bench.peers.engine_dividends", str(told), place), found)


def _peers(bench: Bench, task: dict[str, Any], told: Path) -> list[Contender]:
    def peer(name: str, script: str, *more: str, interpreter: str = sys.executable) -> Contender:
        argv = [str(PEERS / f"{script}.py"), str(told)]
        return Contender(
            name,
            lambda place: python(*argv, str(place), *more, place=place, interpreter=interpreter),
            lambda place: paid_answer(place, task),
        )

    peers = [peer(f"duckdb, {name}", "duckdb_dividends", name) for name in FORMULATIONS]
    if bench.python:
        peers.append(peer("pandas", "pandas_dividends", interpreter=bench.python))
        peers.append(peer("pyspark, local", "spark_dividends", interpreter=bench.python))
    return peers


def _looped(task: dict[str, Any], told: Path, place: Path) -> str:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    module("bench.peers.loop_dividends", str(told), place, str(SAMPLED))
    if paid_answer(place, task) != expected(task, SAMPLED):
        return "plain Python loop: another answer, does not count"
    found = json.loads((place / "seconds.json").read_text(encoding="utf-8"))
    return (
        f"plain Python loop, EXTRAPOLATED from {found['positions']:,} positions (one holder in {SAMPLED}), reading and"
        f" writing not counted: {found['seconds'] * SAMPLED:.1f} s"
    )
