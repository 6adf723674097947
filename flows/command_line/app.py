"""The app: its global options, before or after the command (SPEC 12), and the types that commands share."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Group, Parameter

from flows.places import require_places, require_text
from flows.settings import Settings
from schemas.errors import SettleError, UsageError

GLOBAL = Group("Global options, before or after the command", sort_key=0)
Given = Annotated[Settings, Parameter(parse=False)]
Accept = Annotated[
    tuple[date, ...],
    Parameter(
        name="--accept-quarantine",
        negative="",
        help="settle this day although more rows are quarantined than allowed",
    ),
]
Direct = Annotated[bool, Parameter(negative="", help="run the same steps without Prefect")]

app = App(
    name="settle",
    help="Settlement of the green-points (绿色积分) loyalty model, exact to the fen.",
    version="0.1.0",
)
rulebook_app = App(name="rulebook", help="Work on rulebooks.")
app.command(rulebook_app)


@app.meta.default
def _launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    root: Annotated[
        Path, Parameter(group=GLOBAL, env_var="SETTLE_ROOT", help="folder that holds landing/ and lake/")
    ] = (Path("data")),
    warehouse: Annotated[
        Path, Parameter(group=GLOBAL, env_var="SETTLE_WAREHOUSE", help="the DuckDB file that finance reads")
    ] = Path("warehouse.duckdb"),
    rulebook: Annotated[
        Path | None,
        Parameter(
            group=GLOBAL,
            env_var="SETTLE_RULEBOOK",
            help="TOML; default: rulebook.toml in the root, else the shipped one",
        ),
    ] = None,
    buckets: Annotated[
        int | None,
        Parameter(group=GLOBAL, env_var="SETTLE_BUCKETS", help="buckets of a new lake; default: by its members"),
    ] = None,
    json: Annotated[bool, Parameter(group=GLOBAL, negative="", help="answer as JSON, and nothing else")] = False,
    debug: Annotated[bool, Parameter(group=GLOBAL, negative="", help="show tracebacks")] = False,
) -> int:
    if buckets is not None and buckets < 1:
        raise UsageError("--buckets must be 1 or more")
    settings = Settings(root, warehouse, rulebook, buckets, json, debug)
    command, bound, ignored = app.parse_args(tokens, exit_on_error=False, print_error=False)
    require_places(settings)
    for value in bound.arguments.values():
        if isinstance(value, Path):
            require_text(value)
    given: dict[str, Any] = dict.fromkeys(ignored, settings)
    try:
        result = command(*bound.args, **bound.kwargs, **given)
    except (SettleError, BrokenPipeError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:
        from flows.machine import retold  # noqa: PLC0415

        told = retold(fault, root)
        if told is fault:
            raise
        raise told from fault
    return result if isinstance(result, int) else 0
