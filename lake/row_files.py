"""Files of rows, CSV or Parquet, as frames of text: one entrance for feeds and reference data (SPEC 2)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl

from lake.csv_files import read_csv
from lake.parquet_files import read_parquet
from schemas.errors import InputRefusedError
from schemas.feeds import row_schema

READERS: Final = {".csv": read_csv, ".parquet": read_parquet}
"""How each kind of file is read, by the end of its name."""


def read_rows(files: Iterable[Path], columns: tuple[str, ...]) -> pl.DataFrame:
    """All rows of the files, in the order given and then by position, in the shape of `row_schema`.

    Raises InputRefusedError, naming file and fault, for a file that is not what its name says or breaks the
    contract.
    """
    schema = row_schema(columns)
    frames = [_read(path, columns).select(schema.names()) for path in files]
    return pl.concat([schema.to_frame(), *frames], how="vertical", rechunk=False)


def _read(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    try:
        return READERS[path.suffix](path, columns).with_columns(pl.lit(path.name).alias("file"))
    except OSError as fault:
        raise InputRefusedError(
            f"the file cannot be read: {fault}", where=str(path), todo="have the file delivered again"
        ) from fault
