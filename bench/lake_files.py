"""The files that the last run of a root names: what a night or a peer has to begin with."""

from datetime import date
from pathlib import Path

from bench.task import Stored, Task
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.tables import TABLES


def task_of(root: Path, day: date) -> Task:
    """The night of `day` over the lake of `root`."""
    return Task(day, root / "landing", root / "rulebook.toml", committed(root))


def committed(root: Path) -> dict[str, list[Stored]]:
    """The files of every table that the last run of a root names."""
    run, store = RunLog(root / "lake").last(), Store(root / "lake")
    if run is None:
        raise ValueError(f"nothing is settled in {root}")
    return {
        name: [
            Stored(str(root / "lake" / name / f.path), f.partition, f.days) for f in store.files(TABLES[name], version)
        ]
        for name, version in run.versions.items()
    }
