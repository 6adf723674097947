"""Commands for finance: explain an amount, foresee the fund, compare rules, write reports and files."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from flows.commands.app import Day, Given, Whole, app


@app.command
def explain(
    holder_kind: Literal["member", "merchant", "promoter", "agent", "partner"],
    id_: Annotated[Whole, Parameter(name="ID")],
    /,
    *,
    date: Day | None = None,
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
def forecast(
    *,
    growth: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    months: Whole = 24,
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
def compare(*, from_: Annotated[Day, Parameter(name="--from")], to: Day, given: Given) -> None:
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
def report(*, date: Day | None = None, month: str | None = None, out: Path | None = None, given: Given) -> None:
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
