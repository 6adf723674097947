"""The warehouse of what the run log names, for every command that publishes."""

from pathlib import Path
from typing import Final

from flows.operations.warehouse import changed, note_published
from lake.runs.log import RunLog
from lake.runs.run import Run
from lake.tables.partitions import other_texts
from lake.tables.store import Store
from marts.building import LakeFiles
from marts.publish import publish, published_run
from schemas.errors import InputMissingError
from schemas.tables import TABLES

DEMO: Final = "DEMO.txt"
"""The file that `settle demo` leaves in its root: it may replace what lies there."""


def publish_lake(root: Path, warehouse: Path) -> Path:
    """Rebuild the warehouse from the lake. Raises InputMissingError (11) if nothing is settled."""
    log, store = RunLog(root / "lake"), Store(root / "lake")
    run = log.last()
    if run is None:
        raise InputMissingError(
            "nothing is settled yet", where=str(root), todo="run `settle nightly` or `settle backfill` first"
        )
    files = _files(store, log, run, is_demo=(root / DEMO).exists())
    return publish(warehouse, files, lambda built: note_published(root, warehouse, built))


def is_current(root: Path, warehouse: Path) -> bool:
    """Whether the warehouse shows the last run, as it was published.

    A run that was killed before it published leaves an old one, and somebody may have written to it.
    """
    run = RunLog(root / "lake").last()
    return run is None or (published_run(warehouse) == run.run_id and changed(root, warehouse) is None)


def _files(store: Store, log: RunLog, run: Run, *, is_demo: bool) -> LakeFiles:
    files = {name: store.files(table, run.versions.get(name)) for name, table in TABLES.items()}
    folder = store.folder.resolve()
    return LakeFiles(
        paths={name: [f"{folder}/{name}/{f.path}" for f in found] for name, found in files.items()},
        rows={name: sum(f.rows for f in found) for name, found in files.items()},
        runs=log.frame(),
        run_id=run.run_id,
        buckets=run.buckets,
        partitions=other_texts(f.path for found in files.values() for f in found),
        is_demo=is_demo,
    )
