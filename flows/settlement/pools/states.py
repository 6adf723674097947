"""Where the pools stand when a block begins."""

from lake.draft.draft import Draft
from schemas.tables import POOL_DAYS, POOL_EVENTS
from transforms.pools.events import PoolState


def pool_states(draft: Draft) -> dict[str, PoolState]:
    """Where each pool stands after the draft's last day."""
    values = draft.small(POOL_DAYS).group_by("pool", maintain_order=True).last()
    states = {pool: PoolState(value_fen=value) for pool, value in values.select("pool", "value_fen").iter_rows()}
    last = draft.small(POOL_EVENTS).group_by("pool", maintain_order=True).last()
    for row in last.iter_rows(named=True):
        value = states[row["pool"]].value_fen
        states[row["pool"]] = PoolState(value, row["event_no"], row["value_date"], row["next_baseline_fen"])
    return states
