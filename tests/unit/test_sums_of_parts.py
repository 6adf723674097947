"""A day is booked in parts; merchants and earners have rows in several. Their sums are of the day, rounded once."""

from datetime import date

import polars as pl
import pytest

from schemas.rulebook import SHIPPED, load_rulebook
from schemas.units import PICO
from transforms.books.ledger import MERCHANT_POSTINGS, merchant_postings
from transforms.earning.rewards import EARNERS, reward_postings

DAYS = [date(2025, 1, 3), date(2025, 1, 3), date(2025, 1, 4)]


@pytest.mark.parametrize("kind", EARNERS)
def test_rewards_of_a_day_in_two_parts_are_rounded_once(kind: str) -> None:
    rules = load_rulebook(SHIPPED)
    _, holder_kind, rate_of = EARNERS[kind]
    one_fen = -(-PICO // rate_of(rules.versions[0]))
    half = one_fen - one_fen // 2  # of points that earn a fen: no part earns one, the day does
    points = pl.DataFrame(
        {"kind": kind, "business_date": DAYS, "holder_id": 7, "points_fen": [half] * 3},
        schema_overrides={"points_fen": pl.Int128},
    )
    rows = reward_postings(points, rules, 2)
    found = rows.select("business_date", "holder_kind", "holder_id", "kind", "amount_fen").rows()
    assert found == [(DAYS[0], holder_kind, 7, kind, 1)]


def test_a_merchants_sums_of_two_parts_are_one_row() -> None:
    sums = pl.DataFrame(
        {"business_date": DAYS, "holder_id": 7, **{kind: [3, 4, 5] for kind in MERCHANT_POSTINGS}},
        schema_overrides=dict.fromkeys(MERCHANT_POSTINGS, pl.Int128),
    )
    rows = merchant_postings(sums, 2).sort("kind", "business_date")
    wanted = [(kind, day, amount) for kind in sorted(MERCHANT_POSTINGS) for day, amount in ((DAYS[0], 7), (DAYS[2], 5))]
    assert rows.select("kind", "business_date", "amount_fen").rows() == wanted
