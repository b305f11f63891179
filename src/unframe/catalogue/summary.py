"""What a scan comes to: shares by verdict, kind, source and marketplace, and what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from unframe.catalogue.addresses import is_remote, shown
from unframe.catalogue.compliance import standing
from unframe.catalogue.item import Column
from unframe.removal.profiles import PROFILES
from unframe.types import VERDICTS

GROUPS = ("seller", "shop", "vendor", "merchant", "source", "archive")
"""Columns that may say where a picture comes from, in the order in which they are looked for."""

MOST_GROUPS = 1000
"""Sources that are counted by themselves; those that come later are counted together."""

OTHERS = "(others)"


class Summary:
    """Counts records; of any number of them in the same memory.

    Args:
        columns: The columns of the records.
        root: The source's address: pictures below it are grouped by their first folder.
        by: The column to group by; the first of `GROUPS` that there is when omitted, else folder or host.
        profiles: Marketplaces to hold the pictures against.
    """

    def __init__(
        self,
        columns: Sequence[Column] = (),
        root: str = "",
        by: str | None = None,
        profiles: Sequence[str] = tuple(PROFILES),
    ) -> None:
        self.by = by or group_column(each.name for each in columns)
        self._root = root
        self._profiles = profiles
        self.pictures = 0
        self.verdicts: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.actions: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.sources: dict[str, Counter[str]] = {}
        self.standings: dict[str, Counter[str]] = {name: Counter() for name in profiles}

    def add(self, record: Mapping[str, Any]) -> None:
        """Count one record."""
        self.pictures += 1
        failed = record["status"] == "error"
        group = self.sources.setdefault(self._group(record), Counter())
        group["error" if failed else record["verdict"]] += 1
        for name in self._profiles:
            self.standings[name][standing(record, PROFILES[name])] += 1
        if failed:
            self.errors[record["error"]] += 1
            return
        self.verdicts[record["verdict"]] += 1
        if record["kind"]:
            self.kinds[record["kind"]] += 1
        if record.get("action"):
            self.actions[record["action"]] += 1
        if record.get("reason"):
            self.reasons[record["reason"]] += 1

    @property
    def failed(self) -> int:
        """Pictures that could not be judged."""
        return self.errors.total()

    def as_json(self, seconds: float | None = None, judged: int = 0) -> dict[str, Any]:
        """The summary as JSON types; shares are of all pictures, 0 to 1.

        Args:
            seconds: How long this run took; left out when omitted.
            judged: How many pictures it judged: those that an earlier run had judged do not count for its speed.
        """
        return {
            "pictures": self.pictures,
            "verdicts": {name: self._share(self.verdicts[name]) for name in VERDICTS},
            "errors": {name: self._share(count) for name, count in self.errors.most_common()},
            "kinds": {name: self._share(count) for name, count in self.kinds.most_common()},
            "by": self.by,
            "sources": {name: dict(counts) for name, counts in self.largest()},
            "actions": dict(self.actions.most_common()),
            "reasons": dict(self.reasons.most_common()),
            "marketplaces": {name: dict(counts.most_common()) for name, counts in self.standings.items()},
            "run": speed(judged, seconds) if seconds is not None else None,
        }

    def largest(self) -> list[tuple[str, Counter[str]]]:
        """The sources and their verdicts, those with the most framed pictures first."""
        return sorted(self.sources.items(), key=lambda each: (-each[1]["framed"], -each[1].total(), each[0]))

    def _share(self, count: int) -> dict[str, float]:
        return {"pictures": count, "share": round(count / self.pictures, 4) if self.pictures else 0.0}

    def _group(self, record: Mapping[str, Any]) -> str:
        value = record.get(self.by) if self.by else _place(record["path"] or "", self._root)
        name = str(value) if value not in {None, ""} else "(none)"
        return name if name in self.sources or len(self.sources) < MOST_GROUPS else OTHERS


def group_column(names: Iterable[str]) -> str | None:
    """The column that says where pictures come from: the first of `GROUPS` that there is, in whatever case."""
    known = {name.lower(): name for name in names}
    return next((known[each] for each in GROUPS if each in known), None)


def speed(judged: int, seconds: float) -> dict[str, float]:
    """How much was judged in what time, and how much in a second."""
    return {
        "judged": judged,
        "seconds": round(seconds, 1),
        "pictures_per_second": round(judged / seconds, 1) if seconds else 0.0,
    }


def _place(path: str, root: str) -> str:
    """The host of an address, or the first folder of a path below the source."""
    if is_remote(path) and not path.startswith(root.rstrip("/") + "/"):
        try:
            return urlsplit(path).hostname or path
        except ValueError:  # as of a torn IPv6 host
            return shown(path)
    relative = path.removeprefix(root.rstrip("/") + "/") if root else path
    parts = PurePath(relative).parts
    return parts[0] if len(parts) > 1 else "."
