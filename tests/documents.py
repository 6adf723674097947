"""The documents as what they tell a reader to type: blocks of commands in their order, and what they print."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

HERE = Path(__file__).parent.parent
PAGES = ("README.md", "docs/operations.md", "docs/security.md", "docs/finance.md", "docs/backfill.md")
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
_INDENTED = re.compile(r"(?:^(?:    .*)?\n)*^    .*\n", re.M)
_COMMENT = re.compile(r"\s{2,}#\s.*$")


@dataclass(frozen=True)
class Block:
    """`kind`: the fence's language, or `indented`. `printed`: what the page says that the commands print, by line."""

    page: str
    kind: str
    text: str
    printed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Where it stands, and its first line."""
        return f"{self.page}: {self.text.splitlines()[0]}"

    @property
    def commands(self) -> list[str]:
        """Lines to type, without the remarks beside them."""
        return [_COMMENT.sub("", line) for line in self.text.splitlines()]


def blocks(page: str) -> list[Block]:
    """All blocks of a page that hold something to run, in order."""
    return list(_with_output(_raw(page)))


def _raw(page: str) -> list[Block]:
    text = (HERE / page).read_text(encoding="utf-8")
    found = [(match.start(), match[1], match[2]) for match in _FENCED.finditer(text)]
    bare = _FENCED.sub(lambda match: "x" * (len(match[0]) - 1) + "\n", text)
    assert len(bare) >= len(text)
    found += [(match.start(), "indented", match[0]) for match in _INDENTED.finditer(bare)]
    return [
        Block(page, kind, (dedent(body) if kind == "indented" else body).strip("\n")) for _, kind, body in sorted(found)
    ]


def _with_output(raw: list[Block]) -> Iterator[Block]:
    """A fence with `$` lines holds both; one without language after a lone `settle` line is what that prints."""
    for number, block in enumerate(raw):
        lines = block.text.splitlines()
        if block.kind == "" and block.text.startswith("$ "):
            typed = "\n".join(line[2:] for line in lines if line.startswith("$ "))
            yield Block(block.page, "sh", typed, tuple(line for line in lines if not line.startswith("$ ")))
        elif block.kind == "indented" and not block.text.startswith("settle: "):
            after = raw[number + 1] if number + 1 < len(raw) else block
            told = after.kind == "" and not after.text.startswith("$ ") and block.text.startswith("settle explain")
            yield Block(block.page, "sh", block.text, tuple(after.text.splitlines()) if told else ())
        elif block.kind in ("sh", "sql", "python"):
            yield block


def spans() -> Iterator[tuple[str, str]]:
    """Commands within the text of all pages, as `settle explain HOLDER_KIND ID`: the page, and what stands there."""
    for page in PAGES:
        text = _FENCED.sub("", (HERE / page).read_text(encoding="utf-8"))
        for match in re.finditer(r"`(settle [a-z][^`]*)`", text):
            yield page, " ".join(match[1].split())
