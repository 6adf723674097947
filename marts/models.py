"""The warehouse's tables, one SQL file each: a SELECT, under comments that become the table's and columns' own."""

import re
from dataclasses import dataclass
from importlib.resources import files

_COLUMN = re.compile(r"(\w+): (.+)")


@dataclass(frozen=True)
class Mart:
    """One table or view of the warehouse."""

    name: str
    comment: str
    columns: dict[str, str]
    sql: str


def marts() -> list[Mart]:
    """All marts, by name."""
    folder = files("marts").joinpath("sql")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".sql")), key=lambda path: path.name)
    return [parse_mart(path.name.removesuffix(".sql"), path.read_text(encoding="utf-8")) for path in paths]


def macros() -> list[str]:
    """Statements that create the warehouse's macros, in an order in which they can be made."""
    folder = files("marts").joinpath("macros")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".sql")), key=lambda path: path.name)
    texts = [_without_comments(path.read_text(encoding="utf-8")) for path in paths]
    return [statement for text in texts for statement in text.split(";") if "create" in statement]


def parse_mart(name: str, text: str) -> Mart:
    """A mart from its file: the comment up to an empty comment line is the table's, `name: text` lines are columns'."""
    lines = text.splitlines()
    head = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    split = head.index("")
    columns = {match[1]: match[2] for line in head[split:] if (match := _COLUMN.fullmatch(line))}
    return Mart(name, " ".join(head[:split]), columns, _without_comments(text))


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()
