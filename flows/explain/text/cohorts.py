"""Cohorts as parts of a dividend, a clawback or a retirement, in sentences."""

from flows.explain.text.figures import cut, money, percent
from transforms.explain.model import Amount, Facts


def _cohort(facts: Facts) -> str:
    after = facts["lots_after"]
    since = f"after {after} " if after else ""
    return f"cohort {facts['cohort_no']} (points booked {since}up to {facts['lots_through']})"


def dividend(_: Amount, facts: Facts) -> str:
    """What the cohort has had after the event, and before it."""
    points, rate = facts["points_fen"], facts["rate_after_pico"]
    before = cut(points, facts["rate_before_pico"], facts["entitled_before_fen"])
    return (
        f"{_cohort(facts)}: payout {facts['payout_no']} of at most {facts['max_payouts']} on {money(points)} points; "
        f"all payouts so far {percent(rate)} = {cut(points, rate, facts['entitled_after_fen'])}, "
        f"before {percent(facts['rate_before_pico'])} = {before}"
    )


def clawback(_: Amount, facts: Facts) -> str:
    """What the points left have had, and the points before the refund."""
    before, after, rate = facts["points_before_fen"], facts["points_after_fen"], facts["rate_pico"]
    return (
        f"{_cohort(facts)}: {money(after)} of {money(before)} points are left; all payouts so far, {percent(rate)}, "
        f"are {cut(after, rate, facts['entitled_after_fen'])}, on what is left; "
        f"on {money(before)} they were {cut(before, rate, facts['entitled_before_fen'])}"
    )


def retired(_: Amount, facts: Facts) -> str:
    """Why the points leave the balance; or that a refund of such points puts them back."""
    if "payout_no" not in facts:
        before, after = money(facts["points_before_fen"]), money(facts["points_after_fen"])
        return f"{_cohort(facts)} is retired, {before} points before the refund and {after} after it; put back"
    return (
        f"{_cohort(facts)}: {percent(facts['rate_after_pico'])} of a ceiling of {percent(facts['ceiling_pico'])} "
        f"paid, in {facts['payout_no']} payouts of at most {facts['max_payouts']}; nothing more can come"
    )
