"""Dividends and retirements at an event (SPEC 6): a part is a cohort."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.rulebook import Pool, Rulebook, Rules
from transforms.explain.holdings import Holdings
from transforms.explain.model import Amount, Explanation, Rule, rules_on
from transforms.pools.dividends import entitled, retirement

R3: Final = (
    "R3: each payment is the difference of two entitlements, each cut to 0.01: no rate is rounded, nothing drifts"
)
NONE: Final = "none: the points as they are held"


def explain_dividend(amount: Amount, held: Holdings, rulebook: Rulebook) -> Explanation:
    """A dividend: per cohort, trunc(points x cumulative rate after) less trunc(points x cumulative rate before)."""
    event = held.event(amount.business_date)
    if event is None:
        return Explanation(amount, (), R3)
    payouts = {payout.cohort_no: payout for payout in held.payouts(event["event_no"])}
    found = entitled(held.net(amount.business_date), list(payouts.values())).sort("cohort_no")
    rows = found.collect(engine="in-memory")  # a few rows: to start streaming would take twice as long
    parts = []
    for row in rows.iter_rows(named=True):
        payout, terms = payouts[row["cohort_no"]], held.cohort(row["cohort_no"])
        parts.append(
            {
                "cohort_no": row["cohort_no"],
                **_lots(terms),
                "points_fen": row["points_fen"],
                "payout_no": payout.payout_no,
                "max_payouts": terms["max_payouts"],
                "ceiling_pico": terms["ceiling_pico"],
                "rate_pico": payout.rate_pico,
                "rate_before_pico": payout.before_pico,
                "rate_after_pico": payout.after_pico,
                "entitled_before_fen": row["before_fen"],
                "entitled_after_fen": row["after_fen"],
                "amount_fen": row["after_fen"] - row["before_fen"],
            }
        )
    rules = _rules(amount, [held.cohort(part["cohort_no"])["cutoff_date"] for part in parts], rulebook)
    return Explanation(amount, tuple(parts), R3, rules, _event_facts(event, amount, rulebook))


def explain_retirement(amount: Amount, held: Holdings, rulebook: Rulebook) -> Explanation:
    """Points that leave the balance because an event has paid their cohort all that it can get."""
    event = held.event(amount.business_date)
    if event is None:
        return Explanation(amount, (), NONE)
    net, parts = held.net(amount.business_date), []
    for payout in held.payouts(event["event_no"]):
        gone = retirement(net, [payout.cohort_no]).collect() if payout.retires else None
        terms = held.cohort(payout.cohort_no)
        for fen in [] if gone is None else gone["amount_fen"].to_list():
            parts.append(
                {
                    "cohort_no": payout.cohort_no,
                    **_lots(terms),
                    "payout_no": payout.payout_no,
                    "max_payouts": terms["max_payouts"],
                    "ceiling_pico": terms["ceiling_pico"],
                    "rate_after_pico": payout.after_pico,
                    "amount_fen": fen,
                }
            )
    cutoffs = [held.cohort(part["cohort_no"])["cutoff_date"] for part in parts]
    rules = rules_on(cutoffs, rulebook, "dividend", lambda rules: rules.dividend)
    return Explanation(amount, tuple(parts), NONE, rules, _event_facts(event, amount, rulebook))


def _lots(terms: Mapping[str, Any]) -> dict[str, Any]:
    return {"lots_after": terms["after_date"], "lots_through": terms["cutoff_date"]}


def _event_facts(event: Mapping[str, Any], amount: Amount, rulebook: Rulebook) -> dict[str, Any]:
    named = ("event_no", "cutoff_date", "value_date", "trigger", "baseline_fen", "value_fen", "growth_pico")
    rules = rulebook.on(amount.business_date)
    return {
        **{name: event[name] for name in named},
        "event_shortfall_fen": event["shortfall_fen"],
        "on_shortfall": rules.dividend.on_shortfall,
    }


def _rules(amount: Amount, cutoffs: list[Any], rulebook: Rulebook) -> tuple[Rule, ...]:
    """The pool's terms on the day of the event, and the rates and ceilings that its cohorts were promised."""

    def pool(rules: Rules) -> Pool:
        return next(pool for pool in rules.pools if pool.name == amount.pool)

    day = [amount.business_date]
    return (
        *rules_on(day, rulebook, f"pools.{amount.pool}", pool),
        *rules_on([*cutoffs, *day], rulebook, "dividend", lambda rules: rules.dividend),
    )
