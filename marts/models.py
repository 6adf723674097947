"""The warehouse's tables and macros: SQL under comments that become their own in the file and in the dictionary."""

import re
from dataclasses import dataclass
from importlib.resources import files

_COLUMN = re.compile(r"(\w+): (.+)")
_MACRO = re.compile(r"create macro (\w+)\(([^)]*)\) as( table\b)?")


@dataclass(frozen=True)
class Mart:
    """One table or view of the warehouse."""

    name: str
    comment: str
    columns: dict[str, str]
    sql: str


@dataclass(frozen=True)
class Macro:
    """One macro of the warehouse. `columns` are what a table macro gives; empty where they are another one's."""

    name: str
    parameters: str
    is_table: bool
    comment: str
    columns: dict[str, str]
    sql: str


def marts() -> list[Mart]:
    """All marts, by name."""
    folder = files("marts").joinpath("sql")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".sql")), key=lambda path: path.name)
    return [parse_mart(path.name.removesuffix(".sql"), path.read_text(encoding="utf-8")) for path in paths]


def macros() -> list[Macro]:
    """All macros that read the tables, in an order in which they can be made."""
    folder = files("marts").joinpath("macros")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".sql")), key=lambda path: path.name)
    texts = [text for path in paths for text in path.read_text(encoding="utf-8").split(";\n")]
    return [parse_macro(text) for text in texts if "create macro" in text]


def parse_macro(text: str) -> Macro:
    """A macro from its statement: comments as those of a mart; others are for its makers."""
    comment, columns = _explained(text)
    sql = _without_comments(text)
    made = _MACRO.match(sql)
    if made is None:
        raise ValueError(f"no macro: {sql[:60]}")
    return Macro(made[1], made[2], made[3] is not None, comment, columns, sql)


def parse_mart(name: str, text: str) -> Mart:
    """A mart from its file: the comment up to an empty comment line is the table's, `name: text` lines are columns'."""
    comment, columns = _explained(text)
    return Mart(name, comment, columns, _without_comments(text))


def _explained(text: str) -> tuple[str, dict[str, str]]:
    head = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    split = [*head, ""].index("")
    columns = {match[1]: match[2] for line in head[split:] if (match := _COLUMN.fullmatch(line))}
    return " ".join(head[:split]), columns


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()
