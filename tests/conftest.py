"""Hypothesis without deadlines: a loaded machine is no defect, and no test asserts a time. Lakes that are made once."""

import pickle
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.small_lake import Case, make_cases

settings.register_profile("settlement", deadline=None)
settings.load_profile("settlement")


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def demo_warehouse(common: Path) -> Path:
    """The warehouse of the world that `settle demo` makes: one for all workers, to be read only."""
    from flows.commands.demo import DEMO  # noqa: PLC0415
    from simulator import simulate  # noqa: PLC0415
    from tests.engine import backfill, published  # noqa: PLC0415

    root = common / "demo"
    with FileLock(f"{root}.lock"):
        if not (root / "warehouse.duckdb").exists():
            simulate(DEMO, root)
            last = DEMO.first_day + timedelta(days=DEMO.days - 1)
            backfill(root, root / "rulebook.toml", DEMO.first_day, last)
            published(root)
    return root / "warehouse.duckdb"


@pytest.fixture(scope="session")
def cases(common: Path) -> dict[str, Case]:
    """Runs over a small lake, each with what it does when nothing happens to it: copies of them are put to the test."""
    root = common / "cases"
    told = root / "cases.pickle"
    with FileLock(f"{root}.lock"):
        if not told.exists():
            made = make_cases(root)
            told.write_bytes(pickle.dumps(made))
    found: dict[str, Case] = pickle.loads(told.read_bytes())
    return found


@pytest.fixture
def night(cases: dict[str, Case], tmp_path: Path) -> Path:
    """A lake whose second run, a night, has yet to come."""
    return cases["night"].copy(tmp_path / "lake")
