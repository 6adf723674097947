"""Tables of an answer as plain lines: every figure whole, at any width of the terminal, and whoever reads them."""

import io
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from schemas.shown import shown

NO_EDGE: Final = 100_000
"""Columns of the paper: a table is as wide as what it holds, and a terminal breaks lines that are longer than it is."""


class _Paper(io.StringIO):
    """What is drawn on; its encoding decides whether lines are drawn or made of dashes."""

    encoding = "utf-8"


def table_lines(title: str, names: Sequence[str], figures: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table, its title above it. `names`: columns on the left; `figures`: columns on the right, after them."""
    table = Table(box=SIMPLE_HEAD, title=shown(title), title_justify="left")
    for name in names:
        table.add_column(name, no_wrap=True)
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(shown, row))
    return list(_drawn(table))


def _drawn(table: Table) -> Iterator[str]:
    paper = _Paper()
    paper.encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    Console(file=paper, width=NO_EDGE, color_system=None, markup=False, emoji=False, highlight=False).print(table)
    yield from (line.rstrip() for line in paper.getvalue().removesuffix("\n").split("\n"))
