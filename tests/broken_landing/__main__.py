"""Thousands by hand: what became of them, and every one that was not allowed."""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from tests.broken_landing.trial import settled_base, try_seed


def main() -> int:
    """Try the seeds; 1 if one of them found a fault."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=2000)
    asked.add_argument("--first", type=int, default=0)
    given = asked.parse_args()
    became: Counter[str] = Counter()
    faults = 0
    with tempfile.TemporaryDirectory() as place:
        base = settled_base(Path(place) / "base")
        for seed in range(given.first, given.first + given.seeds):
            verdict = try_seed(seed, base, Path(place) / "root")
            became[verdict.became] += 1
            if verdict.fault:
                faults += 1
                print(f"seed {verdict.seed}: {verdict.done}: {verdict.fault}")
    for name, number in became.most_common():
        print(f"{number:>8,} {name}")
    print(f"{faults:>8,} not allowed")
    return 1 if faults else 0


raise SystemExit(main())
