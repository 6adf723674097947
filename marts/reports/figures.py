"""All figures of a report, read from the warehouse: one SQL file each in `sql/`."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from marts.exports.restated import bookings
from marts.period import Period, choose
from marts.reading import Connection, Row, row, rows

SHOWN: Final = 20
"""Rows of a list of holders; how many are left out stands below it."""

CORRECTED: Final = ("corrected_sales", "corrected_concession", "corrected_proceeds")
"""A merchant's figures as restatements have corrected them since."""


@dataclass(frozen=True)
class Listing:
    """The first rows of a list, how many rows it has in all, and the totals of all of them."""

    shown: list[Row]
    count: int
    totals: Row

    @property
    def left_out(self) -> int:
        """How many rows are not shown."""
        return self.count - len(self.shown)


@dataclass(frozen=True)
class Figures:
    """What a report says of a period. Each field is named after its SQL file."""

    period: Period
    day_totals: Row
    sales: Row
    pools: list[Row]
    pool_values: list[Row]
    events: list[Row]
    solvency: list[Row]
    movements: list[Row]
    merchants: Listing
    promoters: Listing
    ladder: list[Row]
    agents: Listing
    quarantine: list[Row]
    exceptions: Listing
    exception_ages: list[Row]
    controls: list[Row]
    failed_controls: list[Row]
    restated: list[Row]
    runs: list[Row]
    published: Row


def read_figures(connection: Connection, period: Period) -> Figures:
    """The figures of a period, as of its last day."""
    choose(connection, period)
    return Figures(
        period=period,
        day_totals=row(connection, query("day_totals")),
        sales=row(connection, query("sales")),
        pools=rows(connection, query("pools")),
        pool_values=rows(connection, query("pool_values")),
        events=rows(connection, query("events")),
        solvency=rows(connection, query("solvency")),
        movements=rows(connection, query("movements")),
        merchants=_listing(
            connection,
            "merchants",
            "sales desc, payable desc, merchant_id",
            ("transactions", "sales", "concession", "proceeds", "payouts", "restated", "payable", *CORRECTED),
        ),
        promoters=_listing(
            connection,
            "promoters",
            "pay desc, performance desc, promoter_id",
            ("performance", "commission", "mentoring", "subsidies", "pay", "mentoring_unallocated"),
        ),
        ladder=rows(connection, query("ladder")),
        agents=_listing(
            connection,
            "agents",
            "amount desc, region_prefix, agent_id",
            ("amount", "partner_amount", "agent_amount"),
        ),
        quarantine=rows(connection, query("quarantine")),
        exceptions=_listing(connection, "exceptions", "balance, holder_kind, holder_id, asset", ()),
        exception_ages=rows(connection, query("exception_ages").format(exceptions=query("exceptions"))),
        controls=rows(connection, query("controls")),
        failed_controls=rows(connection, query("failed_controls")),
        restated=bookings(connection, "true"),
        runs=rows(connection, query("runs")),
        published=row(connection, query("published")),
    )


def query(name: str) -> str:
    """The SQL of a figure."""
    return files("marts.reports").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def _listing(connection: Connection, name: str, order: str, summed: Sequence[str]) -> Listing:
    """A list that may be as long as the business is large: it stays in DuckDB, its head and its totals come out."""
    connection.execute(f"create or replace temp table listed as {query(name)}")
    sums = "".join(f", coalesce(sum({column}), 0) as {column}" for column in summed)
    totals = row(connection, f"select count(*) as count{sums} from listed")
    count = totals.pop("count")
    return Listing(rows(connection, f"from listed order by {order} limit {SHOWN}"), count, totals)
