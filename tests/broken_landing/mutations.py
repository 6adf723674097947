"""Ways to break a landing zone. Each takes a generator and the zone, changes it, and says what it did."""

import gzip
import json
from collections.abc import Callable
from random import Random

from tests.broken_landing.world import COINS, PAYOUTS, SALES, SECOND, Zone

Mutation = Callable[[Random, Zone], str]
FEEDS = (f"{SALES}/a.csv", f"{SALES}/b.csv", f"{PAYOUTS}/p.csv", f"{COINS}/c.csv")


def _target(rng: Random, zone: Zone) -> str:
    """A file that has something to be broken, mostly of a feed."""
    references = ("reference/members.csv", "reference/merchants.csv")
    there = [name for name in (*FEEDS * 3, *references) if zone.files.get(name)]
    if not there:
        zone.files[references[0]] = b"x"
    return rng.choice(there or references[:1])


def _splice(text: bytes) -> Mutation:
    """Put some bytes somewhere into a file."""

    def mutate(rng: Random, zone: Zone) -> str:
        name = _target(rng, zone)
        content = zone.files[name]
        place = rng.randrange(len(content) + 1)
        zone.files[name] = content[:place] + text + content[place:]
        return f"{text!r} into {name} at {place}"

    return mutate


def random_byte(rng: Random, zone: Zone) -> str:
    name = _target(rng, zone)
    content = bytearray(zone.files[name])
    content[rng.randrange(len(content))] = rng.randrange(256)
    zone.files[name] = bytes(content)
    return f"a byte of {name}"


def drop_a_byte(rng: Random, zone: Zone) -> str:
    name = _target(rng, zone)
    place = rng.randrange(len(zone.files[name]))
    zone.files[name] = zone.files[name][:place] + zone.files[name][place + 1 :]
    return f"{name} without byte {place}"


def cut_off(rng: Random, zone: Zone) -> str:
    name = _target(rng, zone)
    zone.files[name] = zone.files[name][: rng.randrange(len(zone.files[name]))]
    return f"{name} cut off"


def twice(rng: Random, zone: Zone) -> str:
    name = _target(rng, zone)
    content = zone.files[name]
    begin, end = sorted((rng.randrange(len(content)), rng.randrange(len(content))))
    zone.files[name] = content[:end] + content[begin:]
    return f"{name} with bytes {begin} to {end} twice"


def _whole(change: Callable[[bytes], bytes], what: str) -> Mutation:
    def mutate(rng: Random, zone: Zone) -> str:
        name = _target(rng, zone)
        zone.files[name] = change(zone.files[name])
        return f"{name}: {what}"

    return mutate


def _quoted(content: bytes) -> bytes:
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    cells = [",".join(f'"{cell}"' for cell in line.split(",")) if line and '"' not in line else line for line in lines]
    return "\n".join(cells).encode("utf-8", "surrogateescape")


def _extra(cell: str) -> Mutation:
    """An ignored column with this cell in every row."""

    def change(content: bytes) -> bytes:
        head, *rows = content.decode("utf-8", "surrogateescape").split("\n")
        lines = [f"{head},memo", *(f"{row},{cell}" if row else row for row in rows)]
        return "\n".join(lines).encode("utf-8", "surrogateescape")

    return _whole(change, f"a column with {cell[:20]!r}")


def _named(name: str, *, like: str = f"{SALES}/a.csv") -> Mutation:
    """A file's content under another name beside it."""

    def mutate(rng: Random, zone: Zone) -> str:
        zone.files[name] = zone.files.get(like, b"")
        return f"{name} beside"

    return mutate


def _renamed(old: str, new: str) -> Mutation:
    def mutate(rng: Random, zone: Zone) -> str:
        if old in zone.files:
            zone.files[new] = zone.files.pop(old)
        return f"{old} as {new}"

    return mutate


def _made(name: str, what: str) -> Mutation:
    def mutate(rng: Random, zone: Zone) -> str:
        zone.files.pop(name, None)
        zone.made[name] = what
        return f"{what} as {name}"

    return mutate


def packed(rng: Random, zone: Zone) -> str:
    zone.files[f"{SALES}/c.csv.gz"] = gzip.compress(zone.files.get(f"{SALES}/a.csv", b""), mtime=0)
    return "a .gz"


def a_control(rng: Random, zone: Zone) -> str:
    wrong = rng.random() < 0.5
    amount = "250.745" if not wrong else "250.74"
    zone.files[f"{SALES}/control.json"] = json.dumps({"rows": 7, "amount": amount}).encode()
    return "a control that may be wrong"


def a_garbled_control(rng: Random, zone: Zone) -> str:
    zone.files[f"{SALES}/control.json"] = rng.choice([b"", b"{", b"[]", b'{"rows": 1}', b'{"rows": -1, "amount": "x"}'])
    return "a garbled control"


def no_day(rng: Random, zone: Zone) -> str:
    for name in [name for name in zone.files if name.startswith(SALES)]:
        del zone.files[name]
    return "no transactions"


