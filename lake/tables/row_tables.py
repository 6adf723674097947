"""Small Delta tables that grow by a row or some at a time and that no run log names: the run log itself, and bills."""

import time
from pathlib import Path
from typing import Literal
from uuid import uuid4

import polars as pl
from deltalake import DeltaTable, PostCommitHookProperties, Schema, write_deltalake
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from lake.addresses import delta_address, is_plain, local_path, read_files


def has_table(folder: Path) -> bool:
    """Whether there is a Delta table. Raises DeltaError, OSError."""
    return DeltaTable.is_deltatable(delta_address(folder))


def read_rows(folder: Path) -> pl.DataFrame:
    """All rows of the newest version. Raises DeltaError, OSError, PolarsError if they cannot be read."""
    # `pl.read_delta` gives the same, but imports pyarrow, which every command that only reads would wait for.
    return read_files(folder / name for name in _names(DeltaTable(delta_address(folder))))


def write_rows(
    folder: Path,
    rows: pl.DataFrame,
    mode: Literal["append", "overwrite"],
    *,
    configuration: dict[str, str | None] | None = None,
    hooks: PostCommitHookProperties | None = None,
) -> None:
    """Add `rows`, or leave nothing else; the first ones make the table, with its `configuration`.

    Raises DeltaError if it cannot be written.
    """
    if is_plain(folder):
        write_deltalake(
            delta_address(folder), rows, mode=mode, configuration=configuration, post_commithook_properties=hooks
        )
        return
    # Delta would write into the folder that has only the table's log, so the file is written here.
    name = f"part-{uuid4()}.parquet"
    rows.write_parquet(local_path(folder / name), mkdir=True)
    added = AddAction(name, (folder / name).stat().st_size, {}, _now(), True, f'{{"numRecords": {rows.height}}}')
    schema = Schema.from_arrow(rows.to_arrow(compat_level=pl.CompatLevel.oldest()).schema)
    if not has_table(folder):
        create_table_with_add_actions(delta_address(folder, new=True), schema, [added], configuration=configuration)
        return
    table = DeltaTable(delta_address(folder))
    removed = [RemoveAction(path, True, _now()) for path in _names(table)] if mode == "overwrite" else []
    table.create_write_transaction([added, *removed], mode="append", schema=schema, post_commithook_properties=hooks)


def _names(table: DeltaTable) -> list[str]:
    return list(pl.DataFrame(table.get_add_actions(flatten=True))["path"])


def _now() -> int:
    return int(time.time() * 1000)
