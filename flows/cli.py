"""The command line `settle` (SPEC 12): thin over the flows. Results to stdout, talk to stderr.

Every command imports what it needs when it runs, so that one that only reads starts fast.
"""

import os
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, CycloptsError, Group, Parameter

from flows.care import Care, Require
from flows.settings import Settings, now, yesterday
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
        Path | None, Parameter(group=GLOBAL, env_var="SETTLE_RULEBOOK", help="TOML; default: the shipped one")
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


@app.command
def nightly(*, date: date | None = None, accept_quarantine: Accept = (), direct: Direct = False, given: Given) -> None:
    """Settle every unsettled business date up to DATE (default: yesterday in Shanghai), in order.

    Parameters
    ----------
    date
        the last business date to settle
    """
    from flows.commands.settling import settle_up_to  # noqa: PLC0415

    settle_up_to(given, date or yesterday(now()), frozenset(accept_quarantine), direct=direct)


@app.command
def backfill(
    *,
    from_: Annotated[date, Parameter(name="--from")],
    to: date,
    accept_quarantine: Accept = (),
    dry_run: Annotated[
        bool, Parameter(negative="", help="show what would change, in money, and change nothing")
    ] = False,
    restate: Annotated[
        bool, Parameter(negative="", help="book what changes on closed days on the latest settled day")
    ] = False,
    direct: Direct = False,
    given: Given,
) -> None:
    """Recompute the days from..to, and every later settled day, from the landing feeds as they are now.

    Parameters
    ----------
    from_
        the first business date to recompute
    to
        the last business date to recompute
    """
    from flows.commands.settling import settle_days, show_bill  # noqa: PLC0415

    if dry_run:
        show_bill(given, from_, to, frozenset(accept_quarantine))
    else:
        settle_days(given, from_, to, frozenset(accept_quarantine), direct=direct, restate=restate)


@app.command
def close(*, through: date, given: Given) -> None:
    """Close the books: what was posted up to THROUGH is never rewritten again.

    Parameters
    ----------
    through
        the last business date to close
    """
    from flows.commands.settling import close_through  # noqa: PLC0415

    close_through(given, through)


@app.command
def publish(*, given: Given) -> None:
    """Rebuild the warehouse from the lake."""
    from flows.commands.settling import publish_warehouse  # noqa: PLC0415

    publish_warehouse(given)


@app.command
def verify(
    *,
    chain: Annotated[
        bool, Parameter(negative="", help="check the audit chain and every file's bytes; recompute nothing")
    ] = False,
    given: Given,
) -> None:
    """Recompute all history from the landing feeds and compare it with what is stored."""
    if chain:
        from flows.commands.chain import verify_chain  # noqa: PLC0415

        verify_chain(given)
    else:
        from flows.commands.verify import verify_history  # noqa: PLC0415

        verify_history(given)


@app.command
def forecast(
    *,
    growth: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    months: int = 24,
    growth_of: Literal["new-points", "pool"] = "new-points",
    redemption: str | None = None,
    rewards: str | None = None,
    commissions: str | None = None,
    given: Given,
) -> None:
    """Will the fund last? Solvency in the months to come, under one or several growth paths.

    Parameters
    ----------
    growth
        growth a period, such as 0.05; stop: no new points; 0.15x24,0.02: first 24 periods of 15 %; repeatable; default:
        0.15, 0.05, 0 and stop
    months
        how many calendar months
    growth_of
        what grows: the new points of a period, or the pools
    redemption
        part of the outstanding vouchers that is spent a month; default: as in the last period
    rewards
        part of the concession that binding and referral take; default: the most that the rules allow
    commissions
        part of the concession that promoters and agents take; default: the most that the rules allow
    """
    from flows.commands.forecast import Question, show_forecast  # noqa: PLC0415

    show_forecast(given, Question(growth, growth_of, months, redemption, rewards, commissions))


@app.command
def compare(*, from_: Annotated[date, Parameter(name="--from")], to: date, given: Given) -> None:
    """What if the rules were different? Settled days under another rulebook (--rulebook OTHER); nothing is changed.

    Parameters
    ----------
    from_
        the first business date to be settled by the other rules
    to
        the last one
    """
    from flows.commands.compare import show_comparison  # noqa: PLC0415

    show_comparison(given, from_, to)


@app.command
def tidy(*, given: Given) -> None:
    """Remove what dead runs left behind: files that no finished run names."""
    from flows.commands.tidy import tidy as remove_leftovers  # noqa: PLC0415

    remove_leftovers(given)


@app.command
def status(
    *,
    check: Annotated[bool, Parameter(negative="", help="exit code 11 unless yesterday is settled, published")] = False,
    given: Given,
) -> None:
    """What is settled, pending, quarantined, failed."""
    from flows.commands.status import check_standing, show_status  # noqa: PLC0415

    if check:
        check_standing(given, yesterday(now()))
    else:
        show_status(given)


