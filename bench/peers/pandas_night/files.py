"""Files into pandas frames, by Arrow's own readers: pandas' reader of texts takes several times as long."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.dataset


def texts(paths: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """All cells of some CSV files as text; an empty one is missing."""
    cells = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.string()), null_values=[""], strings_can_be_null=True
    )
    frames = [pa.csv.read_csv(path, convert_options=cells).to_pandas() for path in paths]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns), dtype="str")


def rows(paths: Sequence[str], columns: Mapping[str, str], kept: pc.Expression | None = None) -> pd.DataFrame:
    """Some columns of Parquet files, as pandas' types; `kept` is looked at while they are read."""
    if not paths:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    stored = pa.dataset.dataset(list(paths), partitioning=None)
    return stored.to_table(columns=list(columns), filter=kept).to_pandas().astype(dict(columns))


def moments(cells: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    """Shanghai's clock of texts with the offset +08:00; missing where it is another, or no moment."""
    ours = (cells.str.len() == 25) & cells.str.endswith("+08:00", na=False)
    return pd.to_datetime(cells.where(ours).str.slice(0, 19), format="%Y-%m-%dT%H:%M:%S", errors="coerce")


def days(cells: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    """Dates, missing where a text is none."""
    return pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")


def whole(cells: "pd.Series[str]") -> "pd.Series[int]":
    """Integers, missing where a text is none."""
    numbers = pd.to_numeric(cells, errors="coerce")
    return numbers.where(numbers == np.floor(numbers))


def ten_thousandths(cells: "pd.Series[str]") -> "pd.Series[float]":
    """Decimals of four places as whole numbers, exact far beyond any amount; missing where a text is none."""
    plain = cells.where(~cells.str.contains("e", na=False))
    return (pd.to_numeric(plain, errors="coerce") * 10_000).round()
