"""The books as a forecast begins from them (SPEC 12), read from the lake's small tables: no member is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from flows.settlement.kept_rules import is_own
from flows.settlement.pools.book import PoolBook
from flows.settlement.pools.states import pool_states
from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.tables.store import Store
from schemas.errors import ConfigurationError, InputMissingError
from schemas.rulebook import Rulebook
from schemas.tables import DAYS, JOURNAL, POOL_DAYS, SOLVENCY
from schemas.units import ONE_DAY, PICO, WIDE
from transforms.books.journal import FUND, VOUCHERS
from transforms.forecast.months import Standing
from transforms.forecast.pools import Flow, Outlook, PoolOutlook
from transforms.pools.events import PoolState

REWARDS: Final = ("binding_reward", "referral_reward")
COMMISSIONS: Final = ("commission", "mentoring", "fixed_subsidy", "bonus_subsidy", "agent_commission", "partner_share")
SPENDING: Final = ("sales", "payout")
"""Journal kinds that take vouchers back."""


@dataclass(frozen=True)
class Books:
    """Where a forecast begins, and what has been: business of the last `period_days` days, and of all days.

    `last_days`: how many of those days are settled, all of them but in a young lake.
    `rewards_pico`, `commissions_pico`: what they took of all concessions so far. `redemption_pico`: part of the
    vouchers outstanding a period ago that was spent since. `own_rules`: the last day was settled by these rules.
    """

    standing: Standing
    last: Flow
    stock: Flow
    period_days: int
    last_days: int
    rewards_pico: int
    commissions_pico: int
    redemption_pico: int
    own_rules: bool


def read_books(root: Path, rulebook: Rulebook) -> Books:
    """The books of the last finished run, judged by `rulebook`; raises as `begun_books` does."""
    return begun_books(last_tables(root), rulebook)


def last_tables(root: Path) -> Draft:
    """The lake as the last finished run has left it. Raises InputMissingError (11) if nothing is settled."""
    run = RunLog(root / "lake").last()
    if run is None:
        raise InputMissingError(
            "nothing is settled yet: there is nothing to begin a forecast from",
            where=str(root),
            todo="run `settle nightly` first, or point --root (or SETTLE_ROOT) at the folder that holds lake/",
        )
    return Draft(Store(root / "lake"), run.versions, run.run_id)


def begun_books(draft: Draft, rulebook: Rulebook) -> Books:
    """The books of `draft`, judged by `rulebook`.

    Raises ConfigurationError (10) if the rules do not fit the books.
    """
    days = draft.small(DAYS)
    day: date = days["business_date"].item(-1)
    rules = rulebook.on(day + ONE_DAY)
    outlook = _outlook(draft, rulebook)
    _require_pools(outlook.pools, {pool.name for pool in rules.pools}, rulebook)
    period = max(pool.deadline_day for pool in rules.pools)
    since = day - timedelta(days=period)
    concession = int(days["concession_fen"].cast(WIDE).sum())
    fund = _fund_kinds(draft)
    return Books(
        standing=_standing(draft, outlook, day),
        last=_recent(draft, since),
        stock=Flow(concession, {name: pool.state.value_fen for name, pool in outlook.pools.items()}),
        period_days=period,
        last_days=min(period, days.height),
        rewards_pico=_part(sum(fund.get(kind, 0) for kind in REWARDS), concession),
        commissions_pico=_part(sum(fund.get(kind, 0) for kind in COMMISSIONS), concession),
        redemption_pico=_redemption(draft, since),
        own_rules=is_own(draft, rulebook),
    )


def _outlook(draft: Draft, rulebook: Rulebook) -> Outlook:
    book, states = PoolBook.read(draft, rulebook), pool_states(draft)
    pools = {name: _pool(book, name, state) for name, state in states.items()}
    return Outlook(pools, book.concession_before, book.dividends_before)


def _pool(book: PoolBook, name: str, state: PoolState) -> PoolOutlook:
    live = tuple(book.live(name))
    points = {cohort.cohort_no: book.points[name][cohort.cohort_no] for cohort in live}
    return PoolOutlook(state, live, points, book.open_lots[name])


def _require_pools(held: Iterable[str], known: set[str], rulebook: Rulebook) -> None:
    missing = sorted(set(held) - known)
    if missing:
        raise ConfigurationError(
            f"the books hold points in pools that the rules do not know: {', '.join(missing)}",
            where=str(rulebook.path),
            todo="give the rulebook by which the days were settled, or one that keeps its pools, with --rulebook",
        )


def _standing(draft: Draft, outlook: Outlook, day: date) -> Standing:
    month = draft.small(DAYS).filter(pl.col("business_date") >= day.replace(day=1))
    fund, liability = draft.small(SOLVENCY).select("fund_fen", "liability_fen").row(-1)
    return Standing(day, outlook, fund, liability, int(month["concession_fen"].cast(WIDE).sum()))


def _recent(draft: Draft, since: date) -> Flow:
    """The business after `since`; a period that refunds have turned negative counts as none."""
    later = pl.col("business_date") > since
    points = draft.small(POOL_DAYS).filter(later).group_by("pool").agg(pl.col("inflow_fen").cast(WIDE).sum())
    concession = int(draft.small(DAYS).filter(later)["concession_fen"].cast(WIDE).sum())
    return Flow(max(concession, 0), {pool: max(int(fen), 0) for pool, fen in points.iter_rows()})


def _fund_kinds(draft: Draft) -> dict[str, int]:
    """What the fund has paid so far, by journal kind, in fen."""
    paid = draft.small(JOURNAL).filter(pl.col("account") == FUND)
    net = pl.col("debit_fen").cast(WIDE) - pl.col("credit_fen").cast(WIDE)
    return {kind: int(fen) for kind, fen in paid.group_by("kind").agg(net.sum()).iter_rows()}


def _redemption(draft: Draft, since: date) -> int:
    before = draft.small(SOLVENCY).filter(pl.col("business_date") <= since)["liability_fen"]
    taken = draft.small(JOURNAL).filter(
        (pl.col("account") == VOUCHERS) & pl.col("kind").is_in(SPENDING) & (pl.col("business_date") > since)
    )
    net = taken.select((pl.col("debit_fen").cast(WIDE) - pl.col("credit_fen").cast(WIDE)).sum()).item()
    return min(_part(int(net or 0), before.last() if len(before) else 0), PICO)  # type: ignore[arg-type]


def _part(fen: int, whole_fen: int) -> int:
    """A part in pico, rounded down; zero of nothing."""
    return max(fen, 0) * PICO // whole_fen if whole_fen > 0 else 0
