"""`unframe labels`: import, export and merge label stores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unframe.cli.shared import FAIL_ON_MET, Overwrite, counted, examples, new_app
from unframe.errors import UnframeError

if TYPE_CHECKING:
    from unframe.labelling import Conflict

Store = Annotated[
    Path, typer.Argument(metavar="STORE", help="A label store, as unframe label makes.", show_default=False)
]
Folder = Annotated[
    Path | None, typer.Option("--folder", metavar="DIR", help="Folder of the pictures.  \\[default: that of the store]")
]

app = new_app(
    help="Bring labels of data sets into a label store, out of it, and from one store into another.",
    epilog=examples(
        ("Review labels that exist", "unframe labels import natural/labels.sqlite natural/labels.csv"),
        ("A table to train from", "unframe labels export photos/labels.sqlite -o photos/labels.csv"),
        ("Two people's work in one store", "unframe labels merge ours.sqlite theirs.sqlite"),
    ),
)


@app.command(name="import")
def import_(
    store: Store,
    data: Annotated[
        Path,
        typer.Argument(help="A table of labels (CSV, JSONL, Parquet), or a folder of pictures.", show_default=False),
    ],
    folder: Folder = None,
    who: Annotated[str, typer.Option(metavar="NAME", help="Who is named as having said so.")] = "import",
) -> None:
    """Take over the labels of a data set. Importing again changes nothing."""
    from unframe.dataset.layouts import read_dataset
    from unframe.labelling import LabelStore, import_samples

    samples = read_dataset(data)
    with LabelStore(store) as opened:
        news = import_samples(opened, samples, folder or store.parent, who)
    typer.echo(f"{store}: {news:,} of {len(samples):,} labels are new")


@app.command()
def export(
    store: Store,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="PATH", help="A table to write (CSV, JSONL, Parquet), or a folder to copy to."
        ),
    ],
    folder: Folder = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the labels as a table, or copy the pictures to framed/ and clean/ of a folder."""
    from unframe.dataset.layouts import WRITERS, write_labels
    from unframe.labelling import LabelStore, export_samples
    from unframe.labelling.exchange import export_folders

    folder = folder or store.parent
    with LabelStore(store, create=False) as opened:
        samples = export_samples(opened, folder)
    if not samples:
        raise UnframeError(f"{store} holds no label of a picture in {folder}; label some, or name their --folder")
    if output.suffix.lower() in WRITERS:
        write_labels(samples, output, overwrite=overwrite)
        count = len(samples)
    else:
        count = export_folders(samples, folder, output)
    typer.echo(f"{output}: {counted(count, 'picture')}")


@app.command()
def merge(
    store: Store,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="The store whose decisions are added.")],
) -> None:
    """Add the decisions of another store. Where both decided differently, the later decision holds, and it is listed.

    Ends with code 0, or 1 when there were conflicts.
    """
    from unframe.labelling import LabelStore
    from unframe.labelling import merge as merge_stores

    with LabelStore(store, create=False) as ours, LabelStore(other, create=False) as theirs:
        conflicts = merge_stores(ours, theirs)
        names = {row["sha256"]: row["path"] for row in ours.read("SELECT sha256, path FROM picture")}
    for conflict in conflicts:
        typer.echo(_line(conflict, names.get(conflict.sha256, conflict.sha256)))
    typer.echo(counted(len(conflicts), "conflict"), err=True)
    raise typer.Exit(FAIL_ON_MET if conflicts else 0)


def _line(conflict: Conflict, name: str) -> str:
    parts = [
        f"{each.who} {each.when:%Y-%m-%d %H:%M}: {each.answer.label or 'undecided'}"
        for each in (conflict.ours, conflict.theirs)
    ]
    return f"{name}  {'  '.join(parts)}  holds: {conflict.holds.who}"
