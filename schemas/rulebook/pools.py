"""Pools 积分池: who holds the points, when the first dividend comes, what growth the next ask (SPEC 5)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, ValidationInfo, field_validator

from schemas.rulebook.refusals import Part, refused, refused_parts
from schemas.rulebook.table import Table
from schemas.rulebook.values import Growth, Name, PositiveDays, PositiveFen, RegionPrefix, array_of, one_of

HolderKind = Literal["member", "merchant"]
Baseline = Literal["actual", "threshold"]
Regions = Annotated[
    tuple[RegionPrefix, ...],
    array_of('region prefixes, such as ["31", "4401"]'),
    AfterValidator(lambda regions: tuple(sorted(regions))),
]


class Pool(Table):
    """One pool: `launch` in fen of points, `growth_target` in pico, days counted from the last value_date.

    `regions` are the prefixes of the region codes that feed it, sorted; none means every region.
    """

    name: Name
    holder: Annotated[HolderKind, one_of(HolderKind)]
    launch: PositiveFen
    growth_target: Growth
    earliest_day: PositiveDays
    deadline_day: PositiveDays
    baseline: Annotated[Baseline, one_of(Baseline)]
    regions: Regions = ()

    @field_validator("deadline_day")
    @classmethod
    def _not_before_earliest_day(cls, deadline: int, info: ValidationInfo) -> int:
        earliest = info.data.get("earliest_day", deadline)
        if deadline < earliest:
            raise refused(f"a day that is not before earliest_day, {earliest}")
        return deadline


def _repeated_names(pools: tuple[Pool, ...]) -> Iterator[Part]:
    seen: dict[str, int] = {}
    for index, pool in enumerate(pools):
        first = seen.setdefault(pool.name, index)
        if first != index:
            words = f"a name of its own: pools number {first + 1} and {index + 1} share this one"
            yield Part((index, "name"), f'"{pool.name}"', words)


def _repeated_prefixes(pools: tuple[Pool, ...]) -> Iterator[Part]:
    seen: dict[tuple[HolderKind, str], str] = {}
    for index, pool in enumerate(pools):
        for prefix in pool.regions:
            other = seen.setdefault((pool.holder, prefix), pool.name)
            if other != pool.name or pool.regions.count(prefix) > 1:
                words = f'a prefix once per holder kind: "{other}" has it already'
                yield Part((index, "regions"), f'"{prefix}"', words)


def _pools_for_all_regions(pools: tuple[Pool, ...]) -> Iterator[Part]:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for pool in pools:
        names[pool.holder] += [] if pool.regions else [pool.name]
    for holder in ("member", "merchant"):
        if len(names[holder]) != 1:
            found = ", ".join(f'"{name}"' for name in names[holder]) or "none"
            yield Part((), found, f'exactly one pool without regions for holder "{holder}"')


def fitting_pools(pools: tuple[Pool, ...]) -> tuple[Pool, ...]:
    """The pools as they are; refused if a name or prefix repeats, or if a holder kind lacks its catch-all."""
    checks = (_repeated_names, _repeated_prefixes, _pools_for_all_regions)
    if parts := list(dict.fromkeys(part for check in checks for part in check(pools))):
        raise refused_parts(parts)
    return pools


Pools = Annotated[tuple[Pool, ...], array_of("tables, each headed [[rules.pools]]"), AfterValidator(fitting_pools)]
