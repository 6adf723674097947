"""Commands around the settlement: worlds to try it on, and rulebooks to check."""

from pathlib import Path

from flows.commands.app import Given, Whole, app, rulebook_app


@app.command
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
    from flows.commands.rulebook_text import check_rulebook  # noqa: PLC0415

    check_rulebook(given, file)
