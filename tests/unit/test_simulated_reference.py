"""The reference data of a simulated world keeps the rules of SPEC 2."""

import re
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from tests.simulated import SPEC, reference


def test_members_come_after_whoever_brought_them(landing: Path) -> None:
    rows = reference(landing, "members")
    assert [int(row["member_id"]) for row in rows] == list(range(1, SPEC.members + 1))
    referred = [row for row in rows if row["referrer_id"]]
    assert all(1 <= int(row["referrer_id"]) < int(row["member_id"]) for row in referred)
    assert 0.4 < len(referred) / len(rows) < 0.7


def test_merchants_change_under_new_keys(landing: Path) -> None:
    rows = reference(landing, "merchants")
    keys = [(row["merchant_id"], row["valid_from"]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {int(row["merchant_id"]) for row in rows} == set(range(1, SPEC.merchants + 1))
    assert len(rows) > SPEC.merchants
    assert all(re.fullmatch("[0-9]{6}", row["region_code"]) for row in rows)
    assert all(Decimal("0.03") <= Decimal(row["concession_rate"]) <= Decimal("0.20") for row in rows)


def test_bindings_are_unique_and_follow_the_joining(landing: Path) -> None:
    joined = {row["member_id"]: row["joined_at"] for row in reference(landing, "members")}
    merchants = {row["merchant_id"] for row in reference(landing, "merchants")}
    rows = reference(landing, "bindings")
    assert len({tuple(row.values()) for row in rows}) == len(rows) > SPEC.members // 2
    assert all(row["bound_at"] > joined[row["member_id"]] and row["merchant_id"] in merchants for row in rows)


def test_promoters_are_mentored_without_a_cycle(landing: Path) -> None:
    rows = reference(landing, "promoters")
    assert len({(row["promoter_id"], row["valid_from"]) for row in rows}) == len(rows)
    assert all(int(row["mentor_id"] or 0) < int(row["promoter_id"]) for row in rows)
    ids = {row["promoter_id"] for row in rows}
    assert any(row["mentor_id"] for row in rows)
    assigned = reference(landing, "merchant_promoters")
    assert len({(row["merchant_id"], row["valid_from"]) for row in assigned}) == len(assigned)
    assert {row["promoter_id"] for row in assigned} <= ids | {""}


def test_a_prefix_has_one_agent_a_day_and_shares_stay_below_one(landing: Path) -> None:
    posts, shares = defaultdict(list), defaultdict(list)
    agents = reference(landing, "agents")
    for row in agents:
        posts[row["region_prefix"]].append((row["valid_from"], row["valid_to"] or "9"))
        assert len(row["region_prefix"]) in (2, 4, 6)
    for terms in posts.values():
        terms.sort()
        assert all(before[1] < after[0] for before, after in pairwise(terms))
    partners = reference(landing, "partners")
    assert {row["agent_id"] for row in partners} <= {row["agent_id"] for row in agents}
    for row in partners:
        shares[row["agent_id"]].append((row["valid_from"], row["valid_to"] or "9", Decimal(row["share"])))
    for terms in shares.values():
        for day in {term[0] for term in terms}:
            assert sum(share for first, last, share in terms if first <= day <= last) <= 1
