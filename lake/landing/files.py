"""Files of rows, CSV or Parquet, as frames of text: one entrance for feeds and reference data (SPEC 2)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import polars as pl

from lake.landing.csv_rows import read_csv
from lake.landing.parquet_rows import read_parquet
from schemas.errors import InputRefusedError
from schemas.feeds import row_schema

READERS: Final = {".csv": read_csv, ".parquet": read_parquet}
"""How each kind of file is read, by the end of its name."""


def read_rows(files: Iterable[Path], columns: tuple[str, ...]) -> pl.DataFrame:
    """All rows of `row_parts` in one frame."""
    schema = row_schema(columns)
    return pl.concat([schema.to_frame(), *row_parts(files, columns)], how="vertical", rechunk=False)


def row_parts(files: Iterable[Path], columns: tuple[str, ...]) -> Iterator[pl.DataFrame]:
    """All rows of the files, in the order given and then by position, in the shape of `row_schema`, in parts.

    Raises InputRefusedError, naming file and fault, for a file that is not what its name says or breaks the
    contract.
    """
    names = row_schema(columns).names()
    for path in files:
        try:
            for part in READERS[path.suffix](path, columns):
                yield part.with_columns(pl.lit(path.name).alias("file")).select(names)
        except OSError as fault:
            raise InputRefusedError(
                f"the file cannot be read: {fault}", where=str(path), todo="have the file delivered again"
            ) from fault
