"""Positions by cohort: what refunds take from them, what is taken back for it, what an event closes and pays."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from bench.peers.pandas_dividends import entitled
from bench.peers.pandas_night.books import LEDGER, entries
from bench.peers.pandas_night.files import rows
from bench.peers.rates import PoolNight, closed_cohorts
from bench.task import Task

HELD = {"cohort_no": "int64", "holder_id": "int64", "points_fen": "int64"}
POSITION = {"pool": "str", **HELD}
PLACE = ["pool", "cohort_no", "holder_id"]


def cohorts(task: Task, rules: dict[str, Any]) -> pd.DataFrame:
    """Every closed cohort, as `closed_cohorts` has it."""
    columns = ["pool", "holder_kind", "cohort_no", "opened_after", "cutoff_date", "cumulative_pico"]
    made = pd.DataFrame(closed_cohorts(task, rules), columns=columns).drop(columns="opened_after")
    return made.assign(cutoff_date=pd.to_datetime(made.cutoff_date).astype("datetime64[s]"))


def changes(booked: pd.DataFrame, closed: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """What the night's refunds take from closed cohorts, by PLACE."""
    returned = booked[(booked.kind == "refund") & (booked.lot_date < day) & (booked.points_fen != 0)]
    found = []
    for pool, of_pool in closed.sort_values("cutoff_date").groupby("pool"):
        holder = f"{of_pool.holder_kind.iloc[0]}_id"
        at = np.searchsorted(of_pool.cutoff_date.to_numpy(), returned.lot_date.to_numpy())
        inside = at < len(of_pool)
        number = of_pool.cohort_no.to_numpy()[at[inside]]
        side = pd.DataFrame({"holder_id": returned[holder][inside], "points_fen": returned.points_fen[inside]})
        found.append(side.assign(pool=pool, cohort_no=number))
    if not found:
        return rows([], POSITION)
    return pd.concat(found).groupby(PLACE, as_index=False).points_fen.sum()


def clawbacks(task: Task, changed: pd.DataFrame, closed: pd.DataFrame) -> pd.DataFrame:
    """What refunds take back of dividends that were paid."""
    touched = set(zip(changed.pool, changed.cohort_no.astype(str), strict=True))
    stored = task.tables.get("positions", [])
    paths = [f.path for f in stored if (f.partition["pool"], f.partition["cohort_no"]) in touched]
    of_holders = pc.field("holder_id").isin(changed.holder_id.unique().tolist())
    held = rows(paths, POSITION, of_holders).merge(changed, on=PLACE, suffixes=("", "_taken"))
    earlier = rows(task.paths("position_changes"), POSITION, of_holders).groupby(PLACE, as_index=False).sum()
    held = held.merge(earlier, on=PLACE, how="left", suffixes=("", "_before"))
    held["points_fen"] += held.points_fen_before.fillna(0).astype("int64")
    held = held.merge(closed[["pool", "cohort_no", "holder_kind", "cumulative_pico"]], on=["pool", "cohort_no"])
    due = entitled(held.points_fen + held.points_fen_taken, held.cumulative_pico)
    held["amount_fen"] = due - entitled(held.points_fen, held.cumulative_pico)
    parts = [
        entries(kind, "voucher", "dividend_clawback", one.groupby("holder_id").amount_fen.sum(), pool)
        for (kind, pool), one in held.groupby(["holder_kind", "pool"])
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=LEDGER)


def close(task: Task, night: PoolNight, booked: pd.DataFrame) -> pd.DataFrame:
    """The cohort that the event closes: holder_id, points_fen."""
    holder, cutoff = f"{night.holder_kind}_id", pd.Timestamp(night.last_cutoff)
    since = night.last_cutoff.isoformat()
    columns = {holder: "int64", "points_fen": "int64"}
    ours = (pc.field("lot_date") > night.last_cutoff) & (pc.field(f"{night.holder_kind}_pool") == night.pool)
    earlier = rows(task.paths("transactions", business_date=lambda value: value > since), columns, ours)
    points = pd.concat([earlier, booked.loc[booked.lot_date > cutoff, list(columns)]]).groupby(holder).points_fen.sum()
    points = points[points != 0]
    return pd.DataFrame({"holder_id": points.index, "points_fen": points.to_numpy()})


def dividends(task: Task, night: PoolNight, closed: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """The event's ledger rows."""
    live = {str(rate.cohort_no) for rate in night.rates}
    of_pool = {"pool": lambda value: value == night.pool, "cohort_no": lambda value: value in live}
    held = rows(task.paths("positions", **of_pool), HELD)
    earlier = rows(task.paths("position_changes"), POSITION, pc.field("pool") == night.pool)
    both = pd.concat([earlier, changed[changed.pool == night.pool]])
    taken = both.groupby(["cohort_no", "holder_id"], as_index=False).points_fen.sum()
    held = held.merge(taken, on=["cohort_no", "holder_id"], how="left", suffixes=("", "_taken"))
    held["points_fen"] += held.pop("points_fen_taken").fillna(0).astype("int64")
    held = pd.concat([held, closed.assign(cohort_no=night.event_no)], ignore_index=True)
    rates = {rate.cohort_no: (rate.before_pico, rate.after_pico) for rate in night.rates}
    table = pd.DataFrame.from_dict(rates, orient="index", columns=["before", "after"])
    held = held.merge(table, left_on="cohort_no", right_index=True)
    held["amount_fen"] = entitled(held.points_fen, held.after) - entitled(held.points_fen, held.before)
    return entries(night.holder_kind, "voucher", "dividend", held.groupby("holder_id").amount_fen.sum(), night.pool)
