"""A session of finance: the warehouse opened once, members' statements read one after the other, each of them timed.

Run as `python -m bench.statements MEMBERS.json OUT`; MEMBERS.json names the warehouse and the members.
"""

import json
import sys
import time
from pathlib import Path

import duckdb


def ask(warehouse: Path, members: list[int]) -> tuple[float, list[float], int]:
    """Seconds until the warehouse was open, seconds of each statement, and how many lines they had together."""
    begun, seconds, lines = time.perf_counter(), [], 0
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        opened = time.perf_counter() - begun
        for member in members:
            asked = time.perf_counter()
            lines += len(connection.execute("from member_statement(?)", [member]).fetchall())
            seconds.append(time.perf_counter() - asked)
    return opened, seconds, lines


def main(told: Path, place: Path) -> None:
    """Ask and keep the seconds in `place`."""
    asked = json.loads(told.read_text(encoding="utf-8"))
    opened, seconds, lines = ask(Path(asked["warehouse"]), asked["members"])
    kept = {"opened": opened, "seconds": seconds, "lines": lines}
    (place / "statements.json").write_text(json.dumps(kept), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
