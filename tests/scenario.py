"""Scenarios as folders (tests/scenarios/README.md): how `when/` lands, and by which rules it is settled."""

import csv
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.oracle.feeds import FEEDS

SCENARIOS = Path(__file__).parent / "scenarios"
DEFAULTS = SCENARIOS / "defaults"
WORDS_OF_OURS = ("day", "file", "run")
Row = dict[str, str]


@dataclass(frozen=True)
class Settling:
    """One run: the days it settles, and whose quarantine the operator accepts in it."""

    number: int
    first: date
    last: date
    accept: frozenset[date]


def scenarios() -> list[Path]:
    return sorted(SCENARIOS.glob("*/given_*"))


def is_refused(folder: Path) -> bool:
    return (folder / "then" / "refused.toml").exists()


def name_of(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_settings(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def settlings(folder: Path) -> list[Settling]:
    """The runs in their order."""
    told = read_settings(folder / "settle.toml")
    days = [row["day"] for _, rows in feeds_of(folder) for row in rows]
    found = {"first": min(days, default=""), "last": max(days, default="")}
    known = {key: date.fromisoformat(day) for key, day in found.items() if day} | told
    return [
        Settling(number, run["first"], run["last"], frozenset(run.get("accept", ())))
        for number, run in enumerate((known | own for own in told.get("run", [{}])), start=1)
    ]


def feeds_of(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """The feeds that `when/` has."""
    for feed in FEEDS:
        path = folder / "when" / f"{feed}.csv"
        if path.exists():
            yield feed, read_rows(path)


def versions(folder: Path) -> list[dict[str, Any]]:
    """The scenario's rulebook, version by version."""
    own = read_settings(folder / "rules.toml")
    later = own.pop("later", [])
    book = [merged(read_settings(DEFAULTS / "rulebook.toml"), own)]
    for change in later:
        book.append(merged(book[-1], change))
    return book


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` over `base`, table by table. Lists are replaced; a pool starts from the default of its holder."""
    unknown = own.keys() - base.keys()
    assert not unknown, f"no such key in the default rulebook: {unknown}"
    result = {**base, **own}
    for key, value in own.items():
        if isinstance(value, dict):
            result[key] = merged(base[key], value)
    if "pools" in own:
        defaults = read_settings(DEFAULTS / "rulebook.toml")["pools"]
        by_holder = {pool["holder"]: pool for pool in defaults}
        result["pools"] = [merged(by_holder[pool["holder"]], pool) for pool in own["pools"]]
    return result


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {as_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(inner) for inner in value) + "]"
    return value.isoformat() if isinstance(value, datetime) else json.dumps(value, ensure_ascii=False)


def lay_out(folder: Path, root: Path, run: Settling) -> Path:
    """Write `landing/` as it stands before the run, and the rulebook. Returns the rulebook's path."""
    missing = read_settings(folder / "settle.toml").get("missing", [])
    for day in (run.first + timedelta(days=n) for n in range((run.last - run.first).days + 1)):
        if day not in missing:
            write_csv(root / "landing" / "transactions" / f"day={day}" / "a.csv", FEEDS["transactions"], [])
    for feed, rows in feeds_of(folder):
        _land(root / "landing" / feed, feed, [row for row in rows if int(row.get("run", 1)) <= run.number])
    _land_controls(folder / "when" / "control.csv", root / "landing" / "transactions")
    _land_references(folder / "when", root / "landing" / "reference")
    book = root / "rulebook.toml"
    tables = ["\n".join(f"{key} = {as_toml(value)}" for key, value in rules.items()) for rules in versions(folder)]
    book.write_text("".join(f"[[rules]]\n{table}\n" for table in tables), encoding="utf-8")
    return book


def _land(folder: Path, feed: str, rows: list[Row]) -> None:
    files = {(row["day"], row.get("file", "a")) for row in rows}
    for day, file in files:
        here = [row for row in rows if (row["day"], row.get("file", "a")) == (day, file)]
        filled = [_defaults(day) | row for row in here]
        unknown = here[0].keys() - {*FEEDS[feed], *WORDS_OF_OURS}
        assert not unknown, f"no such column in {feed}: {unknown}"
        write_csv(folder / f"day={day}" / f"{file}.csv", FEEDS[feed], filled)


def _defaults(day: str) -> Row:
    """What a column holds that a scenario leaves out."""
    noon = f"{day}T12:00:00+08:00"
    return {"kind": "purchase", "occurred_at": noon, "member_id": "1", "merchant_id": "1"}


def _land_controls(path: Path, folder: Path) -> None:
    for row in read_rows(path) if path.exists() else ():
        told = {"rows": int(row["rows"]), "amount": row["amount"]}
        (folder / f"day={row['day']}" / "control.json").write_text(json.dumps(told), encoding="utf-8")


def _land_references(when: Path, reference: Path) -> None:
    own = {path.name: path for path in when.glob("*.csv")}
    reference.mkdir(parents=True, exist_ok=True)
    for name, path in ({path.name: path for path in DEFAULTS.glob("*.csv")} | own).items():
        if path.stem not in {*FEEDS, "control"}:
            (reference / name).write_bytes(path.read_bytes())


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
