"""One thing wrong with a world for which the SPEC says that the run stops, and the exit code."""

import json
from dataclasses import replace
from random import Random
from typing import Literal, get_args

import pyarrow as pa

from tests.world_parts.files import File

Trouble = Literal[
    "missing_day",
    "control_rows",
    "control_amount",
    "too_much_quarantine",
    "float_amount",
    "missing_column",
    "repeated_column",
    "no_members",
    "duplicate_member",
    "unknown_referrer",
    "own_referrer",
    "bad_region",
    "unreadable_rate",
    "binding_of_unknown_merchant",
    "unknown_mentor",
    "mentor_cycle",
    "unknown_level",
    "unknown_promoter",
    "overlapping_agents",
    "shares_above_one",
    "partner_of_unknown_agent",
    "before_first_version",
]
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)

PROMOTERS = "promoter_id,valid_from,mentor_id,starting_level\n"
AGENTS = "agent_id,region_prefix,valid_from,valid_to\n"
PARTNERS = "agent_id,partner_id,share,valid_from,valid_to\n"
MEMBERS = "member_id,joined_at,referrer_id\n"
MERCHANTS = "merchant_id,valid_from,region_code,concession_rate\n"
OLD = "2018-01-01T00:00:00+08:00"
REFERENCES: dict[str, tuple[str, str]] = {
    "duplicate_member": ("members", f"{MEMBERS}1,{OLD},\n2,{OLD},\n1,2018-05-01T00:00:00Z,\n"),
    "unknown_referrer": ("members", f"{MEMBERS}1,{OLD},77\n"),
    "own_referrer": ("members", f"{MEMBERS}1,{OLD},1\n"),
    "bad_region": ("merchants", f"{MERCHANTS}1,{OLD},44030,0.1\n"),
    "unreadable_rate": ("merchants", f"{MERCHANTS}1,{OLD},440305,ten percent\n"),
    "binding_of_unknown_merchant": ("bindings", f"member_id,merchant_id,bound_at\n1,77,{OLD}\n"),
    "unknown_mentor": ("promoters", f"{PROMOTERS}1,2018-01-01,77,\n"),
    "mentor_cycle": ("promoters", f"{PROMOTERS}1,2018-01-01,2,\n2,2018-02-01,3,\n3,2018-03-01,1,\n"),
    "unknown_level": ("promoters", f"{PROMOTERS}1,2018-01-01,,emperor\n"),
    "unknown_promoter": ("merchant_promoters", "merchant_id,promoter_id,valid_from\n1,77,2018-01-01\n"),
    "overlapping_agents": ("agents", f"{AGENTS}1,44,2018-01-01,2018-03-31\n2,44,2018-03-31,\n"),
    "shares_above_one": ("partners", f"{PARTNERS}1,1,0.5,,2018-03-31\n1,2,0.500000000001,2018-03-31,\n"),
    "partner_of_unknown_agent": ("partners", f"{PARTNERS}77,1,0.5,,\n"),
}


def cause(rng: Random, trouble: Trouble, book: str, files: dict[str, File]) -> tuple[str, dict[str, File], int]:
    """The rulebook's text and the files with the trouble in them, and the exit code it has to end in."""
    files = dict(files)
    if trouble in REFERENCES:
        name, text = REFERENCES[trouble]
        _replace_reference(files, name, text)
        if name == "partners":
            _replace_reference(files, "agents", f"{AGENTS}1,44,,\n")
        return book, files, 12
    if trouble == "before_first_version":
        year = book.replace("effective_from = 20", "effective_from = 30")
        return year, files, 10
    if trouble == "no_members":
        _replace_reference(files, "members", None)
        return book, files, 11
    if trouble == "too_much_quarantine":
        book = book.replace('quarantine_limit = "1"', 'quarantine_limit = "0.5"')
    folder = rng.choice(sorted({path.rsplit("/", 1)[0] for path in files if path.startswith("transactions/")}))
    return book, _spoil_day(trouble, folder, files), 11 if trouble == "missing_day" else 12


def _replace_reference(files: dict[str, File], name: str, text: str | None) -> None:
    for ending in ("csv", "parquet"):
        files.pop(f"reference/{name}.{ending}", None)
    if text is not None:
        files[f"reference/{name}.csv"] = File(text)


def _spoil_day(trouble: Trouble, folder: str, files: dict[str, File]) -> dict[str, File]:
    rest = {path: file for path, file in files.items() if not path.startswith(f"{folder}/")}
    if trouble == "missing_day":
        return rest
    row = {
        "txn_id": ["x"],
        "kind": ["purchase"],
        "occurred_at": [f"{folder[-10:]}T12:00:00+08:00"],
        "member_id": ["1"],
        "merchant_id": ["1"],
        "amount": ["12.34"],
        "voucher_amount": [""],
        "concession_rate": [""],
        "original_txn_id": [""],
        "original_date": [""],
        "channel": [""],
    }
    if trouble == "float_amount":
        return rest | {f"{folder}/f.parquet": File(table=pa.table(row | {"amount": [12.5]}))}
    if trouble == "too_much_quarantine":
        row["amount"] = ["nothing"]
    text = ",".join(row) + "\n" + ",".join(cells[0] for cells in row.values()) + "\n"
    file = File(text)
    if trouble == "missing_column":
        file = File(text.replace(",channel", ",kanal"))
    elif trouble == "repeated_column":
        file = replace(file, text=text.replace("\n", ",channel\n", 1).replace(",\n", ",,\n"))
    rest[f"{folder}/f.csv"] = file
    if trouble.startswith("control"):
        told = {"rows": 2 if trouble == "control_rows" else 1}
        amount = "12.35" if trouble == "control_amount" else "12.34"
        rest[f"{folder}/control.json"] = File(json.dumps(told | {"amount": amount}))
    return rest
