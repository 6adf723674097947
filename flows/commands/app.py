"""The app: its global options, before or after the command (SPEC 12), and the types that commands share."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Group, Parameter, Token

from flows.commands.places import require_output, require_places, require_text
from flows.settings import FIRST_YEAR, LAST_YEAR, Settings
from schemas.errors import SettleError, UsageError

MOST_BUCKETS = 10_000
"""A folder each, in every table: ten thousand are for more people than there are."""
GLOBAL = Group("Global options, before or after the command", sort_key=0)
Given = Annotated[Settings, Parameter(parse=False)]


def _a_day(_type: object, value: date | None) -> None:
    """Refuse days that only a slip of the pen can mean, and whose neighbours no calendar has."""
    if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"{value} is not between the years {FIRST_YEAR} and {LAST_YEAR}.")


def _whole(_type: object, tokens: Sequence[Token]) -> int:
    """Digits only: to round what is no whole number is to answer about somebody else."""
    text = tokens[0].value
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


_WHOLE = re.compile(r"-?[0-9]{1,30}")
Whole = Annotated[int, Parameter(converter=_whole)]
Day = Annotated[date, Parameter(validator=_a_day)]
"""A date on the calendar of this business."""
Accept = Annotated[
    tuple[Day, ...],
    Parameter(
        name="--accept-quarantine",
        negative="",
        help="settle this day although more rows are quarantined than allowed",
    ),
]
Direct = Annotated[bool, Parameter(negative="", help="run the same steps without Prefect")]

given: list[Settings] = []
"""The global options of the command that runs, once they are read: for whoever has to tell how it ended."""

app = App(
    name="settle",
    suppress_keyboard_interrupt=False,
    help="Settlement of the green-points (绿色积分) loyalty model, exact to the fen.",
    version="0.1.0",
)
# Else the library ends the process itself, before anybody has said how the books stand.
app.meta.suppress_keyboard_interrupt = False
rulebook_app = App(name="rulebook", help="Work on rulebooks.")
app.command(rulebook_app)
rulebook_app.command("flows.commands.rulebook:check", name="check", help="Lint a rulebook.")
COMMANDS = {
    "nightly": "Settle every unsettled business date up to a day, in order",
    "backfill": "Recompute days from the feeds as they are now, and all after them",
    "close": "Close the books: what was posted up to a day is never rewritten again",
    "publish": "Rebuild the warehouse from the lake",
    "explain": "Explain every amount of a holder: inputs, rules, rounding, the run that booked it",
    "statement": "A holder's account as a bank statement, with its running balance",
    "report": "Write the report of a night or a month: one HTML file that opens anywhere",
    "export": "Write a month's settlements, payouts due, vouchers and journal",
    "forecast": "Will the fund last? Solvency in the months to come",
    "compare": "What if the rules were different? Nothing is changed",
    "verify": "Recompute all history and compare it with what is stored; or check the audit chain",
    "heads": "Note the chain's heads elsewhere: they prove that nothing was rolled back",
    "status": "What is settled, pending, quarantined, failed",
    "tidy": "Remove what dead runs left behind",
    "upgrade": "Bring a lake of an older format to the newest, in place",
    "serve": "Run the nights and what else is due by itself, on a schedule",
    "simulate": "Write a world in the landing format",
    "demo": "Make a small world, settle it, tell what happened and where to look",
}
"""Every command is a function of its name, in a module of its name, which is imported when it is asked for."""
for _name, _help in COMMANDS.items():
    app.command(f"flows.commands.{_name}:{_name}", name=_name, help=_help)


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
        Parameter(
            converter=_whole,
            group=GLOBAL,
            env_var="SETTLE_BUCKETS",
            help="buckets of a new lake; default: by its members",
        ),
    ] = None,
    json: Annotated[bool, Parameter(group=GLOBAL, negative="", help="answer as JSON, and nothing else")] = False,
    debug: Annotated[bool, Parameter(group=GLOBAL, negative="", help="show tracebacks")] = False,
) -> int:
    if buckets is not None and not 1 <= buckets <= MOST_BUCKETS:
        raise UsageError(f"--buckets must be 1 or more, and no more than {MOST_BUCKETS:,}")
    settings = Settings(root, warehouse, rulebook, buckets, json, debug)
    given[:] = [settings]
    command, bound, ignored = app.parse_args(tokens, exit_on_error=False, print_error=False)
    require_places(settings)
    for value in bound.arguments.values():
        if isinstance(value, Path):
            require_text(value)
    written = [bound.arguments[name] for name in ("to", "out") if isinstance(bound.arguments.get(name), Path)]
    for value in written:
        require_output(settings.root, value)
    handed: dict[str, Any] = dict.fromkeys(ignored, settings)
    try:
        result = command(*bound.args, **bound.kwargs, **handed)
    except (SettleError, BrokenPipeError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:
        from flows.operations.faults import retold  # noqa: PLC0415

        told = retold(fault, root, *written)
        if told is fault:
            raise
        raise told from fault
    return result if isinstance(result, int) else 0
