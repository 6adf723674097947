"""`python -m bench.peers.pandas_night TASK.json FOLDER`: the answer, and all that the night adds, in the folder."""

import sys
from pathlib import Path

import pandas as pd

from bench.peers.pandas_night.booking import booked
from bench.peers.pandas_night.books import ledger, movements
from bench.peers.pandas_night.intake import Refused
from bench.peers.pandas_night.positions import changes, clawbacks, close, cohorts, dividends
from bench.peers.pandas_night.reference import reference
from bench.peers.rates import pool_nights, rules_of
from bench.task import read_task


def main(told: Path, out: Path) -> None:
    """Settle the night that a task file tells of."""
    task = read_task(told)
    rules, known, refused = rules_of(task.rulebook), reference(task), Refused()
    transactions = booked(task, rules, known, refused)
    closed = cohorts(task, rules)
    changed = changes(transactions, closed, pd.Timestamp(task.day))
    posted = [ledger(transactions, movements(task, rules, known), rules), clawbacks(task, changed, closed)]
    inflow = int(transactions.points_fen.sum())
    events = []
    for night in pool_nights(task, {"member": inflow, "merchant": inflow}):
        cohort = close(task, night, transactions)
        paid = dividends(task, night, cohort, changed)
        write(cohort, out / f"positions-{night.pool}.parquet")
        decided = (night.pool, night.event_no, night.trigger, night.value_fen, night.growth_pico)
        events.append((*decided, len(paid), int(paid.amount_fen.sum())))
        posted.append(paid)
    columns = ["pool", "event_no", "trigger", "value_fen", "growth_pico", "holders", "amount_fen"]
    write(pd.DataFrame(events, columns=columns), out / "events.parquet")
    entries = pd.concat(posted, ignore_index=True)
    write(entries, out / "ledger.parquet")
    balances = entries.groupby(["holder_kind", "holder_id", "asset"], as_index=False).amount_fen.sum()
    write(balances, out / "balances.parquet")
    write(transactions, out / "transactions.parquet")
    write(pd.concat(refused.parts, ignore_index=True), out / "quarantine.parquet")


def write(frame: pd.DataFrame, path: Path) -> None:
    """As Parquet."""
    frame.to_parquet(path, compression="zstd", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
