"""Balances after a run: those before it plus its postings, bucket by bucket."""

from collections import Counter
from datetime import date

import polars as pl

from lake.draft import Draft
from schemas.tables import BALANCES, LEDGER
from schemas.units import WIDE
from transforms.balances import balances


def settle_balances(first: date, rewound: bool, buckets: int, draft: Draft) -> dict[tuple[str, str], int]:
    """Rewrite the balances for postings from `first` on; returns their sums by (holder_kind, asset), in fen.

    `rewound`: days from `first` on were settled before, so the balances before `first` are summed from the ledger.
    """
    old = draft.files(BALANCES)
    draft.keep(BALANCES, bucket=lambda _: False)
    since = date.min if rewound else first
    totals: Counter[tuple[str, str]] = Counter()
    for number in range(buckets):
        low = since.isoformat()
        postings = draft.scan(
            LEDGER,
            business_date=lambda day, low=low: day >= low,  # type: ignore[misc]
            bucket=lambda value, number=number: value == str(number),  # type: ignore[misc]
        )
        before = BALANCES.empty().lazy() if rewound else draft.scan_bucket(BALANCES, old, number)
        after = balances(before, postings).collect()
        draft.append(BALANCES, after)
        sums = after.group_by("holder_kind", "asset").agg(pl.col("balance_fen").cast(WIDE).sum())
        totals.update({(kind, asset): int(fen) for kind, asset, fen in sums.iter_rows()})
    return dict(totals)
