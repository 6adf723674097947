"""Earning 让利与积分 (SPEC 4): concession, points and coins of purchases, and what refunds take back.

A purchase of 99.99 at 8 %: concession 8.00 (7.9992, R1), points 8.00 each, member coins 40.00.
"""

from fractions import Fraction
from typing import Final

import polars as pl

from schemas.rulebook import Earning, Rulebook, Rules
from schemas.units import FEN, PICO
from transforms.exact.rounding import half_up, toward_zero, wide
from transforms.exact.versions import by_terms, version_at

EARNED: Final = ("concession_fen", "points_fen", "member_coins_fen", "merchant_coins_fen")


def value_purchases(purchases: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Purchases with EARNED columns. In: occurred_at, amount_fen, voucher_fen, concession_rate_pico."""
    amount, voucher = pl.col("amount_fen"), pl.col("voucher_fen")
    dated = purchases.with_columns(purchased_at="occurred_at")
    return dated.with_columns(**earned(amount, voucher, voucher > 0, rulebook))


def value_refunds(refunds: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Refunds with EARNED columns, never positive: the purchase recomputed after less the purchase recomputed before.

    In: amount_fen, voucher_fen of the refund; refunded_fen, refunded_voucher_fen taken before it; of its purchase:
    bought_fen, bought_voucher_fen, purchased_at, concession_rate_pico.
    """
    before, after = around_refund(rulebook)
    return refunds.with_columns(**{name: after[name] - before[name] for name in EARNED})


def around_refund(rulebook: Rulebook) -> tuple[dict[str, pl.Expr], dict[str, pl.Expr]]:
    """What the purchase of a refund earns before it and after it. In: as for `value_refunds`."""
    used = pl.col("bought_voucher_fen") > 0
    left = pl.col("bought_fen") - pl.col("refunded_fen")
    voucher_left = pl.col("bought_voucher_fen") - pl.col("refunded_voucher_fen")
    before = earned(left, voucher_left, used, rulebook)
    after = earned(left - pl.col("amount_fen"), voucher_left - pl.col("voucher_fen"), used, rulebook)
    return before, after


def earned(amount: pl.Expr, voucher: pl.Expr, voucher_used: pl.Expr, rulebook: Rulebook) -> dict[str, pl.Expr]:
    """What an amount earns under the rules at `purchased_at`, at the row's `concession_rate_pico`.

    `voucher_used`: the purchase used any voucher, whatever has been refunded since.
    """
    version = version_at(pl.col("purchased_at"), rulebook)
    rate = wide(pl.col("concession_rate_pico"))
    concession = half_up(wide(amount) * rate, PICO)

    def points(rules: Rules) -> pl.Expr:
        return _points(_base(amount, voucher, voucher_used, rules.earning), rate, rules.earning)

    def coins(per_yuan: str) -> pl.Expr:
        def of(rules: Rules) -> pl.Expr:
            return toward_zero(wide(concession) * getattr(rules.earning, per_yuan))

        return by_terms(version, rulebook, lambda rules: getattr(rules.earning, per_yuan), of)

    def terms(rules: Rules) -> tuple[str, int]:
        return rules.earning.voucher_spend, rules.earning.points_per_yuan

    return {
        "concession_fen": concession,
        "points_fen": by_terms(version, rulebook, terms, points),
        "member_coins_fen": coins("member_coins_per_yuan"),
        "merchant_coins_fen": coins("merchant_coins_per_yuan"),
    }


def _base(amount: pl.Expr, voucher: pl.Expr, voucher_used: pl.Expr, earning: Earning) -> pl.Expr:
    """The part of the amount that earns points: all of it, the cash part, or nothing once a voucher was used."""
    if earning.voucher_spend == "full":
        return amount
    if earning.voucher_spend == "cash":
        return amount - voucher
    return pl.when(voucher_used).then(0).otherwise(amount)


def _points(base: pl.Expr, rate_pico: pl.Expr, earning: Earning) -> pl.Expr:
    """base x rate x points_per_yuan, R1 once. Whole part and rest apart, so that 128 bits hold any amount."""
    per_yuan = Fraction(earning.points_per_yuan, PICO)
    product, unit = wide(base) * rate_pico, PICO * per_yuan.denominator
    if per_yuan.numerator == 1:
        return half_up(product, unit)
    whole, rest = product // unit, product % unit
    return (whole * per_yuan.numerator + wide(half_up(rest * per_yuan.numerator, unit))).cast(FEN)
