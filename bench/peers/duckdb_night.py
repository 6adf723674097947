"""A whole night in DuckDB SQL: parse, intake, earning, rewards, positions, dividends, ledger, changes of balances.

The statements are in duckdb_night.sql; this only fills in file names, decides the events, and keeps the answer. It does
less than the engine: no fingerprints, no journal, no controls, no audit chain, no warehouse, no sorted files.
"""

import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl

from bench.answers import EVENTS
from bench.peers.rates import PICO, PoolNight, closed_cohorts, pool_nights, rules_of
from bench.peers.sql import listed, nothing, quoted, sections
from bench.task import Task, read_task

SQL = Path(__file__).with_suffix(".sql")


class Night:
    """One night over one connection."""

    def __init__(self, task: Task, out: Path) -> None:
        self.task, self.out = task, out
        self.rules = rules_of(task.rulebook)
        self.connection = duckdb.connect()
        self.sections = dict(sections(SQL.read_text(encoding="utf-8")))

    def settle(self) -> None:
        """All sections in order."""
        facts = self._facts()
        for name in ("reference", "staged", "doubles", "judged", "purchases"):
            self._run(name, **facts)
        self._run("refunds", **facts, named_transactions=self._named_transactions())
        for name in ("booked", "movements", "ledger"):
            self._run(name, **facts)
        self._cohorts()
        self._run("changes", **facts)
        if self._touched():
            self._run("clawbacks", **facts, touched_positions=self._touched_positions())
        nights = pool_nights(self.task, self._inflows())
        events = [self._pay(night, facts) for night in nights]
        pl.DataFrame(events, schema=EVENTS, orient="row").write_parquet(self.out / "events.parquet")
        self._run("write", **facts)

    def _run(self, section: str, **facts: object) -> None:
        self.connection.execute(self.sections[section].format(**facts))

    def _facts(self) -> dict[str, object]:
        day, rules = self.task.day, self.rules
        low = (day - timedelta(days=rules["intake"]["late_days"])).isoformat()
        scans = {name: self._csv(name) for name in ("coin_redemptions", "payouts")}
        return {
            **scans,
            **{
                name: quoted(self.task.reference(name))
                for name in ("members", "merchants", "merchant_promoters", "bindings")
            },
            "transactions": listed(self.task.feed("transactions")),
            "day": f"date '{day}'",
            "late_days": rules["intake"]["late_days"],
            "late_transactions": self._parquet("transactions", business_date=lambda value: low <= value),
            "earlier_refunds": self._parquet("refunds"),
            "earlier_changes": self._parquet("position_changes"),
            "lowest_bp": int(Decimal(rules["earning"]["concession_min"]) * 10_000),
            "highest_bp": int(Decimal(rules["earning"]["concession_max"]) * 10_000),
            "coins": int(rules["earning"]["member_coins_per_yuan"]),
            "binding_pico": int(Decimal(rules["binding"]["rate"]) * PICO),
            "referral_pico": int(Decimal(rules["referral"]["rate"]) * PICO),
            "out": self.out,
        }

    def _csv(self, feed: str) -> str:
        paths = self.task.feed(feed)
        return f"read_csv({listed(paths)}, header = true, all_varchar = true)" if paths else nothing(feed)

    def _parquet(self, table: str, **wanted: object) -> str:
        paths = self.task.paths(table, **wanted)  # type: ignore[arg-type]
        return f"read_parquet({listed(paths)}, hive_partitioning = false)" if paths else nothing(table)

    def _named_transactions(self) -> str:
        found = self.connection.execute(
            "select distinct original_date from judged where kind = 'refund' and reason is null"
        )
        days = {str(day) for (day,) in found.fetchall()}
        return self._parquet("transactions", business_date=lambda value: value in days)

    def _cohorts(self) -> None:
        columns = "pool varchar, holder_kind varchar, cohort_no integer, opened_after date, cutoff_date date"
        self.connection.execute(f"create temp table cohorts ({columns}, cumulative_pico bigint)")
        if rows := closed_cohorts(self.task, self.rules):
            self.connection.executemany("insert into cohorts values (?, ?, ?, ?, ?, ?)", rows)

    def _touched(self) -> list[tuple[str, str]]:
        found = self.connection.execute("select distinct pool, cohort_no from changes").fetchall()
        return [(pool, str(number)) for pool, number in found]

    def _touched_positions(self) -> str:
        touched = set(self._touched())
        stored = self.task.tables.get("positions", [])
        paths = [f.path for f in stored if (f.partition["pool"], f.partition["cohort_no"]) in touched]
        return f"read_parquet({listed(paths)}, hive_partitioning = false)"

    def _inflows(self) -> dict[str, int]:
        row = self.connection.execute("select coalesce(sum(points_fen), 0) from booked").fetchone()
        assert row is not None
        return {"member": int(row[0]), "merchant": int(row[0])}

    def _pay(self, night: PoolNight, facts: dict[str, object]) -> tuple[object, ...]:
        cutoff, live = night.last_cutoff.isoformat(), {str(rate.cohort_no) for rate in night.rates}
        named = {
            "pool": night.pool,
            "event_no": night.event_no,
            "holder_kind": night.holder_kind,
            "holder_column": f"{night.holder_kind}_id",
            "pool_column": f"{night.holder_kind}_pool",
            "last_cutoff": f"date '{cutoff}'",
            "open_lots": self._parquet("transactions", business_date=lambda value: value > cutoff),
            "live_positions": self._parquet(
                "positions", pool=lambda value: value == night.pool, cohort_no=lambda value: value in live
            ),
        }
        self.connection.execute(
            f"create temp table rates_{night.pool} (cohort_no integer, before_pico bigint, after_pico bigint)"
        )
        rates = [(rate.cohort_no, rate.before_pico, rate.after_pico) for rate in night.rates]
        self.connection.executemany(f"insert into rates_{night.pool} values (?, ?, ?)", rates)
        for section in ("close", "pay"):
            self._run(section, **facts, **named)
        found = self.connection.execute(
            f"select count(*), coalesce(sum(amount_fen), 0) from paid_{night.pool}"
        ).fetchone()
        assert found is not None
        return (
            night.pool,
            night.event_no,
            night.trigger,
            night.value_fen,
            night.growth_pico,
            int(found[0]),
            int(found[1]),
        )


if __name__ == "__main__":
    Night(read_task(Path(sys.argv[1])), Path(sys.argv[2])).settle()
