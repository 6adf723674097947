"""Who earns from a purchase beside its member and merchant (SPEC 7, 8): bound merchant, referrer, promoter.

Each is empty where nobody earns; rates of zero do not empty them.
"""

import polars as pl

from schemas.rulebook import Rulebook
from transforms.versions import by_terms, value_by_version, version_at


def attribute(
    purchases: pl.DataFrame, bindings: pl.DataFrame, merchant_promoters: pl.DataFrame, rulebook: Rulebook
) -> pl.DataFrame:
    """Purchases with bound_merchant_id, referrer_id (narrowed to who earns) and promoter_id.

    In: business_date, occurred_at, member_id, merchant_id, joined_at, and the member's referrer_id.
    """
    bound = _with_bound_merchant(purchases, bindings, rulebook)
    referred = bound.with_columns(referrer_id=_earning_referrer(rulebook))
    return _with_promoter(referred, merchant_promoters)


def _with_bound_merchant(purchases: pl.DataFrame, bindings: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    version = version_at(pl.col("occurred_at"), rulebook)
    rebind = value_by_version(version, rulebook, lambda rules: rules.binding.rebind, pl.Boolean)
    bindings = bindings.join(purchases.select("member_id"), on="member_id", how="semi")
    own_store = value_by_version(version, rulebook, lambda rules: rules.binding.own_store, pl.Boolean)
    found = _with_latest_binding(_with_first_binding(purchases, bindings), bindings, rulebook)
    bound = pl.when(rebind).then("latest_bound").otherwise("first_bound")
    kept = pl.when(own_store | (pl.col("bound_merchant_id") != pl.col("merchant_id"))).then("bound_merchant_id")
    return (
        found.with_columns(bound_merchant_id=bound)
        .with_columns(bound_merchant_id=kept)
        .drop("first_bound", "latest_bound")
    )


def _one_a_moment(bindings: pl.DataFrame) -> pl.DataFrame:
    """Of two bindings of a member at the same moment, the one with the smaller merchant_id."""
    return bindings.group_by("member_id", "bound_at").agg(bound_to=pl.col("merchant_id").min()).sort("bound_at")


def _with_first_binding(purchases: pl.DataFrame, bindings: pl.DataFrame) -> pl.DataFrame:
    first = _one_a_moment(bindings).unique("member_id", keep="first", maintain_order=True)
    joined = purchases.join(first, on="member_id", how="left", maintain_order="left")
    earned = pl.when(pl.col("occurred_at") > pl.col("bound_at")).then("bound_to")
    return joined.with_columns(first_bound=earned).drop("bound_at", "bound_to")


def _with_latest_binding(purchases: pl.DataFrame, bindings: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    if not any(rules.binding.rebind for rules in rulebook.versions):
        return purchases.with_columns(latest_bound=pl.lit(None, pl.Int64))
    latest = _one_a_moment(bindings).rename({"bound_to": "latest_bound"})
    found = purchases.sort("occurred_at").join_asof(
        latest,
        left_on="occurred_at",
        right_on="bound_at",
        by="member_id",
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return found.drop("bound_at")


def _earning_referrer(rulebook: Rulebook) -> pl.Expr:
    """The referrer within `referral.days` x 24 hours of the member's joining; without limit if `days` is 0."""
    version = version_at(pl.col("occurred_at"), rulebook)
    days = by_terms(
        version,
        rulebook,
        lambda rules: rules.referral.days,
        lambda rules: pl.duration(days=rules.referral.days),
    )
    limited = value_by_version(version, rulebook, lambda rules: rules.referral.days > 0, pl.Boolean)
    return pl.when(~limited | (pl.col("occurred_at") < pl.col("joined_at") + days)).then("referrer_id")


def _with_promoter(purchases: pl.DataFrame, merchant_promoters: pl.DataFrame) -> pl.DataFrame:
    found = purchases.sort("business_date").join_asof(
        merchant_promoters.sort("valid_from").select("merchant_id", "valid_from", "promoter_id"),
        left_on="business_date",
        right_on="valid_from",
        by="merchant_id",
        strategy="backward",
        check_sortedness=False,
    )
    return found.drop("valid_from")
