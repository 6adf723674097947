"""Transactions of a block of days, read part by part: what can be judged row by row is judged, the rows wait.

What a row is judged by is mostly in the row itself and in the reference data. Only duplicates, late rows and refunds
depend on others: for them a hash of each id waits too, and all columns of the few rows concerned are read again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from flows.settlement.inputs import Inputs
from flows.settlement.intake.arrivals import Arrivals, arrivals
from lake.draft.draft import Draft
from lake.draft.spill import Waiting
from schemas.feeds import TRANSACTIONS
from schemas.rulebook import Rulebook
from transforms.exact.buckets import bucket
from transforms.exact.versions import value_by_version, version_at
from transforms.intake.cells import TRANSACTION_CONTENT, read_transactions
from transforms.intake.dependants import DEPENDANT, named_ids
from transforms.intake.duplicates import duplicates, repeated
from transforms.intake.parties import with_parties

BYTES_AT_ONCE: Final = 64 << 20
"""Bytes of feeds that are booked together, about, as far as buckets can part them; no result depends on it."""
REREAD_AT_ONCE: Final = 1_000_000
"""Rows with an id of another that are compared together, at most about; no result depends on it."""
ID_KEY: Final = pl.col("txn_id").hash().alias("id_key")
"""A number for an id. Two ids may share one: whatever is found by it is compared by the id itself."""


@dataclass(frozen=True)
class Read:
    """All rows of a block, as far as they can be judged one by one.

    `arrived`: counts and texts. `waiting`: the rows that pass steps 1 to 4 of SPEC 3, by member, and `keys`: row_no,
    business_date, id_key of the same rows, by key. `dependants`: DEPENDANT of late rows and refunds. `flaws`: row_no,
    business_date, amount_fen, reason, later_reason of rows with a reason.
    """

    arrived: Arrivals
    waiting: list[Waiting]
    keys: list[Waiting]
    dependants: pl.DataFrame
    flaws: pl.DataFrame

    def whole(self, rows: pl.DataFrame) -> pl.DataFrame:
        """All columns of some waiting rows. In: row_no."""
        return pl.concat([found for part in self.waiting for found in part.of(rows)])

    def doubles(self) -> pl.DataFrame:
        """REFUSAL of rows that step 5 refuses for another row of their day."""
        same = [repeated(part.all(), "id_key") for part in self.keys]
        # As a rule they are few, and it is the waiting rows that take time; a feed delivered twice is another matter.
        slices = same if sum(rows.height for rows in same) > REREAD_AT_ONCE else [pl.concat(same)]
        return pl.concat([duplicates(self.whole(rows), "txn_id", TRANSACTION_CONTENT) for rows in slices])

    def certain(self, dependants: pl.DataFrame, doubles: pl.DataFrame) -> pl.DataFrame:
        """The rows that are booked whatever becomes of `dependants`, and on whose ids those depend."""
        named = named_ids(dependants)
        keys = named.to_frame("txn_id").select(ID_KEY).to_series().implode()
        found = pl.concat([part.all().filter(pl.col("id_key").is_in(keys)) for part in self.keys])
        for others in (self.flaws, doubles, dependants):
            found = found.join(others, on="row_no", how="anti")
        return self.whole(found.select("row_no")).filter(pl.col("txn_id").is_in(named.implode()))


def read_sales(days: Sequence[date], inputs: Inputs, draft: Draft) -> Read:
    """Read the files of `days`, in the order of days, file names and positions."""
    reference, bounds = inputs.reference, _rate_bounds(inputs.rulebook)

    def typed(text: pl.DataFrame) -> pl.DataFrame:
        rows = read_transactions(text.lazy()).collect()
        return with_parties(rows, reference.members, reference.merchants, bounds)

    arrived, frames = arrivals(TRANSACTIONS, days, inputs, draft, typed)
    flaws, dependants, waiting, keys = [], [], list[Waiting](), list[Waiting]()
    flawed = pl.any_horizontal(pl.col("reason", "later_reason").is_not_null())
    parts = _parts(days, inputs)
    for part in frames:
        passed = part.filter(pl.col("reason").is_null())
        flaws.append(part.filter(flawed).select("row_no", "business_date", "amount_fen", "reason", "later_reason"))
        dependants.append(passed.filter(pl.col("is_late") | (pl.col("kind") == "refund")).select(DEPENDANT))
        values, named = passed.drop("reason"), passed.select("row_no", "business_date", ID_KEY)
        waiting = waiting or _waiting(values, parts, draft)
        keys = keys or _waiting(named, parts, draft)
        _keep(values, bucket(pl.col("member_id"), parts), waiting)
        _keep(named, pl.col("id_key") % parts, keys)
    return Read(arrived, waiting, keys, pl.concat(dependants), pl.concat(flaws))


def of_part(rows: pl.DataFrame, number: int, parts: int) -> pl.DataFrame:
    """The rows of the members of one of `parts` parts."""
    # Polars does not filter a large frame by a constant.
    return rows if parts == 1 else rows.filter(bucket(pl.col("member_id"), parts) == number)


def _keep(rows: pl.DataFrame, part: pl.Expr, places: Sequence[Waiting]) -> None:
    """Let each row wait in the place of its part, of which the number is worked out once."""
    if len(places) == 1:
        places[0].keep(rows)
        return
    numbers = rows.select(part).to_series()
    for number, place in enumerate(places):
        place.keep(rows.filter(numbers == number))


def _waiting(empty: pl.DataFrame, parts: int, draft: Draft) -> list[Waiting]:
    return [draft.waiting.frames(empty, None if parts == 1 else 0) for _ in range(parts)]


def _parts(days: Sequence[date], inputs: Inputs) -> int:
    """One, or whole buckets each; if a bucket has many rows, it has parts of its own."""
    wanted = -(-sum(inputs.landing.size(day) for day in days) // BYTES_AT_ONCE)
    return 1 if wanted <= 1 else inputs.buckets * -(-wanted // inputs.buckets)


def _rate_bounds(rulebook: Rulebook) -> tuple[pl.Expr, pl.Expr]:
    version = version_at(pl.col("occurred_at"), rulebook)
    return (
        value_by_version(version, rulebook, lambda rules: rules.earning.concession_min, pl.Int64),
        value_by_version(version, rulebook, lambda rules: rules.earning.concession_max, pl.Int64),
    )
