"""Every file of the landing zone is accounted for: read, left alone by its name, or refused by name (SPEC 2 and 14)."""

import os
import socket
from datetime import date
from pathlib import Path

import pytest

from lake.landing.strays import day_files, refuse
from lake.landing.zone import Landing
from schemas.errors import InputRefusedError

DAY = date(2025, 1, 31)
FOLDER = f"transactions/day={DAY}"


def put(root: Path, name: str, content: str = "a\n") -> Path:
    path = root / "landing" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def named(root: Path) -> list[str]:
    """What is refused of the zone and of the day, by its path in the zone."""
    found = Landing(root).strays([DAY])
    return [str(stray.path.relative_to(root / "landing")) for stray in found]


@pytest.mark.parametrize(
    "name",
    [
        *(f"{FOLDER}/{name}" for name in ("b.CSV", "c.csv.gz", "d.xlsx", "e.csv.bak", "f.Parquet", "g", "h.csv ")),
        *(f"{FOLDER}/{name}" for name in ("Control.json", "control.json.bak", "csv", "i.csv\n", "more/a.csv")),
        *(f"{feed}/day={DAY}/p.CSV" for feed in ("payouts", "coin_redemptions")),
        "transactions/a.csv",
        "transactions/control.json",
        "payouts/2025-01-31/p.csv",
        "transactions/day=2025-1-31/a.csv",
        "transactions/day=2025-02-30/a.csv",
        "transactions/day=20250131/a.csv",
        "transactions/Day=2025-01-31/a.csv",
        "transactions/day=2025-01-31 /a.csv",
        "transactions/dy=2025-01-31/a.csv",
        "reference/Promoters.csv",
        "reference/members.csv.gz",
        "reference/members.CSV",
        "reference/control.json",
        "reference/old/members.csv",
        "reference/levels.csv",
        "Transactions/day=2025-01-31/a.csv",
        "transaction/day=2025-01-31/a.csv",
        "refrence/members.csv",
        "payout/day=2025-01-31/p.csv",
    ],
)
def test_what_nothing_reads_is_named(tmp_path: Path, name: str) -> None:
    put(tmp_path, f"{FOLDER}/a.csv")
    put(tmp_path, "reference/members.csv")
    assert named(tmp_path) == []
    put(tmp_path, name)
    assert [stray for stray in named(tmp_path) if name == stray or name.startswith(f"{stray}/")] != []


@pytest.mark.parametrize(
    "name",
    [
        *(f"{FOLDER}/{name}" for name in (".a.csv.swp", "_SUCCESS", "_tmp/a.csv", ".DS_Store", "control.json")),
        *(f"{FOLDER}/{name}" for name in ("b.csv", "积分 #1 [x]{y}%20.parquet", "a.csv.csv")),
        "transactions/_archive/a.csv",
        "transactions/.tmp/day=2025-01-31/a.csv",
        "reference/.members.csv.part",
        "reference/_old/members.csv",
        "_transactions/day=2025-01-31/a.csv",
        "outbox/a.xlsx",
        "README.txt",
    ],
)
def test_what_is_read_or_left_alone_is_not(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    assert named(tmp_path) == []


@pytest.mark.parametrize("place", [f"{FOLDER}/a.csv", f"{FOLDER}/control.json", "reference/members.csv"])
@pytest.mark.parametrize("what", ["fifo", "socket", "device", "to_fifo", "nowhere", "loop", "folder"])
def test_what_is_no_regular_file_is_refused_without_being_opened(tmp_path: Path, what: str, place: str) -> None:
    path = tmp_path / "landing" / place
    path.parent.mkdir(parents=True)
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            here = Path.cwd()
            os.chdir(path.parent)  # a socket's address may not be long
            try:
                listener.bind(path.name)
            finally:
                os.chdir(here)
    else:
        aim = {"device": "/dev/zero", "nowhere": "gone.csv", "loop": path.name, "to_fifo": str(tmp_path / "pipe")}[what]
        if what == "to_fifo":
            os.mkfifo(aim)
        path.symlink_to(aim)
    assert named(tmp_path) == [place]
    with pytest.raises(InputRefusedError):
        refuse(Landing(tmp_path).strays([DAY]))


def test_a_feed_that_is_a_file_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "payouts")
    put(tmp_path, "reference")
    assert sorted(named(tmp_path)) == ["payouts", "reference"]


def test_the_refusal_names_ten_and_counts_the_rest(tmp_path: Path) -> None:
    put(tmp_path, f"{FOLDER}/a.csv")
    for number in range(13):
        put(tmp_path, f"reference/old{number:02}.csv")
    with pytest.raises(InputRefusedError) as caught:
        Landing(tmp_path).require_accounted(None)
    told = str(caught.value)
    assert "old00.csv" in told and "old09.csv" in told and "old10.csv" not in told
    assert "and 3 more" in told


def test_strays_of_days_that_are_settled_stop_no_night(tmp_path: Path) -> None:
    put(tmp_path, f"{FOLDER}/b.CSV")
    Landing(tmp_path).require_accounted(DAY)


@pytest.mark.parametrize("name", ["\x1b[2J.xlsx", "a\u202e.xlsx", "a\n.xlsx"])
def test_a_name_is_shown_in_one_line_without_what_a_terminal_obeys(tmp_path: Path, name: str) -> None:
    put(tmp_path, f"{FOLDER}/{name}")
    (stray,) = Landing(tmp_path).strays([DAY])
    assert str(stray).isprintable()


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    put(tmp_path, f"{FOLDER}/a.csv")
    path = tmp_path / "landing" / FOLDER / "a.csv"
    path.rename(path.with_name(os.fsdecode(b"\xff.csv")))
    (stray,) = Landing(tmp_path).strays([DAY])
    assert "not UTF-8" in stray.why


def test_files_before_the_first_day_are_refused_but_for_transactions(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    put(tmp_path, "payouts/day=2025-01-30/p.csv")
    put(tmp_path, "payouts/day=2025-01-31/p.csv")
    put(tmp_path, "transactions/day=2025-01-30/a.csv")
    landing.require_read_from(date(2025, 1, 30))
    with pytest.raises(InputRefusedError, match="before 2025-01-31, the first day with transactions"):
        landing.require_read_from(DAY)


def test_the_files_of_a_day(tmp_path: Path) -> None:
    for name in (f"{FOLDER}/b.csv", f"{FOLDER}/control.json", f"{FOLDER}/_x", f"payouts/day={DAY}/p.parquet"):
        put(tmp_path, name)
    found = day_files(tmp_path / "landing", DAY)
    assert list(found) == ["transactions/b.csv", "transactions/control.json", "payouts/p.parquet"]
