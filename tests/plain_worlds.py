"""Small random worlds in round numbers: all amounts are thousands of yuan, so that no rate has anything to round.

They have some weeks around two month ends, with bindings, referrals, mentors, agents, partners, vouchers and
refunds. A world is plain rows, for a test to change and settle.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.compare import Row as Cells
from tests.compare import read_tables
from tests.engine import backfill, published
from tests.oracle.feeds import TRANSACTIONS
from tests.oracle.reference import SHAPES
from tests.scenario import DEFAULTS, Row, as_toml, merged, read_settings, write_csv

FIRST, LAST = date(2019, 2, 24), date(2019, 4, 1)
LONG_AGO = "2018-01-01"
LEVELS = [
    {
        "code": "junior",
        "title": "初级商务",
        "commission": "0.06",
        "mentoring": "0.01",
        "fixed_subsidy": "0",
        "bonus_subsidy": "8",
        "promotion": {"monthly_points": "5000", "months": 2, "single_month_points": "9000"},
    },
    {
        "code": "trainee",
        "title": "见习商务专员",
        "commission": "0.05",
        "mentoring": "0.02",
        "fixed_subsidy": "24",
        "bonus_subsidy": "16",
        "assessment": {"monthly_points": "5000", "misses": 1},
    },
]


@dataclass(frozen=True)
class World:
    """What lands day by day, the reference files, and the one version of the rules."""

    days: dict[str, list[Row]]
    reference: dict[str, list[Row]]
    rules: dict[str, Any]


@dataclass(frozen=True)
class Region:
    """Where a world is, who is in it (ids begin after `start`), and what its agents have."""

    start: int
    codes: tuple[str, ...]
    prefixes: tuple[str, ...]

    def ids(self, number: int) -> list[int]:
        return [self.start + place for place in range(1, number + 1)]


HERE = Region(0, ("440305", "440306", "310101"), ("44", "4403", "440305", "31"))


def draw(seed: int, region: Region = HERE, **rules: Any) -> World:
    """A world by the scenarios' default rulebook, but for LEVELS and what `rules` says."""
    rng = random.Random(seed * 1000 + region.start)
    book = merged(read_settings(DEFAULTS / "rulebook.toml"), {"promoter_levels": LEVELS} | rules)
    return World(_days(rng, region), _people(rng, region) | _organisation(rng, region), book)


def _row(**cells: Any) -> Row:
    return {name: str(cell) for name, cell in cells.items()}


def _people(rng: random.Random, region: Region) -> dict[str, list[Row]]:
    """Every other member or so was referred; some scanned twice."""
    members, merchants, then = region.ids(6), region.ids(4), f"{LONG_AGO}T00:00:00+08:00"
    scans = {(rng.choice(members), rng.choice(merchants), rng.randint(1, 28)) for _ in range(9)}
    return {
        "members": [
            _row(
                member_id=one,
                joined_at=then,
                referrer_id=rng.choice(["", *(other for other in members if other > one)]),
            )
            for one in members
        ],
        "merchants": [
            _row(merchant_id=one, valid_from=then, region_code=rng.choice(region.codes), concession_rate="0.1")
            for one in merchants
        ],
        "bindings": [
            _row(member_id=member, merchant_id=merchant, bound_at=f"2019-02-{day:02}T12:00:00+08:00")
            for member, merchant, day in sorted(scans)
        ],
    }


def _organisation(rng: random.Random, region: Region) -> dict[str, list[Row]]:
    """Three promoters, the next the mentor of each; one of them has two shops. Two partners of the first agent."""
    promoters = region.ids(3)
    shops = zip(region.ids(4), [*promoters, rng.choice(promoters)], strict=True)
    mentors = zip(promoters, [*promoters[1:], ""], strict=True)
    agents = zip(region.ids(4), region.prefixes, strict=False)
    return {
        "promoters": [_row(promoter_id=one, valid_from=LONG_AGO, mentor_id=mentor) for one, mentor in mentors],
        "merchant_promoters": [_row(merchant_id=shop, promoter_id=one, valid_from=LONG_AGO) for shop, one in shops],
        "agents": [_row(agent_id=one, region_prefix=prefix, valid_from=LONG_AGO) for one, prefix in agents],
        "partners": [
            _row(agent_id=region.start + 1, partner_id=one, share=share, valid_from=LONG_AGO)
            for one, share in zip(promoters[:2], ("0.2", "0.4"), strict=True)
        ],
    }


def _days(rng: random.Random, region: Region) -> dict[str, list[Row]]:
    """One to three purchases a day; on many days half of an earlier one comes back."""
    days: dict[str, list[Row]] = {}
    sold: list[tuple[str, Row]] = []
    for number in range((LAST - FIRST).days + 1):
        day = (FIRST + timedelta(days=number)).isoformat()
        days[day] = [_purchase(rng, region, day, f"{number}-{place}") for place in range(rng.randint(1, 3))]
        sold += [(day, row) for row in days[day]]
        if rng.random() < 0.4:
            days[day].append(_half_of(*sold.pop(rng.randrange(len(sold))), day))
    return days


def _purchase(rng: random.Random, region: Region, day: str, name: str) -> Row:
    return _row(
        txn_id=f"{region.start}-{name}",
        kind="purchase",
        occurred_at=f"{day}T{rng.randint(0, 23):02}:00:00+08:00",
        member_id=rng.choice(region.ids(6)),
        merchant_id=rng.choice(region.ids(4)),
        amount=rng.randint(1, 10) * 2000,
        voucher_amount=rng.choice(("", "", 1000)),
    )


def _half_of(booked: str, sold: Row, day: str) -> Row:
    return sold | _row(
        txn_id=f"r{sold['txn_id']}",
        kind="refund",
        occurred_at=f"{day}T23:30:00+08:00",
        amount=int(sold["amount"]) // 2,
        voucher_amount=500 if sold["voucher_amount"] else "",
        original_txn_id=sold["txn_id"],
        original_date=booked,
    )


def settled(world: World, root: Path, buckets: int = 1) -> dict[str, list[Cells]]:
    """The warehouse's tables; every row of a plain world is good."""
    landing, book = root / "landing", root / "rulebook.toml"
    for day, rows in world.days.items():
        write_csv(landing / "transactions" / f"day={day}" / "a.csv", TRANSACTIONS, rows)
    for name, rows in world.reference.items():
        write_csv(landing / "reference" / f"{name}.csv", [column.lstrip("?") for column in SHAPES[name]], rows)
    rules = "\n".join(f"{key} = {as_toml(value)}" for key, value in world.rules.items())
    book.write_text(f"[[rules]]\n{rules}\n", encoding="utf-8")
    backfill(root, book, FIRST, LAST, buckets=buckets)
    tables = read_tables(published(root))
    assert tables["quarantine"] == []
    return tables
