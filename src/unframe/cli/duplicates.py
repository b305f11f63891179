"""`unframe duplicates`: which pictures show the same photograph, with or without a frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unframe.cli.shared import Overwrite, examples, new_app
from unframe.errors import UnframeError

if TYPE_CHECKING:
    from unframe.catalogue.fingerprint import Fingerprint

app = new_app()

EXAMPLES = examples(
    ("Note the hashes while scanning", "unframe scan photos/ -o results.parquet --fingerprints"),
    ("Which pictures show the same photograph?", "unframe duplicates results.parquet -o duplicates.csv"),
    (
        "Only within a seller's own pictures, mirror images too",
        "unframe duplicates results.parquet -o d.csv --by seller --mirrored",
    ),
)

FIELDS = ("family", "path", "verdict", "like", "distance")


@app.command(epilog=EXAMPLES)
def duplicates(
    results: Annotated[
        Path,
        typer.Argument(
            metavar="RESULTS",
            help="What unframe scan --fingerprints wrote: a folder, .jsonl or .csv.",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The list, as CSV.", show_default=False)
    ],
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Compare only pictures that have the same in this column.")
    ] = None,
    near: Annotated[int, typer.Option(min=0, max=128, metavar="BITS", help="How many of 256 bits may differ.")] = 56,
    mirrored: Annotated[bool, typer.Option("--mirrored", help="Find mirror images, too.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Find pictures that show the same photograph, though one carries a frame and the other does not.

    The list has a row for every picture that has a duplicate: the number of its family, its path and verdict, the
    picture that it is most like, and by how many bits the two differ.

    Every picture is compared with every other one: half a million pairs take about a second.
    """
    import csv
    import io

    from unframe.catalogue import results as scans
    from unframe.files import CsvText, check_free, write_atomic

    check_free(output, overwrite=overwrite)
    text = io.StringIO(newline="")
    rows = csv.writer(CsvText(text))
    rows.writerow(FIELDS)
    groups = _grouped(scans.read(results), by)
    families, found = 0, 0
    for records, fingerprints in groups.values():
        for family in _families(fingerprints, near, mirrored=mirrored):
            families += 1
            found += len(family)
            for at, like, distance in family:
                record = records[at]
                rows.writerow((families, record["path"], record["verdict"], records[like]["path"], distance))
    write_atomic(output, text.getvalue().encode("utf-8", "backslashreplace"), overwrite=overwrite)
    pictures = sum(len(records) for records, _ in groups.values())
    typer.echo(
        f"{pictures:,} pictures: {found:,} of them show one of {families:,} photographs more than once", err=True
    )


Group = tuple[list[dict[str, Any]], list["Fingerprint"]]


def _grouped(records: Iterable[Mapping[str, Any]], by: str | None) -> dict[Any, Group]:
    from unframe.catalogue.fingerprint import Fingerprint
    from unframe.catalogue.measures import FINGERPRINT

    groups: dict[Any, Group] = {}
    for record in records:
        if record["status"] == "error":
            continue
        text = record.get(FINGERPRINT.name)
        if not text:
            raise UnframeError(f"{record['path']} has no fingerprint; scan with --fingerprints")
        if by is not None and by not in record:
            raise UnframeError(f"the records have no column {by!r}; they have {', '.join(record)}")
        if by is not None and isinstance(record[by], list):
            raise UnframeError(f"column {by!r} has several values for a picture; compare by another one")
        kept, fingerprints = groups.setdefault(record[by] if by else None, ([], []))
        kept.append({"path": record["path"], "verdict": record["verdict"]})
        fingerprints.append(Fingerprint.from_text(text))
    return groups


def _families(fingerprints: list[Fingerprint], near: int, *, mirrored: bool) -> Iterator[list[tuple[int, int, int]]]:
    """Families of duplicates; for each member its position, that of the picture it is most like, and the distance."""
    from unframe.catalogue.duplicates import duplicates as pairs_of
    from unframe.catalogue.duplicates import families

    pairs = list(pairs_of(fingerprints, near, mirrored=mirrored))
    nearest: dict[int, tuple[int, int]] = {}
    for first, second, distance in pairs:
        for one, other in ((first, second), (second, first)):
            nearest[one] = min(nearest.get(one, (distance, other)), (distance, other))
    members: dict[int, list[tuple[int, int, int]]] = {}
    roots = families(len(fingerprints), pairs)
    for at in sorted(nearest):
        distance, like = nearest[at]
        members.setdefault(roots[at], []).append((at, like, distance))
    yield from members.values()
