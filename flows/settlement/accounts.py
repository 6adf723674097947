"""Balances after a run: those before it plus its postings, bucket by bucket."""

from datetime import date

from lake.draft import Draft
from schemas.tables import BALANCES, LEDGER
from transforms.balances import balances


def settle_balances(first: date, rewound: bool, buckets: int, draft: Draft) -> None:
    """Rewrite the balances for postings from `first` on.

    `rewound`: days from `first` on were settled before, so the balances before `first` are summed from the ledger.
    """
    old = draft.files(BALANCES)
    draft.keep(BALANCES, bucket=lambda _: False)
    since = date.min if rewound else first
    for number in range(buckets):
        low = since.isoformat()
        postings = draft.scan(
            LEDGER,
            business_date=lambda day, low=low: day >= low,  # type: ignore[misc]
            bucket=lambda value, number=number: value == str(number),  # type: ignore[misc]
        )
        before = BALANCES.empty().lazy() if rewound else draft.scan_bucket(BALANCES, old, number)
        draft.append(BALANCES, balances(before, postings).collect())
