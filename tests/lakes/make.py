"""Settle the world of a kept lake by the program that is installed: `python -m tests.lakes.make FOLDER`.

`format_3.tar.gz` was made so by the last program of format 3. It has what an upgrade must keep: a close, two
restatements, an accepted quarantine, two editions of the rulebook, a month's end, refunds of closed cohorts, and
balances below zero of every asset.
"""

import shutil
import sys
from pathlib import Path

from flows.commands.main import run
from tests.tiny import HEADER, RULES, day, purchase, refund, write_tiny

LAST = 35
LATER = RULES.replace("2018-01-01T00:00:00+08:00", "2019-03-29T00:00:00+08:00").replace('"0.005"', '"0.006"')
INTAKE = {"quarantine_min_rows = 100": "quarantine_min_rows = 4"}
DAYS = {
    1: [purchase("a1", 1, "3000.00"), purchase("a2", 1, "500.00", 2, merchant=2)],
    2: [purchase("b1", 2, "4000.00", 2), purchase("b2", 2, "900.00", voucher="800.00")],
    5: [purchase("c1", 5, "900.00", 3), refund("c2", 5, "100.00", "a1", 1)],
    9: [
        purchase("d1", 9, "12.345"),
        purchase("d2", 9, "1.00", 77),
        *(purchase(f"d{n}", 9, "10.00") for n in range(3, 7)),
    ],
    20: [purchase("e1", 20, "9000.00"), refund("e2", 20, "1500.00", "b1", 2, member=2)],
    31: [purchase("f1", 31, "700.00", 3, merchant=2)],
    34: [purchase("g1", 34, "8000.00", 2, merchant=2), "torn"],
}
REFERENCE = {
    "bindings": ["1,1,2018-02-01T00:00:00+08:00", "2,2,2018-02-01T00:00:00+08:00"],
    "promoters": ["1,2018-01-01,,junior", "2,2018-01-01,1,"],
    "merchant_promoters": ["1,2,2018-01-01", "2,1,2018-01-01"],
    "agents": ["1,44,2018-01-01,", "2,3101,2018-01-01,"],
    "partners": ["1,1,0.5,2018-01-01,"],
}
PAYOUTS = ["payout_id,occurred_at,holder_kind,holder_id,asset,amount"]
COINS = ["redemption_id,occurred_at,holder_kind,holder_id,coins"]


def make(root: Path) -> None:
    """Write the world into `root` and settle it in nine runs."""
    landing, book = write_tiny(root, DAYS, LAST, rules=INTAKE, **REFERENCE)
    _feed(landing, "payouts", 6, [*PAYOUTS, f"p1,{day(6)}T12:00:00+08:00,merchant,2,cash,9999.00"])
    _feed(landing, "payouts", 32, [*PAYOUTS, f"p2,{day(32)}T12:00:00+08:00,promoter,2,cash,20000.00"])
    _feed(landing, "coin_redemptions", 7, [*COINS, f"k1,{day(7)}T12:00:00+08:00,member,3,99999.00"])
    _settle(root, "nightly", "--date", str(day(5)))
    _settle(root, "close", "--through", str(day(3)))
    _feed(landing, "transactions", 2, [HEADER, purchase("b3", 2, "333.33", 3)], "b.csv")
    _settle(root, "backfill", "--from", str(day(2)), "--to", str(day(2)), "--restate")
    _settle(root, "nightly", "--date", str(day(9)), "--accept-quarantine", str(day(9)))
    _settle(root, "nightly", "--date", str(day(20)))
    _settle(root, "close", "--through", str(day(12)))
    (landing / "transactions" / f"day={day(5)}" / "a.csv").write_text(f"{HEADER}\n{DAYS[5][1]}\n", encoding="utf-8")
    _settle(
        root, "backfill", "--from", str(day(5)), "--to", str(day(5)), "--restate", "--accept-quarantine", str(day(9))
    )
    later = "\n".join([book.read_text(encoding="utf-8"), LATER])
    book.write_text(later, encoding="utf-8")
    _settle(root, "nightly", "--date", str(day(33)))
    _settle(root, "nightly", "--date", str(day(34)))


def _feed(landing: Path, feed: str, number: int, lines: list[str], name: str = "a.csv") -> None:
    folder = landing / feed / f"day={day(number)}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _settle(root: Path, *arguments: str) -> None:
    direct = ["--direct"] if arguments[0] in ("nightly", "backfill") else []
    places = [
        "--root",
        str(root),
        "--warehouse",
        str(root / "warehouse.duckdb"),
        "--rulebook",
        str(root / "rulebook.toml"),
    ]
    code = run([*places, *arguments, *direct])
    assert code == 0, f"{arguments}: {code}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    make(target)
