"""A catalogue on Spark: the function that `unframe scan` calls, under ``mapInPandas``.

    pip install pyspark '.[scan]'      # in a clone
    spark-submit examples/integrations/spark_scan.py pictures.parquet results.parquet

The list has a column ``path``, of addresses that every executor can read; its other columns are carried through. A
picture that cannot be read is a row with ``status`` error. Where a run is cut short, Spark's own ways apply: what was
not written is done again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

import unframe
from unframe.catalogue.item import File, Item
from unframe.catalogue.records import FAILED, JUDGED
from unframe.catalogue.work import judge

TYPES = {
    "text": "string",
    "integer": "long",
    "number": "double",
    "flag": "boolean",
    "texts": "array<string>",
    "box": "array<int>",
}
RESULT = (*JUDGED, *FAILED)


def judged(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The records of a partition's batches of rows, which have a column ``path``; other columns stay as they are."""
    detector = unframe.Detector.load()
    names = [each.name for each in RESULT]
    for rows in batches:
        records = list(judge((Item(path, File(path)) for path in rows["path"]), detector))
        found = pd.DataFrame(records, columns=names, dtype=object).where(lambda frame: frame.notna(), None)
        yield pd.concat([found, rows.drop(columns="path").reset_index(drop=True)], axis=1)


def scan(pictures: DataFrame) -> DataFrame:
    """Judge the pictures of a list; lazily, as all of Spark."""
    own = [f"`{each.name}` {TYPES[each.kind]}" for each in RESULT]
    carried = [f"`{name}` {kind}" for name, kind in pictures.dtypes if name != "path"]
    return pictures.mapInPandas(judged, ", ".join([*own, *carried]))


def main(source: str, output: str, **options: Any) -> None:
    """Read a list, judge its pictures, write their records."""
    spark = SparkSession.builder.getOrCreate()
    scan(spark.read.parquet(source)).write.parquet(output, **options)


if __name__ == "__main__":
    main(*sys.argv[1:])
