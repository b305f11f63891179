"""Catalogues: scan millions of pictures, on one machine or on many, interrupted and resumed.

A *source* gives *items*; stretches of items are *parts*; `work.judge` makes of each item a record, and the records of a
part are one file of the results. A part that is there is done, which is all that resuming and sharing work rest on.
"""

from __future__ import annotations

from unframe.catalogue.item import Column, Item, Part, Shard, Source, parts
from unframe.catalogue.sources import open_source
from unframe.catalogue.work import Cleaning, Measure, Work, judge

__all__ = [
    "Cleaning",
    "Column",
    "Item",
    "Measure",
    "Part",
    "Shard",
    "Source",
    "Work",
    "judge",
    "open_source",
    "parts",
]
