"""The Prefect flows: the same steps as `--direct`, each stage a task.

Flow parameters are text and dates, tasks take nothing and return small things: Prefect hashes and stores what passes
through it, and a frame must never do so.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.operations import Outcome, settle_night, settle_range
from flows.settings import Settings
from flows.settlement.progress import Listener

T = TypeVar("T")


def as_task(name: str, work: Callable[[], T]) -> T:
    """A stage of the settlement as a Prefect task. Nothing is retried: a broken contract does not heal."""
    kind = name.split(maxsplit=1)[0]
    stage: Callable[[], T] = task(name=kind, task_run_name=name, cache_policy=NO_CACHE, persist_result=False)(work)
    return stage()


_listeners: list[Listener] = []
"""Who hears the flow of this process; no flow parameter, since it cannot be stored."""


def run_night(settings: Settings, last: date, accept: frozenset[date], listener: Listener) -> Outcome:
    """`settle nightly` as a Prefect flow run."""
    _listeners[:] = [listener]
    outcome: Outcome = nightly(**_places(settings), date=last, accept_quarantine=sorted(accept))
    return outcome


def run_range(
    settings: Settings, first: date, last: date, accept: frozenset[date], listener: Listener, *, restate: bool = False
) -> Outcome:
    """`settle backfill` as a Prefect flow run."""
    _listeners[:] = [listener]
    outcome: Outcome = backfill(
        **_places(settings), first=first, last=last, accept_quarantine=sorted(accept), restate=restate
    )
    return outcome


@flow(name="nightly", flow_run_name="nightly {date}", persist_result=False)
def nightly(
    root: str,
    warehouse: str,
    rulebook: str | None,
    date: date,
    accept_quarantine: Sequence[date] = (),
    buckets: int | None = None,
) -> Outcome:
    """Settle every unsettled business date up to `date`, and publish the warehouse."""
    settings = _settings(root, warehouse, rulebook, buckets)
    return settle_night(settings, date, frozenset(accept_quarantine), _listener(), as_task)


@flow(name="backfill", flow_run_name="backfill {first} to {last}", persist_result=False)
def backfill(
    root: str,
    warehouse: str,
    rulebook: str | None,
    first: date,
    last: date,
    accept_quarantine: Sequence[date] = (),
    buckets: int | None = None,
    restate: bool = False,
) -> Outcome:
    """Recompute first..last and all settled days after it, and publish the warehouse."""
    settings = _settings(root, warehouse, rulebook, buckets)
    return settle_range(settings, first, last, frozenset(accept_quarantine), _listener(), as_task, restate=restate)


def _listener() -> Listener | None:
    return _listeners[0] if _listeners else None


def _places(settings: Settings) -> dict[str, Any]:
    return {
        "root": str(settings.root),
        "warehouse": str(settings.warehouse),
        "rulebook": str(settings.rulebook) if settings.rulebook else None,
        "buckets": settings.buckets,
    }


def _settings(root: str, warehouse: str, rulebook: str | None, buckets: int | None) -> Settings:
    return Settings(Path(root), Path(warehouse), Path(rulebook) if rulebook else None, buckets)
