"""The answers in docs/finance.md: every query under "Twenty questions" is followed by what it gives on the demo.

`make answers` writes them anew; the test only compares.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

NO_ROWS = "*No rows.*"
_QUESTION = re.compile(r"```sql\n(?P<block>.*?)```\n\n(?P<answer>(?:\|[^\n]*\n)+|\*No rows\.\*\n)", re.S)
_SECTION = re.compile(r"## Twenty questions\n.*?(?=\n## )", re.S)


def section(page: str) -> str:
    """The text from the heading "Twenty questions" to the next of its level."""
    found = _SECTION.search(page)
    assert found
    return found[0]


def queries(block: str) -> list[str]:
    return [query.strip() for query in block.split(";") if query.strip()]


def questions(page: str) -> Iterator[tuple[str, str]]:
    """Every query block of the section with the answer that stands below it."""
    for match in _QUESTION.finditer(section(page)):
        yield match["block"], match["answer"].strip()


def answer(warehouse: Path, block: str) -> str:
    """What a block of queries gives, as Markdown tables; several without rows have one answer."""
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        return "\n\n".join(dict.fromkeys(_table(reader.sql(query)) for query in queries(block)))


def answered(page: str, warehouse: Path) -> str:
    """The page with the answers of a warehouse."""

    def anew(match: re.Match[str]) -> str:
        return f"```sql\n{match['block']}```\n\n{answer(warehouse, match['block'])}\n"

    return page.replace(section(page), _QUESTION.sub(anew, section(page)))


def _table(given: duckdb.DuckDBPyRelation) -> str:
    rows = given.fetchall()
    if not rows:
        return NO_ROWS
    numbers = [str(kind).startswith(("DECIMAL", "BIGINT", "INTEGER", "HUGEINT", "DOUBLE")) for kind in given.types]
    lines = [given.columns, ["---:" if number else "---" for number in numbers]]
    lines += [[_cell(value) for value in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    place = Path(sys.argv[2])
    place.write_text(answered(place.read_text(encoding="utf-8"), Path(sys.argv[1])), encoding="utf-8")
