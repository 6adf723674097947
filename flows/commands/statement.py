"""`settle statement`: a holder's account with its running balance."""

import datetime
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from flows.commands.app import Day, Given, Whole
from flows.commands.explain import LARGEST_ID, HolderKind
from flows.commands.output import print_json, say
from flows.commands.table_text import table_lines
from marts.statement import Account
from marts.statement import statement as account_of
from schemas.errors import UsageError


def statement(
    holder_kind: HolderKind,
    id_: Annotated[Whole, Parameter(name="ID")],
    /,
    *,
    from_: Annotated[Day | None, Parameter(name="--from")] = None,
    to: Day | None = None,
    given: Given,
) -> None:
    """A holder's account as a bank statement: opening balances, bookings, running balances.

    Parameters
    ----------
    holder_kind
        who it is
    id_
        the holder's id
    from_
        the first business date (default: the first booking)
    to
        the last business date (default: the last settled day)
    """
    if not 1 <= id_ <= LARGEST_ID:
        raise UsageError(f"{id_} is no id", todo=f"ids are whole numbers from 1 on, up to {LARGEST_ID}")
    if from_ and to and from_ > to:
        raise UsageError(f"--from {from_} is after --to {to}", todo="give the earlier day first")
    settled, accounts = account_of(given.warehouse, holder_kind, id_, from_, to)
    if given.as_json:
        named = {"holder_kind": holder_kind, "holder_id": id_, "from": from_, "to": to, "settled_through": settled}
        print_json({**named, "accounts": [asdict(account) for account in accounts]})
        return
    say(f"{holder_kind} {id_}: {_period(from_, to, settled)}" if accounts else f"{holder_kind} {id_}: no bookings")
    for account in accounts:
        say(*_lines(account))


def _period(first: datetime.date | None, last: datetime.date | None, settled: datetime.date) -> str:
    begin = f"from {first}" if first else "from the first booking"
    return f"{begin} to {min(last, settled) if last else settled}"


def _lines(account: Account) -> list[str]:
    entries = [
        (str(each["business_date"]), str(each["value_date"]), each["description"], each["amount"], each["balance"])
        for each in account.entries
    ]
    told = [
        ("", "", "opening balance", "", f"{account.opening:,}"),
        *((*names, f"{amount:,}", f"{balance:,}") for *names, amount, balance in entries),
        ("", "", "closing balance", "", f"{account.closing:,}"),
    ]
    return table_lines(account.asset, ("booked on", "counts from", "what"), ("amount", "balance"), told)
