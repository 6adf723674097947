"""`settle nightly`, `settle backfill`, `settle publish`."""

from datetime import date

from flows.answers import described, print_json, print_outcome
from flows.operations import Outcome, publish_again, settle_night, settle_range
from flows.prefect_home import prepare
from flows.settings import Settings
from flows.talk import listening


def settle_up_to(settings: Settings, last: date, accept: frozenset[date], *, direct: bool) -> None:
    """Settle and answer."""
    with listening(f"nightly {last}", quiet=settings.as_json) as listener:
        if direct:
            outcome = settle_night(settings, last, accept, listener)
        else:
            prepare(settings)
            from flows.orchestration import run_night  # noqa: PLC0415

            outcome = run_night(settings, last, accept, listener)
    _answer(outcome, settings)


def settle_days(settings: Settings, first: date, last: date, accept: frozenset[date], *, direct: bool) -> None:
    """Settle a range and answer."""
    with listening(f"backfill {first} to {last}", quiet=settings.as_json) as listener:
        if direct:
            outcome = settle_range(settings, first, last, accept, listener)
        else:
            prepare(settings)
            from flows.orchestration import run_range  # noqa: PLC0415

            outcome = run_range(settings, first, last, accept, listener)
    _answer(outcome, settings)


def publish_warehouse(settings: Settings) -> None:
    """Publish and answer."""
    path = publish_again(settings)
    if settings.as_json:
        print_json({"warehouse": path})
    else:
        print(f"warehouse: {path} (published)")


def _answer(outcome: Outcome, settings: Settings) -> None:
    answer = described(outcome, settings.root, settings.warehouse)
    if settings.as_json:
        print_json(answer)
    else:
        print_outcome(answer)
