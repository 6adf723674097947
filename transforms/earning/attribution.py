"""Who earns from a purchase beside its member and merchant (SPEC 7, 8): bound merchant, referrer, promoter.

Each is empty where nobody earns; rates of zero do not empty them.
"""

from typing import Final

import polars as pl

from schemas.rulebook import Rulebook
from transforms.exact.lookup import looked_up
from transforms.exact.versions import by_terms, value_by_version, version_at
from transforms.reference.model import Reference

OF_MEMBER: Final = ("joined_at", "referrer_id", "bound_at", "bound_to")
"""What is asked of a purchase's member."""


def attribute(purchases: pl.DataFrame, reference: Reference, rulebook: Rulebook) -> pl.DataFrame:
    """Purchases with bound_merchant_id, referrer_id (narrowed to who earns) and promoter_id.

    In: business_date, occurred_at, member_id, merchant_id; members and merchants are known.
    """
    own = looked_up(purchases["member_id"], reference.members, "member_id", OF_MEMBER)
    found = _with_latest_binding(purchases.with_columns(own.get_columns()), reference.rebindings, rulebook)
    named = found.with_columns(bound_merchant_id=_bound_merchant(rulebook), referrer_id=_earning_referrer(rulebook))
    kept = named.drop("joined_at", "bound_at", "bound_to", "rebound_to")
    return _with_promoter(kept, reference.merchant_promoters)


def _bound_merchant(rulebook: Rulebook) -> pl.Expr:
    """The merchant of the binding that counts at the purchase, unless it is the member's own store now."""
    version = version_at(pl.col("occurred_at"), rulebook)
    rebind = value_by_version(version, rulebook, lambda rules: rules.binding.rebind, pl.Boolean)
    own_store = value_by_version(version, rulebook, lambda rules: rules.binding.own_store, pl.Boolean)
    first = pl.when(pl.col("occurred_at") > pl.col("bound_at")).then("bound_to")
    bound = pl.when(rebind).then(pl.coalesce("rebound_to", first)).otherwise(first)
    return pl.when(own_store | (bound != pl.col("merchant_id"))).then(bound)


def _with_latest_binding(purchases: pl.DataFrame, rebindings: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Purchases with rebound_to: the merchant of the member's latest binding before, if it is not the first."""
    if rebindings.is_empty() or not any(rules.binding.rebind for rules in rulebook.versions):
        return purchases.with_columns(rebound_to=pl.lit(None, pl.Int64))
    latest = rebindings.select("member_id", "bound_to", rebound_at="bound_at").sort("rebound_at")
    found = purchases.sort("occurred_at").join_asof(
        latest.rename({"bound_to": "rebound_to"}),
        left_on="occurred_at",
        right_on="rebound_at",
        by="member_id",
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return found.drop("rebound_at")


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
