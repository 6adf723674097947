"""The simulated world that several modules read."""

from pathlib import Path

import pytest

from simulator import WorldSummary, simulate
from tests.simulated import SPEC


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, WorldSummary]:
    """Where it lies, and what the simulator said of it: to be read only."""
    out = tmp_path_factory.mktemp("world")
    return out, simulate(SPEC, out)


@pytest.fixture(scope="session")
def landing(world: tuple[Path, WorldSummary]) -> Path:
    return world[0] / "landing"
