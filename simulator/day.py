"""The transactions of one day: files of purchases, refunds and faults in the last, a control at times."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from simulator.draws import Ints
from simulator.faults import spoil
from simulator.material import Row, materials
from simulator.movements import add_owed
from simulator.purchases import SCHEMA, draw_purchases, first_number
from simulator.refunds import RecentPurchases, sample_sizes
from simulator.world import World
from simulator.writing import TRANSACTION_COLUMNS, LandingWriter, day_number, transactions

SATURDAY = 5
ROWS_PER_FAULT = 150
"""At the least: with the twins that faults take along, below the limit of 2 % in any day that has one."""
ROWS_WITHOUT_LIMIT = 80
"""Days that stay below the shipped quarantine_min_rows of 100, whatever is added."""


@dataclass
class Memory:
    """All that one day leaves to the next; its size does not depend on the number of days.

    `owed_fen` per merchant index; `faults`: turns taken, which decide the next fault; `rows`: written so far.
    """

    recent: RecentPurchases
    owed_fen: Ints = field(repr=False)
    faults: int = 0
    rows: int = 0

    @classmethod
    def none(cls, merchants: int) -> "Memory":
        """Before the first day."""
        return cls(RecentPurchases.none(), np.zeros(merchants, dtype=np.int64))


@dataclass(frozen=True)
class Day:
    """A day of a world, with the generator that draws it and nothing else."""

    world: World
    rng: np.random.Generator
    number: int

    @property
    def date(self) -> date:
        """The business date."""
        return self.world.spec.date_of(self.number)

    @property
    def has_control(self) -> bool:
        """Whether the sender counts. Then no row is malformed: what he sums up of those nobody can say."""
        return self.number % 2 == 0


@dataclass(frozen=True)
class _Plan:
    purchases: int
    refunds: int
    faults: int


def transactions_of_a_day(day: Day, memory: Memory, writer: LandingWriter) -> None:
    """Write the day's transactions and remember what later days need of them."""
    plan = _plan(day, memory)
    twins = pl.DataFrame(schema=SCHEMA)
    amount, rows = Decimal(0), 0
    sizes = _file_sizes(day, plan.purchases)
    per_day, most = sample_sizes(int(day.world.volumes[day.number] * day.world.spec.refund_share))
    for part, size in enumerate(sizes):
        clean = draw_purchases(day.world, day.rng, day.number, sum(sizes[:part]), size)
        order = day.rng.permutation(size)
        wanted = plan.faults if part == 0 else 0
        # a twin may fall with its faulty copy, so it must never be refunded
        twins = pl.concat([twins, clean[order[:wanted]]])
        memory.recent.admit(clean[order[wanted : wanted + per_day // len(sizes) + 1]], day_number(day.date))
        faulty: list[Row] = []
        if part == len(sizes) - 1:
            refunds, faulty = _refunds_and_faults(day, memory, plan, twins)
            clean = pl.concat([clean, refunds])
        add_owed(day.world, memory.owed_fen, clean)
        _write_part(day, writer, part, clean, faulty)
        amount += _total(clean, faulty)
        rows += clean.height + len(faulty)
    memory.recent.forget(day.rng, most)
    memory.rows += rows
    if day.has_control:
        writer.control("transactions", day.date, rows, f"{amount:f}")


def _plan(day: Day, memory: Memory) -> _Plan:
    spec = day.world.spec
    total = int(day.rng.poisson(day.world.volumes[day.number]))
    refunds = min(int(day.rng.binomial(total, spec.refund_share)), memory.recent.rows.height // 2)
    faults = int(day.rng.binomial(total, spec.bad_share))
    faults = min(faults, 1 if 1 < total < ROWS_WITHOUT_LIMIT else total // ROWS_PER_FAULT)
    return _Plan(max(0, total - refunds - faults), refunds, faults)


def _file_sizes(day: Day, purchases: int) -> list[int]:
    """Rows of each file: as few files as the limit allows, but two on a Saturday."""
    files = max(1 + (day.date.weekday() == SATURDAY), -(-purchases // day.world.spec.rows_per_file))
    return [purchases * (part + 1) // files - purchases * part // files for part in range(files)]


def _refunds_and_faults(day: Day, memory: Memory, plan: _Plan, twins: pl.DataFrame) -> tuple[pl.DataFrame, list[Row]]:
    """Refunds as integers, and faulty rows as text; the two never touch the same purchase."""
    today = day_number(day.date)
    picked = memory.recent.pick(day.rng, plan.refunds + 2 * plan.faults)
    bought = memory.recent.rows[picked[plan.refunds :]].filter(pl.col("booked_day") < today)
    fresh = draw_purchases(day.world, day.rng, day.number, plan.purchases, plan.faults)
    faulty = spoil(materials(day.world.spec, day.date, fresh, twins, bought), memory.faults, not day.has_control)
    memory.faults += plan.faults
    first = first_number(day.world, day.number)
    return memory.recent.refund(day.rng, picked[: plan.refunds], today, first), faulty


def _write_part(day: Day, writer: LandingWriter, part: int, clean: pl.DataFrame, faulty: list[Row]) -> None:
    text = pl.DataFrame(faulty, schema=dict.fromkeys(TRANSACTION_COLUMNS, pl.String))
    typed = transactions(clean, day.world.spec.file_format)
    writer.feed("transactions", day.date, f"part-{part:04d}", typed, text)


def _total(clean: pl.DataFrame, faulty: list[Row]) -> Decimal:
    """The sum of amounts as they stand; only of use where no row is malformed."""
    total = Decimal(int(clean["amount_fen"].sum())).scaleb(-2)
    readable = (row["amount"] for row in faulty)
    return total + sum((Decimal(amount) for amount in readable if amount), Decimal(0))