@app.command
def serve(
    *,
    require: Annotated[
        Require,
        Parameter(env_var="SETTLE_REQUIRE", help="what makes a day complete: any file, _SUCCESS, control.json"),
    ] = "files",
    wait_until: Annotated[
        str, Parameter(env_var="SETTLE_WAIT_UNTIL", help="how long a night waits for its files, in Shanghai")
    ] = "08:00",
    alert_block: Annotated[
        str | None, Parameter(env_var="SETTLE_ALERT_BLOCK", help="Prefect notification block, as custom-webhook/name")
    ] = None,
    fund_floor: Annotated[
        Decimal | None, Parameter(env_var="SETTLE_FUND_FLOOR", help="alert if the fund falls below, in yuan")
    ] = None,
    quarantine_share: Annotated[
        Decimal | None,
        Parameter(env_var="SETTLE_QUARANTINE_SHARE", help="alert if more of a day is quarantined, 0 to 1"),
    ] = None,
    port: Annotated[
        int, Parameter(env_var="SETTLE_PREFECT_PORT", help="of the Prefect server, if PREFECT_API_URL names none")
    ] = 4200,
    given: Given,
) -> None:
    """Run the nights and what else is due by itself, on a schedule, until stopped."""
    from flows.commands.serve import serve as serve_duties  # noqa: PLC0415

    serve_duties(given, Care(require, wait_until, alert_block, fund_floor, quarantine_share), port)


@app.command
def explain(
    holder_kind: Literal["member", "merchant", "promoter", "agent", "partner"],
    id_: Annotated[int, Parameter(name="ID")],
    /,
    *,
    date: date | None = None,
    given: Given,
) -> None:
    """Explain every amount of a holder: inputs, rules and their sources, rounding, the run that booked it.

    Parameters
    ----------
    holder_kind
        who it is
    id_
        the holder's id
    date
        only amounts booked on this date, or counting from it, as the statement shows them
    """
    from flows.commands.explain import explain_holder  # noqa: PLC0415

    explain_holder(given, holder_kind, id_, date)


@app.command
def report(*, date: date | None = None, month: str | None = None, out: Path | None = None, given: Given) -> None:
    """Write the report of a night or a month: one HTML file that opens anywhere, offline.

    Parameters
    ----------
    date
        a settled day (default: the last one)
    month
        a month such as 2025-03, instead of a day
    out
        a file that ends in .html, or a folder (default: reports/ under the root)
    """
    from flows.commands.report import report as write  # noqa: PLC0415

    write(given, date, month, out)


@app.command
def export(*, month: str, to: Path, given: Given) -> None:
    """Write a month's settlements, payouts due, vouchers and journal as Excel, CSV and Parquet files.

    Parameters
    ----------
    month
        a month such as 2025-03
    to
        the folder that will hold the files
    """
    from flows.commands.export import export as write  # noqa: PLC0415

    write(given, month, to)


@app.command
def simulate(
    *,
    out: Path,
    members: int = 2000,
    merchants: int = 100,
    days: int = 150,
    txns_per_day: int = 300,
    seed: int = 1,
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
    from flows.commands.worlds import write_world  # noqa: PLC0415

    write_world(given, out, members=members, merchants=merchants, days=days, transactions=txns_per_day, seed=seed)


@app.command
def demo(*, given: Given) -> None:
    """Make a small world, settle it, publish the warehouse, tell what happened and where to look."""
    from flows.commands.worlds import show_demo  # noqa: PLC0415

    show_demo(given)


@rulebook_app.command
def check(file: Path, *, given: Given) -> None:
    """Lint a rulebook: refuse what is impossible, warn of what cannot be paid.

    Parameters
    ----------
    file
        the TOML file
    """
    from flows.commands.rulebooks import check_rulebook  # noqa: PLC0415

    check_rulebook(given, file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with the exit code of SPEC 12."""
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. A failure is told on stderr, without a traceback unless --debug."""
    try:
        return int(app.meta(arguments, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except SettleError as fault:
        if "--debug" in arguments:
            raise
        print(f"settle: {fault}", file=sys.stderr)
        return fault.exit_code
    except CycloptsError as fault:
        print(f"settle: {fault}\n  to do: see `settle --help`", file=sys.stderr)
        return UsageError.exit_code
    except BrokenPipeError:
        # Whoever read the answer has seen enough of it; nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("settle: stopped by hand; the books are as they were before", file=sys.stderr)
        return INTERRUPTED
    except SystemExit:
        raise
    except BaseException as fault:  # a panic of the engine underneath is no Exception
        if "--debug" in arguments:
            raise
        told = f"{type(fault).__name__}: {fault}".strip()
        print(
            f"settle: a defect of the program stopped it: {told}\n"
            "  to do: the books are as they were before; run it again with --debug and report what it shows",
            file=sys.stderr,
        )
        return SettleError.exit_code


INTERRUPTED = 130
"""The shell's own code for a command stopped by hand."""
