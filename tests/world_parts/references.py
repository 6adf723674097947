"""Random reference files: dense ids, and everything that may change does."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from tests.world_parts.chance import chance, day_near, moment_on, often, pick, write_moment
from tests.world_parts.rulebooks import CODES, REGIONS

Row = dict[str, str | None]
LARGEST = 2**63 - 1


@dataclass
class Cast:
    """Who there is, and the rows that say so."""

    members: list[int]
    merchants: list[int]
    promoters: list[int]
    agents: list[int] = field(default_factory=list)
    partners: list[int] = field(default_factory=list)
    joined: dict[int, datetime] = field(default_factory=dict)
    edges: list[datetime] = field(default_factory=list)  # moments at which something changes
    files: dict[str, list[Row]] = field(default_factory=dict)


def cast(seed: int, first: date, members: int | None, merchants: int | None, *, levels: int, plain: bool) -> Cast:
    rng = chance(seed, "cast")
    who = Cast(
        members=list(range(1, 1 + (members or rng.randint(3, 8)))),
        merchants=list(range(1, 1 + (merchants or rng.randint(2, 5)))),
        promoters=list(range(1, 1 + rng.choice((0, 2, 3, 3, 4)))),
    )
    if often(rng, 5):
        who.members.append(LARGEST)
    who.files = {
        "members": _members(rng, first, who),
        "merchants": _merchants(rng, first, who, plain),
        "bindings": _bindings(rng, first, who),
        "promoters": _promoters(rng, first, who.promoters, levels),
        "merchant_promoters": _merchant_promoters(rng, first, who),
    }
    who.files["agents"] = _agents(rng, first, who)
    who.files["partners"] = _partners(rng, first, who)
    return who


def _start(rng: Random, first: date) -> datetime:
    """Mostly before the world begins."""
    if often(rng, 88):
        return moment_on(rng, first - timedelta(days=rng.choice((1, 2, 9, 300))))
    return moment_on(rng, day_near(rng, first, 0, 15))


def _members(rng: Random, first: date, who: Cast) -> list[Row]:
    rows: list[Row] = []
    for member in who.members:
        others = [other for other in who.members if other != member]
        referrer = rng.choice(others) if often(rng, 60) else None
        who.joined[member] = _start(rng, first)
        joined_at = write_moment(rng, who.joined[member])
        rows.append({"member_id": str(member), "joined_at": joined_at, "referrer_id": _text(referrer)})
    return rows


def _merchants(rng: Random, first: date, who: Cast, plain: bool) -> list[Row]:
    rates = ("0.1",) if plain else ("0.08", "0.1", "0.033333333333", "0.20", "0.08", "0.1", "0.12", "0.25", "0.05")
    rows: list[Row] = []
    for merchant in who.merchants:
        moments = {_start(rng, first)}
        moments |= {moment_on(rng, day_near(rng, first, 1, 25)) for _ in range(rng.choice((0, 0, 1, 2)))}
        who.edges += sorted(moments)
        for moment in sorted(moments):
            rows.append(
                {
                    "merchant_id": str(merchant),
                    "valid_from": write_moment(rng, moment),
                    "region_code": rng.choice(REGIONS),
                    "concession_rate": rng.choice(rates),
                }
            )
    return rows


def _bindings(rng: Random, first: date, who: Cast) -> list[Row]:
    keys = set()
    for member in who.members:
        day = day_near(rng, first, 3, 20)
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            moment = moment_on(rng, day if often(rng, 50) else day_near(rng, first, 3, 20))
            keys.add((member, rng.choice(who.merchants), moment))
            if often(rng, 20):
                keys.add((member, rng.choice(who.merchants), moment))
    who.edges += sorted({moment for _, _, moment in keys})
    return [
        {"member_id": str(member), "merchant_id": str(merchant), "bound_at": write_moment(rng, moment)}
        for member, merchant, moment in sorted(keys)
    ]


def _promoters(rng: Random, first: date, promoters: list[int], levels: int) -> list[Row]:
    """A mentor always stands before his mentees in one hidden order, so there is no cycle on any date."""
    order = rng.sample(promoters, len(promoters))
    rows: list[Row] = []
    for place, promoter in enumerate(order):
        days = {first - timedelta(days=40) if often(rng, 60) else day_near(rng, first, 5, 50)}
        days |= {day_near(rng, first, 30, 50) for _ in range(rng.choice((0, 0, 1, 2)))}
        for day in sorted(days):
            mentor = rng.choice(order[:place]) if place and often(rng, 90) else None
            level = rng.choice(CODES[:levels]) if often(rng, 40) else None
            rows.append(
                {
                    "promoter_id": str(promoter),
                    "valid_from": day.isoformat(),
                    "mentor_id": _text(mentor),
                    "starting_level": level,
                }
            )
    return rows


def _merchant_promoters(rng: Random, first: date, who: Cast) -> list[Row]:
    rows: list[Row] = []
    for merchant in who.merchants if who.promoters else []:
        days = {first - timedelta(days=40)} if often(rng, 75) else set()
        days |= {day_near(rng, first, 2, 40) for _ in range(rng.choice((0, 0, 1, 2)))}
        for day in sorted(days):
            promoter = rng.choice(who.promoters) if often(rng, 85) else None
            rows.append(
                {
                    "merchant_id": str(merchant),
                    "promoter_id": _text(promoter),
                    "valid_from": day.isoformat(),
                }
            )
    return rows


def _agents(rng: Random, first: date, who: Cast) -> list[Row]:
    prefixes = sorted({region[:digits] for region in REGIONS for digits in (2, 4, 6)})
    rows: list[Row] = []
    for prefix in rng.sample(prefixes, rng.choice((0, 2, 5, len(prefixes)))):
        for start, end in _periods(rng, first):
            agent = rng.randint(1, 4)
            who.agents.append(agent)
            rows.append({"agent_id": str(agent), "region_prefix": prefix, "valid_from": start, "valid_to": end})
    return rows


def _partners(rng: Random, first: date, who: Cast) -> list[Row]:
    """Three partners at most, a third each at most."""
    rows: list[Row] = []
    for agent in sorted(set(who.agents)):
        for partner in rng.sample((1, 2, 3), rng.randint(0, 3)):
            for start, end in _periods(rng, first):
                share = pick(rng, "0.333333333333", "0.1", "0.25", "0.3", "0", "0.142857142857")
                who.partners.append(partner)
                rows.append(
                    {
                        "agent_id": str(agent),
                        "partner_id": str(partner),
                        "share": share,
                        "valid_from": start,
                        "valid_to": end,
                    }
                )
    return rows


def _periods(rng: Random, first: date) -> list[tuple[str | None, str | None]]:
    """One period, or two that follow one another, changing on a day of the first two months."""
    change = day_near(rng, first, 5, 50)
    start = None if often(rng, 20) else (first - timedelta(days=99)).isoformat()
    if often(rng, 60):
        return [(start, None)]
    early = (start, change.isoformat())
    later = (change + timedelta(days=rng.choice((1, 1, 5)))).isoformat()
    return pick(rng, [early], [(later, None)], [early, (later, None)])


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
