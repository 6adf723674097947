"""Regional agents and partners by calendar month (SPEC 9): 2 % of a province, 3 % of a city, 5 % a county."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from schemas.rulebook import SHIPPED, load_rulebook
from schemas.tables import AGENT_MONTHS, LEDGER
from schemas.units import PICO
from tests.oracle.agents import close_agents
from tests.oracle.ledger import Ledger
from tests.oracle.reference import Reference as OracleReference
from tests.oracle.rules import load_rulebook as oracle_rulebook
from transforms.months.agents import agent_month, agent_postings

RULES = load_rulebook(SHIPPED).versions[0]
JANUARY = date(2019, 1, 31)
ALWAYS = (date.min, None)
AGENTS = {"agent_id": pl.Int64, "region_prefix": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
PARTNERS = {
    "agent_id": pl.Int64,
    "partner_id": pl.Int64,
    "share_pico": pl.Int64,
    "valid_from": pl.Date,
    "valid_to": pl.Date,
}
CONCESSIONS = {"region_code": pl.String, "concession_fen": pl.Int64}
THIRD = 333 * PICO // 1000
Validity = tuple[date, date | None]


def frame(schema: Mapping[str, Any], *rows: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def settled(
    concessions: Mapping[str, int],
    agents: list[tuple[int, str]] | list[tuple[int, str, date, date | None]],
    partners: list[tuple[int, int, int]] | list[tuple[int, int, int, date, date | None]] | None = None,
    month_end: date = JANUARY,
) -> tuple[list[tuple[Any, ...]], dict[tuple[int, str], int], list[tuple[Any, ...]]]:
    """(agent, prefix, concession, A, of the partners), partner amounts, postings (holder, kind, amount)."""
    months, shares = agent_month(
        month_end,
        frame(CONCESSIONS, *concessions.items()),
        frame(AGENTS, *((*row, *ALWAYS)[:4] for row in agents)),
        frame(PARTNERS, *((*row, *ALWAYS)[:5] for row in partners or [])),
        RULES,
    )
    assert dict(months.schema) == AGENT_MONTHS.schema
    assert months["month"].unique().to_list() in ([], [month_end.replace(day=1)])
    posted = agent_postings(months, shares, month_end, 4)
    assert dict(posted.schema) == LEDGER.schema
    amounts = {(row[2], row[1]): row[3] for row in shares.iter_rows()}
    ledger = posted.select("holder_id", "kind", "amount_fen").sort(pl.all()).rows()
    return months.drop("month").rows(), amounts, ledger


def test_tiers_add_up_and_a_row_stands_for_each_prefix_in_force() -> None:
    concessions = {"440305": 1_000_00, "440306": 100_00, "440105": 10_00, "310101": 1_00}
    months, _, posted = settled(
        concessions, [(1, "44"), (2, "4403"), (2, "440305"), (3, "440306"), (4, "11"), (4, "110101")]
    )
    assert months == [
        (1, "44", 1_110_00, 22_20, 0),
        (2, "4403", 1_100_00, 33_00, 0),
        (2, "440305", 1_000_00, 50_00, 0),
        (3, "440306", 100_00, 5_00, 0),
        (4, "11", 0, 0, 0),
        (4, "110101", 0, 0, 0),
    ]
    assert posted == [
        (1, "agent_commission", 22_20),
        (2, "agent_commission", 83_00),
        (3, "agent_commission", 5_00),
    ]


def test_a_partner_gets_a_truncated_share_and_the_agent_the_rest() -> None:
    """5 % of 20.19 are 1.00 (1.0095): three shares of 0.333 are 0.33 each, the agent keeps 0.01."""
    months, shares, posted = settled({"440305": 20_19}, [(1, "440305")], [(1, 7, THIRD), (1, 8, THIRD), (1, 9, THIRD)])
    assert months == [(1, "440305", 20_19, 1_00, 99)]
    assert shares == {(7, "440305"): 33, (8, "440305"): 33, (9, "440305"): 33}
    assert posted == [
        (1, "agent_commission", 1),
        (7, "partner_share", 33),
        (8, "partner_share", 33),
        (9, "partner_share", 33),
    ]


def test_a_negative_month_truncates_toward_zero_as_well() -> None:
    months, shares, posted = settled({"440305": -20_19}, [(1, "440305")], [(1, 7, THIRD), (1, 8, THIRD)])
    assert months == [(1, "440305", -20_19, -1_00, -66)]
    assert shares == {(7, "440305"): -33, (8, "440305"): -33}
    assert posted == [(1, "agent_commission", -34), (7, "partner_share", -33), (8, "partner_share", -33)]


def test_each_prefix_is_rounded_by_itself_and_a_partner_of_two_agents_has_one_row() -> None:
    """0.39 at 5 % is 0.01 (0.0195) in each county; two of them are 0.02, not 0.03."""
    months, _, posted = settled(
        {"440305": 39, "440306": 39, "310101": 20_00, "310104": 40_00},
        [(1, "440305"), (1, "440306"), (2, "310101"), (3, "310104")],
        [(1, 7, PICO // 2), (2, 7, PICO // 2), (3, 7, PICO)],
    )
    assert [row[3:] for row in months] == [(1, 0), (1, 0), (1_00, 50), (2_00, 2_00)]
    assert posted == [(1, "agent_commission", 2), (2, "agent_commission", 50), (7, "partner_share", 2_50)]


def test_in_force_is_the_last_day_of_the_month_both_ends_included() -> None:
    day, yesterday, tomorrow = JANUARY, date(2019, 1, 30), date(2019, 2, 1)
    months, shares, _ = settled(
        {"440305": 1_000_00},
        [(1, "44", date.min, yesterday), (2, "4403", day, day), (3, "440305", tomorrow, None)],
        [
            (2, 7, THIRD, date.min, day),
            (2, 8, THIRD, day, None),
            (2, 9, THIRD, tomorrow, None),
            (1, 9, PICO, *ALWAYS),
        ],
    )
    assert months == [(2, "4403", 1_000_00, 30_00, 19_98)]
    assert shares == {(7, "4403"): 9_99, (8, "4403"): 9_99}


def test_without_agents_or_rows_there_is_nothing() -> None:
    assert settled({"440305": 1_00}, []) == ([], {}, [])
    assert settled({}, [(1, "44")], [(1, 7, PICO)]) == ([(1, "44", 0, 0, 0)], {(7, "44"): 0}, [])


def test_a_sum_beyond_64_bits_is_refused_not_wrapped() -> None:
    huge = 9 * 10**18
    with pytest.raises(pl.exceptions.InvalidOperationError):
        settled({"440305": huge, "440306": huge}, [(1, "44")])
    assert settled({"440305": huge, "440306": -huge}, [(1, "440305"), (2, "44")])[0] == [
        (1, "440305", huge, huge // 20, 0),
        (2, "44", 0, 0, 0),
    ]


# ---- against the oracle

REGIONS = ("440305", "440306", "440103", "310101", "110101")
PREFIXES = sorted({region[:digits] for region in REGIONS for digits in (2, 4, 6)} | {"99"})


def drawn_validity(chance: random.Random) -> Validity:
    start = date(2019, 1, 1) + timedelta(days=chance.randrange(200))
    ends = chance.choice([None, start + timedelta(days=chance.randrange(150))])
    return chance.choice([date.min, start]), ends


def drawn_rows(chance: random.Random) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """An agent a prefix, so never two; at most three partners an agent, each with at most a third."""
    agents = [(chance.randrange(1, 5), prefix, *drawn_validity(chance)) for prefix in PREFIXES]
    partners = [
        (agent_id, partner_id, chance.randrange(THIRD + 1), *drawn_validity(chance))
        for agent_id in range(1, 5)
        for partner_id in chance.sample(range(1, 7), chance.randrange(4))
    ]
    return agents, partners


@pytest.mark.parametrize("seed", range(12))
def test_the_oracle_agrees_month_by_month(seed: int) -> None:
    chance = random.Random(seed)
    agents, partners = drawn_rows(chance)
    reference = oracle_reference(agents, partners)
    rules = oracle_rulebook(SHIPPED).versions[0]
    for number in range(1, 8):
        month_end = date(2019, number + 1, 1) - timedelta(days=1)
        rows = [(chance.choice(REGIONS), chance.randrange(-5_000, 20_000)) for _ in range(12)]
        months, shares = agent_month(
            month_end, frame(CONCESSIONS, *rows), frame(AGENTS, *agents), frame(PARTNERS, *partners), RULES
        )
        ledger = Ledger()
        ledger.day = month_end
        transactions: list[Any] = [
            SimpleNamespace(region=region, earned=SimpleNamespace(concession=fen)) for region, fen in rows
        ]
        theirs = close_agents(month_end, rules, transactions, reference, ledger)
        expected = [tuple(vars(month).values()) for month in theirs]
        assert months.rows() == sorted(expected, key=lambda row: row[:3])
        posted = agent_postings(months, shares, month_end, 1)
        columns = ("business_date", "value_date", "holder_kind", "holder_id", "asset", "kind", "pool")
        assert {row[:-1]: row[-1] for row in posted.select(*columns, "amount_fen").iter_rows()} == dict(ledger.posted())


def oracle_reference(agents: list[tuple[Any, ...]], partners: list[tuple[Any, ...]]) -> OracleReference:
    names = ("agent_id", "partner_id", "share", "valid_from", "valid_to")
    return OracleReference(
        {
            "agents": [dict(zip(AGENTS, row, strict=True)) for row in agents],
            "partners": [dict(zip(names, row, strict=True)) for row in partners],
            **{name: [] for name in ("members", "merchants", "bindings", "promoters", "merchant_promoters")},
        }
    )
