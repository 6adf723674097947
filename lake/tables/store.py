"""The Delta tables under `<root>/lake/`, and the one idea they are used with (docs/decisions/0002).

A commit is said as *the files the table shall have*. What is added and removed follows from the newest version,
so that whatever a dead run left there is mended by the next commit. Only versions that the run log names are read.
"""

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from lake.addresses import delta_address
from lake.tables.delta import CHECKPOINTS, KEEP_HISTORY
from lake.tables.files import DataFile
from lake.tables.listings import LISTED
from schemas.errors import DamagedLakeError, StorageError
from schemas.steps import step
from schemas.tables import BUSINESS_DATE, Table

Versions = Mapping[str, int]


class Store:
    """Delta tables of one folder, one folder a table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, table: Table, version: int | None) -> list[DataFile]:
        """Files of one version, in path order; none if the table is not made yet (`version` None).

        Raises DamagedLakeError (13) if there is no such version.
        """
        if version is None:
            return []
        folder = self.folder / table.name
        try:
            return list(LISTED.of(folder, version))
        except (DeltaError, OSError) as fault:
            raise DamagedLakeError(
                f"version {version} of the table {table.name} cannot be opened: {fault}",
                where=str(folder / "_delta_log"),
                todo=f"restore lake/{table.name} from a backup",
            ) from fault

    def commit(self, table: Table, files: Iterable[DataFile], run_id: str) -> int:
        """Make `files` the table's content in one atomic commit; returns the version that holds it.

        Raises StorageError if it cannot be written.
        """
        step(f"commit {table.name}")
        try:
            files = list(files)
            version = self._commit(table, files, run_id)
            LISTED.keep(self.folder / table.name, version, files)
        except DeltaError as fault:
            raise StorageError(
                f"the table {table.name} cannot be committed: {fault}", where=str(self.folder / table.name)
            ) from fault
        step(f"committed {table.name}")
        return version

    def _commit(self, table: Table, files: Iterable[DataFile], run_id: str) -> int:
        target = {f.path: f for f in files}
        folder = self.folder / table.name
        if not DeltaTable.is_deltatable(delta_address(folder)):
            return self._create(table, [_add(f) for f in target.values()], run_id)
        newest = DeltaTable(delta_address(folder))
        _widen(newest, table)
        current = {f.path for f in self.files(table, newest.version())}
        actions: list[AddAction | RemoveAction] = [_add(f) for path, f in target.items() if path not in current]
        actions += [RemoveAction(path, True, _now()) for path in sorted(current - target.keys())]
        if not actions:
            return int(newest.version())
        newest.create_write_transaction(
            actions,
            mode="append",
            schema=_delta_schema(table),
            partition_by=list(table.partition),
            commit_properties=CommitProperties(custom_metadata={"run_id": run_id}),
            post_commithook_properties=KEEP_HISTORY,
        )
        newest.update_incremental()
        return int(newest.version())

    def _create(self, table: Table, adds: list[AddAction], run_id: str) -> int:
        create_table_with_add_actions(
            delta_address(self.folder / table.name, new=True),
            _delta_schema(table),
            adds,
            partition_by=list(table.partition),
            configuration=CHECKPOINTS,
            commit_properties=CommitProperties(custom_metadata={"run_id": run_id}),
        )
        return 0


def _widen(newest: DeltaTable, table: Table) -> None:
    """Give a table of an older format its new columns: a write leaves the columns of a table as they are."""
    known = {field.name for field in newest.schema().fields}
    fresh = [field for field in _delta_schema(table).fields if field.name not in known]
    if fresh:
        newest.alter.add_columns(fresh, post_commithook_properties=KEEP_HISTORY)


def _add(f: DataFile) -> AddAction:
    return AddAction(f.path, f.size, f.partition, _now(), True, json.dumps(_statistics(f)))


def _statistics(f: DataFile) -> dict[str, object]:
    """By these, other readers of the table choose its files."""
    if f.span is None:
        return {"numRecords": f.rows}
    first, last = ({BUSINESS_DATE: day.isoformat()} for day in f.span)
    return {"numRecords": f.rows, "minValues": first, "maxValues": last}


def _delta_schema(table: Table) -> Schema:
    return Schema.from_arrow(table.empty().to_arrow(compat_level=pl.CompatLevel.oldest()).schema)


def _now() -> int:
    # Delta wants a modification time; nothing of the business depends on it.
    return int(time.time() * 1000)
