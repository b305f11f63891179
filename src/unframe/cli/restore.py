"""`unframe restore`: bring originals back that `unframe remove --in-place` replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unframe.cli.shared import DONE, TROUBLE, RecordFormat, examples, new_app

app = new_app()

EXAMPLES = examples(
    ("Would everything come back?", "unframe restore unframe-backup/manifest.jsonl --dry-run"),
    ("Bring the originals back", "unframe restore unframe-backup"),
)


@app.command(epilog=EXAMPLES)
def restore(
    manifest: Annotated[Path, typer.Argument(help="The backup folder, or the manifest in it.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything; write nothing.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Restore over pictures, too, that were changed since.")
    ] = False,
    format: RecordFormat = None,
) -> None:
    """Bring back the originals that `unframe remove --in-place` replaced.

    Each original is checked against the manifest's digest before it is put back.

    A picture that somebody changed since is left alone. The backup itself stays. The manifest names pictures by their
    absolute paths: they come back to where they were.

    Ends with code 0; 2 when an original could not be brought back.
    """
    from unframe.cli.records import writer
    from unframe.errors import failure
    from unframe.files import MANIFEST
    from unframe.removal.in_place import restore as bring_back

    if manifest.is_dir():
        manifest /= MANIFEST
    found = bring_back(manifest, overwrite=overwrite, dry_run=dry_run)
    counts = {"restore": 0, "pass": 0, "error": 0}
    with writer(
        format, None, fields=("path", "status", "action"), headings=("picture", "action", "message")
    ) as results:
        for each in found:
            record = {"path": each.path, "status": "ok", "action": each.action}
            results.write(failure(each.path, each.error) if each.error else record)
            counts["error" if each.error else each.action] += 1
    done = "would be restored" if dry_run else "restored"
    typer.echo(f"{counts['restore']} {done}, {counts['pass']} already there, {counts['error']} failed", err=True)
    raise typer.Exit(TROUBLE if counts["error"] else DONE)
