"""The jobs that can be measured, one function each."""

from collections.abc import Callable

from bench.jobs.nights import event_night, growth, one_transaction_night, ordinary_night
from bench.jobs.payments import dividends
from bench.jobs.pieces import backfill_in_pieces
from bench.jobs.ranges import backfill, history
from bench.jobs.reading import explain, statement
from bench.report import Report
from bench.setup import Bench

JOBS: dict[str, Callable[[Bench], list[Report]]] = {
    "event-night": event_night,
    "ordinary-night": ordinary_night,
    "backfill": backfill,
    "backfill-in-pieces": backfill_in_pieces,
    "one-transaction-night": one_transaction_night,
    "growth": growth,
    "history": history,
    "dividends": dividends,
    "explain": explain,
    "statement": statement,
}
