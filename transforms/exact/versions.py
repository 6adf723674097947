"""Which rules judge a row (SPEC 1): by its moment, or by the end of its business date.

Parameters are looked up once per version, never per row: a version is a small integer, and a rule is one expression
per distinct set of terms.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from schemas.rulebook import Rulebook, Rules
from schemas.units import TIME_ZONE


def version_at(moment: pl.Expr, rulebook: Rulebook) -> pl.Expr:
    """Index of the version in force at a moment; a moment before the first is judged by the first (SPEC 11)."""
    return _passed(moment, [rules.effective_from for rules in rulebook.versions[1:]])


def version_on(day: pl.Expr, rulebook: Rulebook) -> pl.Expr:
    """Index of the version in force at the end of a Shanghai date."""
    zone = ZoneInfo(TIME_ZONE)
    return _passed(day, [rules.effective_from.astimezone(zone).date() for rules in rulebook.versions[1:]])


def _passed(value: pl.Expr, boundaries: Sequence[date] | Sequence[datetime]) -> pl.Expr:
    if not boundaries:
        return pl.lit(0, pl.Int32)
    return pl.sum_horizontal((value >= pl.lit(boundary)).cast(pl.Int32) for boundary in boundaries)


def by_terms(
    version: pl.Expr, rulebook: Rulebook, terms: Callable[[Rules], Hashable], rule: Callable[[Rules], pl.Expr]
) -> pl.Expr:
    """`rule(rules)` of each row's version, evaluated once per distinct `terms(rules)`."""
    groups: dict[Hashable, list[int]] = {}
    for index, rules in enumerate(rulebook.versions):
        groups.setdefault(terms(rules), []).append(index)
    branches = [(indices, rule(rulebook.versions[indices[0]])) for indices in groups.values()]
    result = branches[-1][1]
    for indices, expression in branches[:-1]:
        result = pl.when(version.is_in(indices)).then(expression).otherwise(result)
    return result


def value_by_version(
    version: pl.Expr, rulebook: Rulebook, value: Callable[[Rules], int | bool], dtype: type[pl.DataType]
) -> pl.Expr:
    """One number of each row's version."""
    return by_terms(version, rulebook, value, lambda rules: pl.lit(value(rules), dtype))
