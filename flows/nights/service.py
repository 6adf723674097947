"""What a run of the schedule works on: the places of the service that runs it, and no others.

Prefect stores what a run is asked for, and whoever may ask its server can ask for anything. Places are therefore taken
from the surroundings of the process, where `settle serve` or the worker's account has put them.
"""

import os
from pathlib import Path
from typing import Final

from prefect.runtime import deployment

from flows.settings import Settings
from schemas.errors import ConfigurationError

ROOT: Final = "SETTLE_ROOT"
WAREHOUSE: Final = "SETTLE_WAREHOUSE"
RULEBOOK: Final = "SETTLE_RULEBOOK"


def surround_runs(settings: Settings) -> None:
    """Tell the processes that this one starts where to work: absolute, since a run may begin in any folder."""
    os.environ[ROOT] = str(settings.root.absolute())
    os.environ[WAREHOUSE] = str(settings.warehouse.absolute())
    if settings.rulebook is None:
        os.environ.pop(RULEBOOK, None)
    else:
        os.environ[RULEBOOK] = str(settings.rulebook.absolute())


def places_of_run(
    root: str | None, warehouse: str | None, rulebook: str | None = None, buckets: int | None = None
) -> Settings:
    """Where a flow run works: of a deployment, where its service does; else, where its caller says.

    Raises ConfigurationError (10) for a deployment's run that asks for another place, or whose service has none.
    """
    if deployment.id is None:
        return Settings(
            Path(root or Settings.root),
            Path(warehouse or Settings.warehouse),
            Path(rulebook) if rulebook else None,
            buckets,
        )
    asked = {ROOT: root, WAREHOUSE: warehouse, RULEBOOK: rulebook}
    own = {name: os.environ.get(name) or None for name in asked}
    for name, place in asked.items():
        if place is not None and not _same(place, own[name]):
            raise ConfigurationError(
                f"a run may not say where it works: it asks for {name}={place}, the service has {own[name] or 'none'}",
                where="the parameters of the flow run, or of its deployment",
                todo="take the parameter away; another place needs a service of its own",
            )
    if own[ROOT] is None or own[WAREHOUSE] is None:
        raise ConfigurationError(
            f"the service does not know where to work: {ROOT} and {WAREHOUSE} are not both set",
            where="the environment of the worker",
            todo="set them to absolute paths, and start the worker again",
        )
    return Settings(Path(own[ROOT]), Path(own[WAREHOUSE]), Path(own[RULEBOOK]) if own[RULEBOOK] else None, buckets)


def _same(place: str, own: str | None) -> bool:
    return own is not None and Path(place).resolve() == Path(own).resolve()
