"""Intake of the transactions of a block of days: the rows that will be booked, and those that are refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake.booked_before import past_of
from flows.settlement.intake.largest import require_room
from flows.settlement.intake.limits import check_control, check_limit
from flows.settlement.intake.read import of_part, read_sales
from flows.settlement.intake.refused import Refused
from lake.draft.draft import Draft
from lake.draft.spill import Waiting
from schemas.feeds import TRANSACTIONS
from schemas.units import RATE
from transforms.intake.dependants import judge_dependants
from transforms.intake.quarantine import refusals


@dataclass(frozen=True)
class Sales:
    """The rows of a block that wait to be booked. `refused`: row_no of those that are not; `taken`: row_no,
    refunded_fen, refunded_voucher_fen of refunds; `purchases`: PURCHASED of earlier ones that refunds name."""

    waiting: list[Waiting]
    refused: pl.DataFrame
    taken: pl.DataFrame
    purchases: pl.DataFrame

    def parts(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Typed rows, not yet valued, and the earlier purchases that they refund, some whole buckets at a time, once.

        A refund is its member's, as its purchase was, so that both are in one part.
        """
        for number, waiting in enumerate(self.waiting):
            rows = self._accepted(waiting.take().rechunk())
            yield rows, of_part(self.purchases, number, len(self.waiting))

    def _accepted(self, rows: pl.DataFrame) -> pl.DataFrame:
        accepted = rows.join(self.refused, on="row_no", how="anti", maintain_order="left")
        booked = accepted.join(self.taken, on="row_no", how="left", maintain_order="left")
        rate = pl.col("rate_applied_pico").cast(RATE)
        return booked.with_columns(concession_rate_pico=rate).drop("rate_applied_pico", "later_reason", "own_date")


def take_sales(days: Sequence[date], inputs: Inputs, draft: Draft) -> tuple[Sales, Refused, pl.DataFrame]:
    """Read and judge the transactions of `days`: those to book, those refused, and `Arrivals.came`.

    Raises InputRefusedError (12) for a file, control total or quarantine that stops the run.
    """
    read = read_sales(days, inputs, draft)
    check_control(TRANSACTIONS, days, read.arrived, inputs.landing)
    doubles = read.doubles()
    dependants = read.dependants.join(doubles, on="row_no", how="anti", maintain_order="left")
    past = past_of(dependants, draft, days[0])
    verdicts = judge_dependants(dependants, read.certain(dependants, doubles), past)
    for part in read.keys:
        part.drop()
    refused = Refused(TRANSACTIONS, read.arrived.texts, refusals(read.flaws, doubles, verdicts))
    check_limit(days, read.arrived, refused, inputs)
    out = refused.rows.select("row_no")
    booked = (part.all().select("row_no", "amount_fen").join(out, on="row_no", how="anti") for part in read.waiting)
    require_room(TRANSACTIONS, days, booked, read.arrived, inputs, draft)
    taken = verdicts.select("row_no", "refunded_fen", "refunded_voucher_fen")
    sales = Sales(read.waiting, refused.rows.select("row_no"), taken, past.purchases)
    return sales, refused, read.arrived.came()
