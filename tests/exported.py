"""A settled world for the tests of reports and exports: two months with payouts, refunds, promoters and agents."""

from datetime import date
from pathlib import Path

from flows.operations.publish import publish_lake
from simulator import WorldSpec, simulate
from tests.engine import backfill

SPEC = WorldSpec(members=120, merchants=8, days=58, transactions_per_day=40, seed=5)


def settled_world(root: Path, last: date = date(2025, 2, 27)) -> Path:
    """The world settled up to `last` and published as `w.duckdb`; its folder."""
    simulate(SPEC, root)
    backfill(root, root / "rulebook.toml", SPEC.first_day, last)
    publish_lake(root, root / "w.duckdb")
    return root
