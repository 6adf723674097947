"""Every amount of a holder, explained: which rows each kind needs, and who explains it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import chain
from typing import Final

from flows.explain.amounts import amounts_of, by_day
from flows.explain.months import of_agents, of_promoters
from flows.explain.rows import Books
from schemas.tables import CORRECTIONS
from transforms.books.ledger import SETTLEMENT
from transforms.corrections.restatement import RESTATEMENT
from transforms.explain import promoters, sales
from transforms.explain.clawbacks import explain_clawback
from transforms.explain.dividends import explain_dividend, explain_retirement
from transforms.explain.model import Amount, Explanation
from transforms.explain.others import explain_movements, explain_restatement
from transforms.explain.rewards import COLUMNS as REWARD_COLUMNS
from transforms.explain.rewards import EARNER, explain_rewards
from transforms.pools.membership import HOLDER_COLUMN

Family = Callable[[Sequence[Amount], Books], Iterator[Explanation]]


def explain(books: Books, day: date | None) -> list[Explanation]:
    """Every amount of the holder, or those of a date (business or value date), in the order of time.

    Raises ConfigurationError (10) for a day before the rulebook's first version.
    """
    amounts = amounts_of(books, day)
    explained = [one for ruled, some in books.by_rules(amounts) for one in _explain(some, ruled)]
    order = {id(amount): number for number, amount in enumerate(amounts)}
    return sorted(explained, key=lambda one: order[id(one.amount)])


def _explain(amounts: Sequence[Amount], books: Books) -> list[Explanation]:
    """Amounts of days of the same rules."""
    families: defaultdict[Family, list[Amount]] = defaultdict(list)
    for amount in amounts:
        families[_family(amount)].append(amount)
    with ThreadPoolExecutor(len(families) or 1) as beside:  # what one reads from disk need not wait for the others
        return [*chain(*beside.map(lambda asked: list(asked[0](asked[1], books)), families.items()))]


def _family(amount: Amount) -> Family:
    if amount.origin == RESTATEMENT:
        return _restatements
    if amount.kind == "points_retired" and amount.value_date != amount.business_date:
        return _of_pool
    return FAMILIES[amount.kind]


def _sales(amounts: Sequence[Amount], books: Books) -> Iterator[Explanation]:
    column = HOLDER_COLUMN[books.holder_kind]
    rows = books.transactions(column, {amount.business_date for amount in amounts}, sales.COLUMNS)
    refunds = rows.filter(kind="refund")
    earlier = books.earlier_refunds(refunds)
    valued = sales.revalued(rows, books.originals(column, refunds), earlier, books.rulebook)
    return sales.explain_sales(amounts, valued, books.rulebook)


def _rewards(amounts: Sequence[Amount], books: Books) -> Iterator[Explanation]:
    for kind, column in EARNER.items():
        of_kind = [amount for amount in amounts if amount.kind == kind]
        rows = books.transactions(column, {amount.business_date for amount in of_kind}, REWARD_COLUMNS)
        yield from explain_rewards(of_kind, rows, books.rulebook)


def _of_pool(amounts: Sequence[Amount], books: Books) -> Iterator[Explanation]:
    held = {pool: books.holdings(pool) for pool in {amount.pool for amount in amounts}}
    for amount in amounts:
        explained = explain_dividend if amount.kind == "dividend" else explain_retirement
        yield explained(amount, held[amount.pool], books.rulebook)


def _clawbacks(amounts: Sequence[Amount], books: Books) -> Iterator[Explanation]:
    held = {pool: books.holdings(pool) for pool in {amount.pool for amount in amounts}}
    days = {amount.business_date for amount in amounts}
    refunds = books.transactions(HOLDER_COLUMN[books.holder_kind], days).filter(kind="refund")
    for amount in amounts:
        of_day = refunds.filter(business_date=amount.business_date)
        yield explain_clawback(amount, held[amount.pool], of_day, books.rulebook)


def _movements(amounts: Sequence[Amount], books: Books) -> Iterator[Explanation]:
    return explain_movements(amounts, books.movements({amount.business_date for amount in amounts}))


def _restatements(amounts: Sequence[Amount], books: Books) -> Iterator[Explanation]:
    booked = restatements(books)
    for day, of_day in by_day(amounts).items():
        then = books.as_of(day)
        posted = then.ledger(days=then.restated).filter(origin=SETTLEMENT).drop("run_id")
        due = then.ledger(CORRECTIONS).drop("run_id")
        for amount in of_day:
            earlier = [entry for entry in booked.get(amount.holding, []) if entry[0] < day]
            yield explain_restatement(amount, posted, due, earlier)


def restatements(books: Books) -> Mapping[tuple[str, str, str], list[tuple[date, int]]]:
    """What was booked to make restated days good: day and fen, by asset, kind and pool."""
    rows = books.ledger().filter(origin=RESTATEMENT).sort("business_date")
    found: defaultdict[tuple[str, str, str], list[tuple[date, int]]] = defaultdict(list)
    for asset, kind, pool, day, fen in rows.select("asset", "kind", "pool", "business_date", "amount_fen").iter_rows():
        found[asset, kind, pool].append((day, fen))
    return found


FAMILIES: Final[Mapping[str, Family]] = {
    **dict.fromkeys(sales.KINDS, _sales),
    **dict.fromkeys(EARNER, _rewards),
    "dividend": _of_pool,
    "dividend_clawback": _clawbacks,
    "points_retired": _clawbacks,
    **dict.fromkeys(promoters.KINDS, of_promoters),
    "agent_commission": of_agents,
    "partner_share": of_agents,
    "coins_redeemed": _movements,
    "payout": _movements,
}
"""Who explains a kind of the ledger. `points_retired` by an event is `_of_pool`'s."""
