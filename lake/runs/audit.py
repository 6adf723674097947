"""The audit chain read back: links, records, and every byte of the files that the last run's versions name."""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lake.digest import digest
from lake.runs.head import lost_runs
from lake.runs.integrity import MISSING, Fault, size_of
from lake.runs.log import RunLog
from lake.runs.record import logged, record_path
from lake.runs.run import OLDEST, Run
from lake.tables.files import DataFile, run_of
from lake.tables.store import Store
from schemas.errors import DamagedLakeError
from schemas.tables import TABLES


@dataclass(frozen=True)
class Audit:
    """What was looked at: runs, files and their bytes; `head`: the last run and its hash, for keeping elsewhere."""

    runs: int
    files: int
    bytes: int
    head: dict[str, str] | None
    faults: list[Fault]


@dataclass(frozen=True)
class Origin:
    """The run that wrote a file, and the file's digest then."""

    run_id: str
    sha256: str


@dataclass
class Chain:
    """What the records say, read in order. `files`: table -> path -> origin of the files that the table shall have;
    `whole`: every record could be read, so that `files` is complete."""

    files: dict[str, dict[str, Origin]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    whole: bool = True

    def follow(self, folder: Path, row: dict[str, Any], before: dict[str, Any] | None) -> None:
        """Take in the next run of the log: `row`, after `before`."""
        self.faults += _broken_links(row, before, str(folder / "runs"))
        record = _read_record(folder, row)
        if isinstance(record, Fault):
            self.faults.append(record)
            self.whole = False
            return
        self.faults += _differences(row, record["run"], str(folder / "runs"))
        for table, output in record["outputs"].items():
            held = self.files.setdefault(table, {})
            for path in output["removed"]:
                held.pop(path, None)
            held.update({path: Origin(row["run_id"], sha256) for path, sha256 in output["added"].items()})


def audit(folder: Path) -> Audit:
    """Check the whole chain of the lake `folder`. Nothing is computed anew: it takes as long as reading the files."""
    log = RunLog(folder, OLDEST)
    rows, last, chain = log.frame().to_dicts(), log.last(), Chain()
    chain.faults += [
        Fault(f"the run log has lost runs: {lost}", str(folder), "unknown", "all runs", f"{len(rows)} runs")
        for lost in lost_runs(folder, rows)
    ]
    for row, before in zip(rows, [None, *rows], strict=False):
        chain.follow(folder, row, before)
    if last is None:
        return Audit(0, 0, 0, None, chain.faults)
    files = _named(folder, last, chain)
    chain.faults += _check_files(folder, files, chain)
    head = {"run_id": last.run_id, "record_hash": last.record_hash}
    read = sum(size_of(f"{folder}/{table}/{f.path}") or 0 for table, f in files)
    return Audit(len(rows), len(files), read, head, chain.faults)


def _broken_links(row: dict[str, Any], before: dict[str, Any] | None, log: str) -> Iterator[Fault]:
    links = {"run_no": (before["run_no"] + 1 if before else 1, row["run_no"])}
    links["previous_hash"] = (before["record_hash"] if before else None, row["previous_hash"])
    for name, (expected, found) in links.items():
        if expected != found:
            yield Fault(f"the chain is broken at {name}", log, row["run_id"], str(expected), str(found))


def _read_record(folder: Path, row: dict[str, Any]) -> dict[str, Any] | Fault:
    path = record_path(folder, row["run_id"])
    found = _found(path)
    if found != row["record_hash"]:
        return Fault("a run's record was changed", str(path), row["run_id"], row["record_hash"], found)
    record: dict[str, Any] = json.loads(path.read_bytes())
    return record


def _differences(row: dict[str, Any], recorded: dict[str, Any], log: str) -> Iterator[Fault]:
    found = logged(row)
    for name in sorted(found.keys() | recorded.keys()):
        if found.get(name) != recorded.get(name):
            what = f"the run log's {name} was changed"
            yield Fault(what, log, row["run_id"], str(recorded.get(name)), str(found.get(name)))


def _named(folder: Path, run: Run, chain: Chain) -> list[tuple[str, DataFile]]:
    """Every file that the Delta logs name at the versions of `run`."""
    named: list[tuple[str, DataFile]] = []
    for table, version in run.versions.items():
        try:
            named += [(table, f) for f in Store(folder).files(TABLES[table], version)]
        except DamagedLakeError as fault:
            chain.files.pop(table, None)
            chain.faults.append(Fault(fault.what, fault.where, run.run_id, f"version {version}", "unreadable"))
    return named


def _check_files(folder: Path, files: list[tuple[str, DataFile]], chain: Chain) -> Iterator[Fault]:
    for (table, f), found in zip(files, _all_found(folder / table / f.path for table, f in files), strict=True):
        path, origin = str(folder / table / f.path), chain.files.get(table, {}).pop(f.path, None)
        if origin is not None and origin.sha256 != found:
            yield Fault("a file was changed", path, origin.run_id, origin.sha256, found)
        elif origin is None and chain.whole:
            yield Fault("no run's record has this file", path, run_of(f.path) or "unknown", MISSING, found)
    for table, lost in chain.files.items() if chain.whole else ():
        for name, origin in lost.items():
            path = str(folder / table / name)
            yield Fault("its table names this file no more", path, origin.run_id, origin.sha256, "not named")


def _all_found(paths: Iterable[Path]) -> list[str]:
    with ThreadPoolExecutor() as workers:
        return list(workers.map(_found, paths))


def _found(path: Path) -> str:
    """SHA-256 of the file, or why there is none."""
    try:
        return digest(path)
    except FileNotFoundError:
        return MISSING
    except OSError as fault:
        return f"unreadable: {fault.strerror}"