SPLICES = (
    *(b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"'", b"="),
    *(b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\x1b[2J"),
)
HOSTILE = (
    *(b"=1+1", b"+1", b"@a", b"\x1b]0;title\x07", b"\x08\x08", b"\x7f", "\u2028".encode(), "\ufeff".encode()),
    *("积分池".encode(), "Ａ１".encode(), "٣".encode(), b"%s%n", b"../../x", b"'; drop table ledger; --", b"{{x}}"),
)
"""Texts that a terminal, a spreadsheet, a database or a template would take for something to do."""
MUTATIONS: tuple[Mutation, ...] = (
    *map(_splice, SPLICES),
    *map(_splice, (b'"x"', b'"1,5"', b",,,\n", b"x" * 200_000, "合计".encode(), b"1,234.50", b'\n"')),
    random_byte,
    drop_a_byte,
    cut_off,
    twice,
    _whole(lambda content: content.replace(b"\n", b"\r\n"), "CRLF"),
    _whole(lambda content: content.replace(b"\n", b"\r"), "CR"),
    _whole(lambda content: content.rstrip(b"\n"), "no last line end"),
    _whole(lambda content: content + "合计,1笔,100.00".encode(), "a trailer without a line end"),
    _whole(lambda content: content + "合计,1笔,100.00\n".encode(), "a trailer"),
    _whole(lambda content: b"\n\n" + content.replace(b"\n", b"\n\n"), "blank lines"),
    _whole(lambda content: b"\xef\xbb\xbf" + content, "a byte order mark"),
    _whole(lambda content: content.decode("utf-8", "replace").encode("utf-16"), "UTF-16"),
    _whole(lambda content: content.split(b"\n", 1)[0] + b"\n", "the header alone"),
    _whole(lambda content: b"", "empty"),
    _whole(lambda content: content.split(b"\n", 1)[-1], "no header"),
    _whole(lambda content: content.replace(b"amount", b"Amount", 1), "another header"),
    _whole(_quoted, "quoted"),
    *map(_extra, ('"a ""b"" c"', '5" wide', '"open', 'x"y"', '"two\nlines"', '"crlf\r\n"', "'", "y" * 150_000)),
    _named(f"{SALES}/B.CSV"),
    _named(f"{SALES}/a.csv.bak"),
    _named(f"{SALES}/a.xlsx"),
    _named(f"{SALES}/Thumbs.db"),
    _named(f"{SALES}/.a.csv.swp"),
    _named(f"{SALES}/_SUCCESS"),
    _named(f"{SALES}/again.csv"),
    _named(f"{SALES}/#1 [x]{{y}} %20.csv"),
    _named(f"{SALES}/more/a.csv"),
    _named("transactions/a.csv"),
    _named("transactions/day=2019-2-30/a.csv"),
    _named("transactions/day=2019-02-30/a.csv"),
    _named(f"transactions/Day={SECOND}/a.csv"),
    _named("reference/members.csv.bak", like="reference/members.csv"),
    _named("reference/Promoters.csv", like="reference/members.csv"),
    _named("reference/old/members.csv", like="reference/members.csv"),
    _renamed(f"{SALES}/a.csv", f"{SALES}/a.parquet"),
    _renamed(f"{PAYOUTS}/p.csv", f"{PAYOUTS}/p.CSV"),
    _made(f"{SALES}/d.csv", "dir"),
    _made(f"{SALES}/pipe.csv", "fifo"),
    _made(f"{SALES}/l.csv", "link:a.csv"),
    _made(f"{SALES}/n.csv", "link:nowhere.csv"),
    _made(f"reference/bindings.csv", "fifo"),  # noqa: F541
    _made(f"{SALES}/s.csv", "socket"),
    _made(f"{SALES}/z.csv", "link:/dev/zero"),
    _made(f"{PAYOUTS}/x.csv", "link:/dev/null"),
    _made(f"{COINS}/t.parquet", "fifo"),
    _made(f"{SALES}/control.json", "fifo"),
    _made("reference/bindings.parquet", "link:/dev/zero"),
    *(
        _named(f"{SALES}/{name}.csv")
        for name in ("积分 池", "'--", "\x1b[2J", "\u202egpj", "a\nb", "=1+1", "{x}*?", "\\")
    ),
    *map(_splice, HOSTILE),
    *map(_extra, ("=HYPERLINK(1)", "\x1b]0;x\x07", "\u202e", "@SUM(1)")),
    packed,
    a_control,
    a_garbled_control,
    no_day,
)


def broken(seed: int, zone: Zone) -> list[str]:
    """Break the zone by a seed, mostly in one way; what was done."""
    rng = Random(seed)
    chosen = [MUTATIONS[seed % len(MUTATIONS)], *rng.choices(MUTATIONS, k=rng.choice((0, 0, 0, 1, 2)))]
    return [mutate(rng, zone) for mutate in chosen]
