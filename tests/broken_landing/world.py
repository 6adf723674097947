"""The sound landing zone: two days, the second of which is broken; every file by its path, in bytes."""

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from tests.tiny import HEADER, MEMBERS, MERCHANTS, REFERENCES, RULES, day, purchase, refund

FIRST, SECOND = day(1), day(2)
RULEBOOK = (
    RULES.replace("quarantine_min_rows = 100", "quarantine_min_rows = 1000000")
    .replace('name = "consumer"', 'name = "积分池 {1} #%20"')
    .replace('name = "merchant"', 'name = "[商家] *?=;"')
    .replace('code = "junior"', 'code = "=1+1"')
)
"""Quarantine stops no run: how many rows are bad is not the question here. Names are as odd as they may be."""
SALES = f"transactions/day={SECOND}"
PAYOUTS = f"payouts/day={SECOND}"
COINS = f"coin_redemptions/day={SECOND}"


@dataclass
class Zone:
    """`files`: content by path below `landing/`; `made`: by path, what else to make there: `dir`, `fifo`, `socket`,
    `link:x`."""

    files: dict[str, bytes]
    made: dict[str, str] = field(default_factory=dict)

    def write(self, landing: Path) -> None:
        """Write all of it."""
        for name in [name for name in self.files if name not in self.made]:
            path = landing / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.files[name])
        for name, what in self.made.items():
            path = landing / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if what == "dir":
                path.mkdir(exist_ok=True)
            elif what == "fifo":
                os.mkfifo(path)
            elif what == "socket":
                _socket(path)
            else:
                path.symlink_to(what.removeprefix("link:"))


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address may not be long
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(here)


def sound() -> Zone:
    """Purchases, refunds, payouts, coins, and two rows that are quarantined, without anything broken."""
    first = [purchase("a1", 1, "3000.00"), purchase("a2", 1, "500.00", 2, merchant=2)]
    second = [
        purchase("b1", 2, "120.50"),
        purchase("b2", 2, "9.90", 2),
        purchase('"b,3"', 2, "77.00", 2, merchant=2),
        refund("r1", 2, "100.00", "a1", 1),
        purchase("b4", 2, "12.345"),
        purchase("b5", 2, "1.00", 99),
        purchase("b6", 2, "30.00", voucher="1.00"),
    ]
    at = f"{SECOND}T12:00:00+08:00"
    return Zone(
        {
            f"transactions/day={FIRST}/a.csv": _csv(HEADER, *first),
            f"{SALES}/a.csv": _csv(HEADER, *second[:4]),
            f"{SALES}/b.csv": _csv(HEADER, *second[4:]),
            f"{PAYOUTS}/p.csv": _csv(
                "payout_id,occurred_at,holder_kind,holder_id,asset,amount", f"p1,{at},merchant,1,cash,5.00"
            ),
            f"{COINS}/c.csv": _csv("redemption_id,occurred_at,holder_kind,holder_id,coins", f"c1,{at},member,1,2.50"),
            "reference/members.csv": _csv(REFERENCES["members"], *MEMBERS),
            "reference/merchants.csv": _csv(REFERENCES["merchants"], *MERCHANTS),
        }
    )


def _csv(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()
