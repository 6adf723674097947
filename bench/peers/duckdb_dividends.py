"""Dividends in DuckDB SQL, in the formulations that were tried; `main` takes one by name, the first is the best."""

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

NET = """
    select p.cohort_no, p.holder_id, p.points_fen + coalesce(t.points_fen, 0) as points_fen
    from read_parquet($positions, hive_partitioning = false) as p
    left join taken as t on t.cohort_no = p.cohort_no and t.holder_id = p.holder_id
"""
WIDE = "((points_fen::hugeint * after_pico) // 1000000000000 - (points_fen::hugeint * before_pico) // 1000000000000)"
SPLIT = """
    ((points_fen * (after_pico // 1000000) + points_fen * (after_pico % 1000000) // 1000000) // 1000000
    - (points_fen * (before_pico // 1000000) + points_fen * (before_pico % 1000000) // 1000000) // 1000000)
"""
"""Exact in 64 bits while points stay below 10^12: floor(floor(x / a) / b) is floor(x / (a b))."""
PAID = """
    copy (
        select holder_id, sum({step})::bigint as amount_fen
        from ({net}) as held join rates using (cohort_no)
        group by holder_id having sum({step}) <> 0
    ) to '{out}/paid.parquet' (format parquet, compression zstd)
"""
LISTED = """
    copy (
        select holder_id, sum({step})::bigint as amount_fen
        from (select *, (select list(before_pico order by cohort_no) from rates)[cohort_no] as before_pico,
            (select list(after_pico order by cohort_no) from rates)[cohort_no] as after_pico from ({net}))
        group by holder_id having sum({step}) <> 0
    ) to '{out}/paid.parquet' (format parquet, compression zstd)
"""
WHERE = """
    copy (
        from (select holder_id, sum({step})::bigint as amount_fen
        from ({net}) as held join rates using (cohort_no) group by holder_id)
        where amount_fen <> 0
    ) to '{out}/paid.parquet' (format parquet, compression zstd)
"""
FORMULATIONS = {
    "64 bits in two steps": PAID.replace("{step}", SPLIT),
    "64 bits, filtered after": WHERE.replace("{step}", SPLIT),
    "128 bits": PAID.replace("{step}", WIDE),
    "128 bits, list lookup": LISTED.replace("{step}", WIDE),
}


def main(task: dict[str, Any], out: Path, formulation: str) -> None:
    """Write holder_id, amount_fen."""
    connection = duckdb.connect()
    connection.execute("create temp table rates (cohort_no integer, before_pico bigint, after_pico bigint)")
    connection.executemany("insert into rates values (?, ?, ?)", task["rates"])
    connection.execute("create temp table taken (cohort_no integer, holder_id bigint, points_fen bigint)")
    if task["changes"]:
        connection.execute(
            "insert into taken select cohort_no, holder_id, sum(points_fen)::bigint from"
            " read_parquet($changes, hive_partitioning = false) where pool = $pool group by all",
            {"changes": task["changes"], "pool": task["pool"]},
        )
    net = NET.replace("$positions", str(task["positions"]))
    connection.execute(FORMULATIONS[formulation].format(net=net, out=out))


if __name__ == "__main__":
    chosen = sys.argv[3] if len(sys.argv) > 3 else next(iter(FORMULATIONS))
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]), chosen)
