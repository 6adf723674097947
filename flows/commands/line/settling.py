"""Commands that settle: a night, a range of days, the closing of the books, the warehouse, the schedule."""

from decimal import Decimal
from typing import Annotated

from cyclopts import Parameter

from flows.commands.app import Accept, Day, Direct, Given, Whole, app
from flows.nights.options import Care, Require
from flows.settings import now, yesterday


@app.command
def nightly(*, date: Day | None = None, accept_quarantine: Accept = (), direct: Direct = False, given: Given) -> None:
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
    from_: Annotated[Day, Parameter(name="--from")],
    to: Day,
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
def close(*, through: Day, given: Given) -> None:
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
        Whole, Parameter(env_var="SETTLE_PREFECT_PORT", help="of the Prefect server, if PREFECT_API_URL names none")
    ] = 4200,
    given: Given,
) -> None:
    """Run the nights and what else is due by itself, on a schedule, until stopped."""
    from flows.commands.serve import serve as serve_duties  # noqa: PLC0415

    serve_duties(given, Care(require, wait_until, alert_block, fund_floor, quarantine_share), port)
