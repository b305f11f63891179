"""A product feed again, with the cleaned pictures in the place of the framed ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from unframe.catalogue.records import Record
from unframe.catalogue.sources.feeds import Feed
from unframe.errors import OutputError
from unframe.files import replacement


def write_feed(
    feed: Feed,
    records: Iterable[Record],
    path: Path,
    folder: Path,
    *,
    public: str | None = None,
    overwrite: bool = False,
) -> int:
    """Write a feed again; whatever is no address of a cleaned picture is copied byte for byte.

    Args:
        feed: The feed that was scanned.
        records: What the scan says about each of its pictures, in order.
        path: The new feed.
        folder: Where the cleaned pictures lie.
        public: Address under which they will be served; their paths on this machine when omitted.
        overwrite: Replace a file that is already there.

    Returns:
        How many addresses were changed.

    Raises:
        ScanError: The feed has changed since it was scanned.
        OutputError: The file is already there, or could not be written.
    """
    with replacement(path, overwrite=overwrite) as file:
        return feed.rewrite(_values(records, folder, public), file)


def _values(records: Iterable[Record], folder: Path, public: str | None) -> Iterator[tuple[str, str | None]]:
    for record in records:
        output = record.get("output")
        yield record["path"] or "", _address(Path(output), folder, public) if output else None


def _address(output: Path, folder: Path, public: str | None) -> str:
    if public is None:
        return str(output)
    try:
        relative = output.relative_to(folder)
    except ValueError as error:
        raise OutputError("outside", f"{output} does not lie below {folder}; name the folder of the scan") from error
    return f"{public.rstrip('/')}/{quote(relative.as_posix())}"
