"""Bring the history of one label store into another."""

from __future__ import annotations

from dataclasses import dataclass

from unframe.labelling.answers import FIELDS
from unframe.labelling.store import Decision, LabelStore, insert_act, insert_decisions, refresh_current


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people, unaware of each other, said different things about one picture.

    Attributes:
        sha256: The picture.
        ours: What held in the store that was merged into.
        theirs: What held in the other store.
    """

    sha256: str
    ours: Decision
    theirs: Decision

    @property
    def holds(self) -> Decision:
        """The one of the two that holds after the merge: the later."""
        return max(self.ours, self.theirs, key=lambda decision: (decision.when, decision.act))


def merge(store: LabelStore, other: LabelStore) -> list[Conflict]:
    """Add every act of another store that this one does not have; all of them, or none.

    Merging either way gives the same labels, and merging again changes nothing. Where both stores decided about a
    picture without knowing each other's decision, the later one holds.

    Args:
        store: The store that is added to.
        other: The store that is read.

    Returns:
        The pictures about which the stores disagreed, for somebody to look at.

    Raises:
        StoreError: The store cannot be written.
    """
    theirs = other.current()
    acts = other.read("SELECT * FROM act ORDER BY number")
    columns = ", ".join(FIELDS)
    with store.write() as connection:
        ours = store.current()
        known = {row["uid"] for row in connection.execute("SELECT uid FROM act")}
        for act in acts:
            if act["uid"] not in known:
                number = insert_act(connection, act["uid"], act["at"], act["who"], act["how"], act["undoes"])
                rows = other.read(f"SELECT sha256, {columns} FROM decision WHERE act = ?", (act["number"],))  # noqa: S608
                insert_decisions(connection, number, map(dict, rows))
                refresh_current(connection, number)
    seen = {act["uid"] for act in acts}
    return [
        Conflict(sha256, ours[sha256], decision)
        for sha256, decision in theirs.items()
        if sha256 in ours
        and ours[sha256].answer != decision.answer
        and ours[sha256].act not in seen
        and decision.act not in known
    ]
