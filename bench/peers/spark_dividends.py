"""Dividends in PySpark on this machine alone. Runs under an interpreter that has pyspark, and needs a Java runtime."""

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession, functions

PICO = 10**12


def main(task: dict, out: Path) -> None:  # type: ignore[type-arg]
    """Write holder_id, amount_fen. Decimals of 38 digits hold any product; a position is never negative."""
    spark = (
        SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false").config("spark.driver.memory", "8g")
    )
    session = spark.config("spark.sql.shuffle.partitions", "8").getOrCreate()
    held = session.read.parquet(*task["positions"]).select("cohort_no", "holder_id", "points_fen")
    if task["changes"]:
        changes = session.read.parquet(*task["changes"]).where(functions.col("pool") == task["pool"])
        taken = changes.groupBy("cohort_no", "holder_id").agg(functions.sum("points_fen").alias("taken_fen"))
        held = held.join(functions.broadcast(taken), ["cohort_no", "holder_id"], "left")
        held = held.withColumn(
            "points_fen", functions.col("points_fen") + functions.coalesce("taken_fen", functions.lit(0))
        )
    rates = session.createDataFrame(task["rates"], "cohort_no int, before long, after long")

    def entitled(rate: str) -> str:
        return f"cast(cast(points_fen as decimal(18,0)) * cast({rate} as decimal(19,0)) div {PICO} as bigint)"

    steps = held.join(functions.broadcast(rates), "cohort_no").select(
        "holder_id", functions.expr(f"{entitled('after')} - {entitled('before')}").alias("step")
    )
    paid = steps.groupBy("holder_id").agg(functions.sum("step").alias("amount_fen")).where("amount_fen <> 0")
    paid.write.mode("overwrite").option("compression", "zstd").parquet(str(out / "paid"))
    session.stop()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
