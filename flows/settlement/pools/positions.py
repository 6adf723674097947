"""Net positions of one bucket of a pool, cohort by cohort.

A cohort's rates are constants and its refunds few: joining either to the positions of all cohorts costs twice as much.
"""

import polars as pl

from lake.draft.draft import Draft
from lake.tables.files import DataFile, select
from schemas.tables import POSITION_CHANGES, POSITIONS
from transforms.pools.dividends import net_positions, taken_points


class Positions:
    """What the holders of a bucket hold of a pool's closed cohorts, as the draft has it."""

    def __init__(self, draft: Draft, pool: str, number: int) -> None:
        self._draft = draft
        self._files: dict[int, list[DataFile]] = {}
        for f in select(
            draft.files(POSITIONS), pool=lambda name: name == pool, bucket=lambda value: value == str(number)
        ):
            self._files.setdefault(int(f.partition["cohort_no"]), []).append(f)
        changes = draft.scan(POSITION_CHANGES, bucket=lambda value: value == str(number)).filter(pl.col("pool") == pool)
        taken = taken_points(changes).collect().partition_by("cohort_no", as_dict=True)
        self._taken = {cohort_no: rows for (cohort_no,), rows in taken.items()}

    def of(self, cohort_no: int, holders: pl.Series | None = None) -> pl.LazyFrame:
        """cohort_no, holder_id, points_fen of one cohort, net of what refunds took; of all holders, or of some."""
        closed = self._draft.scan_files(POSITIONS, self._files.get(cohort_no, []))
        if holders is not None:
            closed = closed.filter(pl.col("holder_id").is_in(holders.implode()))
        taken = self._taken.get(cohort_no)
        none = pl.LazyFrame(schema={"holder_id": pl.Int64, "taken_fen": pl.Int64})
        return net_positions(closed, none if taken is None else taken.lazy(), on=["holder_id"])
