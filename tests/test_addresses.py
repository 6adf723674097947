"""Addresses and patterns are made of paths in `lake.addresses` and `marts.addresses`, and nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("flows", "lake", "marts", "schemas", "simulator", "transforms")
MAKERS = {"lake/addresses.py", "marts/addresses.py"}
TAKEN_FROM = {
    "DeltaTable": {"delta_address"},
    "is_deltatable": {"delta_address"},
    "write_deltalake": {"delta_address"},
    "create_table_with_add_actions": {"delta_address"},
    "connect": {"database", "made_at"},
    "sink_parquet": {"local_path", "PartitionBy"},
    "write_parquet": {"local_path"},
    "write_csv": {"local_path", "file"},
    "PartitionBy": {"local_path"},
    "ParquetFile": {"local_path"},
}
"""What the first argument has to be made by. `made_at`: of `new_database`; `file`: open."""
NEVER = {
    "scan_parquet",
    "read_parquet",
    "scan_csv",
    "scan_ipc",
    "read_delta",
    "scan_delta",
    "write_delta",
    "sink_delta",
    "sink_csv",
    "file_uris",
    "from_uri",
}
"""Calls of a library that take addresses or give them, and that have no place elsewhere."""
PATH_IN_SQL = re.compile(r"(\bread_\w+\(\[?|\bcopy .* to |\battach )'?$", re.IGNORECASE)
IN_SQL = {"file_list", "copied_to"}


def faults(source: str, own: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = called(node)
            made_by = called(node.args[0]) if node.args else None
            if name in TAKEN_FROM and made_by not in TAKEN_FROM[name]:
                yield f"{own}:{node.lineno}: {name} of a path as it is"
            if name in NEVER and isinstance(node.func, ast.Attribute):
                yield f"{own}:{node.lineno}: {name}"
        if isinstance(node, ast.JoinedStr):
            for text, value in zip(node.values, node.values[1:], strict=False):
                said = isinstance(text, ast.Constant) and PATH_IN_SQL.search(str(text.value))
                if said and isinstance(value, ast.FormattedValue) and called(value.value) not in IN_SQL:
                    yield f"{own}:{node.lineno}: a path in SQL"


def called(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None


def test_no_library_is_given_a_path_as_it_is() -> None:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            own = path.relative_to(ROOT).as_posix()
            if own not in MAKERS:
                found += faults(path.read_text(encoding="utf-8"), own)
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "DeltaTable(folder)",
        "deltalake.DeltaTable(str(folder), version=1)",
        "DeltaTable.is_deltatable(str(folder))",
        "write_deltalake(str(path), rows)",
        "duckdb.connect(str(warehouse), read_only=True)",
        "duckdb.connect()",
        "pl.scan_parquet(paths)",
        "pl.read_parquet(path)",
        "rows.lazy().sink_parquet(target)",
        "rows.write_parquet(folder / name)",
        "pl.PartitionBy(folder)",
        "DeltaTable(folder).file_uris()",
        """f"read_parquet([{names}], x)\"""",
        """f"copy it to '{path}' (format csv)\"""",
    ],
)
def test_it_would_be_seen(line: str) -> None:
    assert list(faults(line, "x.py"))
