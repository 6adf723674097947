"""`settle simulate`."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from flows.commands.app import Given, Whole
from flows.commands.output import print_json
from flows.commands.places import typed
from flows.commands.progress import listening
from flows.settlement.progress import Listener
from simulator import WorldSpec, WorldSummary
from simulator import simulate as write


def simulate(
    *,
    out: Path,
    members: Whole = 2000,
    merchants: Whole = 100,
    days: Whole = 150,
    txns_per_day: Whole = 300,
    seed: Whole = 1,
    given: Given,
) -> None:
    """Write a world in the landing format: members, merchants, bindings, promoters, agents, and their days.

    Parameters
    ----------
    out
        the folder that will hold landing/ and rulebook.toml
    members
        how many members
    merchants
        how many merchants
    days
        how many days
    txns_per_day
        transactions a day, on average
    seed
        the same seed gives the same world
    """
    spec = WorldSpec(members=members, merchants=merchants, days=days, transactions_per_day=txns_per_day, seed=seed)
    with listening(f"simulate {out}", quiet=given.as_json) as listener:
        summary = written(spec, out, listener)
    if given.as_json:
        print_json({"out": out, "rulebook": out / "rulebook.toml", **asdict(summary)})
        return
    last = spec.first_day + timedelta(days=spec.days - 1)
    print(
        f"{out}: {summary.days:,} days, {summary.rows:,} rows, {summary.bytes / 1e6:,.1f} MB in {summary.files:,} files"
    )
    print(f"settle it: settle --root {typed(out)} backfill --from {spec.first_day} --to {last}")


def written(spec: WorldSpec, out: Path, listener: Listener) -> WorldSummary:
    """Write a world, and tell how far it is."""

    def told(done: int, total: int, day: str) -> None:
        listener.at(f"writing {day}", done, total, done * spec.transactions_per_day)

    return write(spec, out, told)
