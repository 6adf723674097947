"""Intake of the transactions of a block of days.

What a row is judged by is mostly in the row itself and in the reference data, and known part by part. Only duplicates,
late rows and refunds depend on others: for them a few columns of all rows are in memory at once. The rows themselves
wait packed, by the buckets in which they will be booked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from flows.settlement import packed
from flows.settlement.arrivals import Arrivals, arrivals
from flows.settlement.guards import check_control, check_limit
from flows.settlement.inputs import Inputs
from flows.settlement.packed import Packed
from flows.settlement.past import past_of
from lake.draft import Draft
from schemas.feeds import TRANSACTIONS
from schemas.rulebook import Rulebook
from schemas.units import RATE
from transforms.buckets import bucket
from transforms.intake.cells import TRANSACTION_CONTENT, read_transactions
from transforms.intake.dependants import DEPENDANT, judge_dependants, judged, named_ids
from transforms.intake.duplicates import duplicates, repeated
from transforms.intake.parties import with_parties
from transforms.intake.quarantine import quarantined, refused
from transforms.intake.reasons import with_reasons_of
from transforms.versions import value_by_version, version_at

BYTES_AT_ONCE: Final = 64 << 20
"""Bytes of feeds that are booked together, about, as far as buckets can part them; no result depends on it."""
JUDGED: Final = ("row_no", "business_date", "txn_id", "amount_fen", "reason", "later_reason")
"""Columns of all rows that are in memory at once."""


@dataclass(frozen=True)
class Sales:
    """The rows of a block that wait to be booked. `accepted`: whether one is, by `row_no`; `taken`: row_no,
    refunded_fen, refunded_voucher_fen of refunds; `purchases`: earlier ones that refunds name."""

    waiting: list[Packed]
    accepted: pl.Series
    taken: pl.DataFrame
    purchases: pl.DataFrame

    def parts(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Typed rows, not yet valued, and the earlier purchases that they refund, some whole buckets at a time, once.

        A refund is its member's, as its purchase was, so that both are in one part.
        """
        for number, waiting in enumerate(self.waiting):
            rows = pl.concat([self._accepted(frame) for frame in waiting.release()])
            yield rows, of_part(self.purchases, number, len(self.waiting))

    def _accepted(self, rows: pl.DataFrame) -> pl.DataFrame:
        accepted = rows.filter(self.accepted.gather(rows["row_no"]))
        booked = accepted.join(self.taken, on="row_no", how="left", maintain_order="left")
        rate = pl.col("rate_applied_pico").cast(RATE)
        return booked.with_columns(concession_rate_pico=rate).drop("rate_applied_pico", "later_reason", "own_date")


def take_sales(days: Sequence[date], inputs: Inputs, draft: Draft) -> tuple[Sales, pl.DataFrame, pl.DataFrame]:
    """Read and judge the transactions of `days`: those to book, the quarantine, and `Arrivals.came`.

    Raises InputRefusedError (12) for a file, control total or quarantine that stops the run.
    """
    arrived, rows, dependants, waiting = _read(days, inputs)
    check_control(TRANSACTIONS, days, arrived, inputs.landing)
    double = _whole(waiting, repeated(rows, "txn_id"))
    rows = with_reasons_of(rows, duplicates(double, "txn_id", TRANSACTION_CONTENT))
    dependants = dependants.filter(rows["reason"].gather(dependants["row_no"]).is_null())
    past = past_of(dependants, draft, days[0])
    certain = rows.filter(
        pl.all_horizontal(pl.col("reason", "later_reason").is_null())
        & pl.col("txn_id").is_in(named_ids(dependants).implode())
    )
    certain = certain.join(dependants, on="row_no", how="anti")
    verdicts = judge_dependants(dependants, _whole(waiting, certain.select("row_no")), past)
    rows = judged(rows, verdicts)
    bad = quarantined(arrived.texts.of(refused(rows)), TRANSACTIONS.name, TRANSACTIONS.id_column)
    check_limit(days, rows, bad, inputs)
    taken = verdicts.select("row_no", "refunded_fen", "refunded_voucher_fen")
    return Sales(waiting, rows["reason"].is_null(), taken, past.purchases), bad, arrived.came()


def _read(days: Sequence[date], inputs: Inputs) -> tuple[Arrivals, pl.DataFrame, pl.DataFrame, list[Packed]]:
    """What is counted; JUDGED of all rows; late rows and refunds; rows that pass steps 1 to 4, waiting by part."""
    reference, bounds = inputs.reference, _rate_bounds(inputs.rulebook)

    def typed(text: pl.DataFrame) -> pl.DataFrame:
        rows = read_transactions(text.lazy()).collect()
        return with_parties(rows, reference.members, reference.merchants, bounds)

    arrived, parts = arrivals(TRANSACTIONS, days, inputs, typed)
    rows, dependants, waiting = [], [], list[Packed]()
    for part in parts:
        passed = part.filter(pl.col("reason").is_null())
        rows.append(part.select(JUDGED))
        dependants.append(passed.filter(pl.col("is_late") | (pl.col("kind") == "refund")).select(DEPENDANT))
        values = passed.drop("reason")
        waiting = waiting or _waiting(values, _parts(days, inputs))
        for number, rows_of_part in enumerate(waiting):
            rows_of_part.keep(of_part(values, number, len(waiting)))
    return arrived, pl.concat(rows), pl.concat(dependants), waiting


def of_part(rows: pl.DataFrame, number: int, parts: int) -> pl.DataFrame:
    """The rows of the members of one of `parts` parts."""
    # Polars does not filter a large frame by a constant.
    return rows if parts == 1 else rows.filter(bucket(pl.col("member_id"), parts) == number)


def _waiting(empty: pl.DataFrame, parts: int) -> list[Packed]:
    return [Packed(empty, packed.PLAIN_ROWS if parts == 1 else 0) for _ in range(parts)]


def _parts(days: Sequence[date], inputs: Inputs) -> int:
    """One, or whole buckets each; if a bucket has many rows, it has parts of its own."""
    wanted = -(-sum(inputs.landing.size(day) for day in days) // BYTES_AT_ONCE)
    return 1 if wanted <= 1 else inputs.buckets * -(-wanted // inputs.buckets)


def _whole(waiting: Sequence[Packed], rows: pl.DataFrame) -> pl.DataFrame:
    """All columns of some waiting rows. In: row_no."""
    return pl.concat([part.of(rows) for part in waiting])


def _rate_bounds(rulebook: Rulebook) -> tuple[pl.Expr, pl.Expr]:
    version = version_at(pl.col("occurred_at"), rulebook)
    return (
        value_by_version(version, rulebook, lambda rules: rules.earning.concession_min, pl.Int64),
        value_by_version(version, rulebook, lambda rules: rules.earning.concession_max, pl.Int64),
    )
