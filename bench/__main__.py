"""`python -m bench JOB SIZE`: measure one job at one size and print the result as Markdown."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from bench.jobs import JOBS
from bench.report import printed
from bench.setup import Bench
from bench.sizes import SIZES

GIBI = 2**30


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure one job of the engine beside its peers."
    )
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("-n", "--rounds", type=int, default=5, help="measured rounds (default: 5)")
    parser.add_argument(
        "--scratch", type=Path, default=Path("/tmp"), help="worlds and lakes are kept here (default: /tmp)"
    )
    parser.add_argument("--limit-gib", type=float, help="hard limit on the engine's private memory")
    parser.add_argument(
        "--peers-python", help="an interpreter with pandas, pyarrow and pyspark; default: those peers are left out"
    )
    parser.add_argument(
        "--only", nargs="*", default=[], help="only these contenders beside the engine, by the beginning of their names"
    )
    parser.add_argument("--days", type=int, help="days of the backfill (default: those of the size)")
    parser.add_argument("--json", type=Path, help="also append every round to this file, one JSON object a report")
    asked = parser.parse_args()
    limit = int(asked.limit_gib * GIBI) if asked.limit_gib else None
    bench = Bench(
        SIZES[asked.size], asked.scratch, asked.rounds, limit, asked.peers_python, tuple(asked.only), asked.days
    )
    for report in JOBS[asked.job](bench):
        print(printed(report, asked.rounds), flush=True)
        if asked.json:
            with asked.json.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(report)) + "\n")


if __name__ == "__main__":
    main()
