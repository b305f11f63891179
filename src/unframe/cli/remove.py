"""`unframe remove`: take frames off, and pass clean pictures on as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from unframe.cli.shared import (
    DetectorName,
    Jobs,
    ModelName,
    Overwrite,
    Paths,
    RecordFormat,
    examples,
    find_pictures,
    load_detector,
    new_app,
    settings_of,
)
from unframe.errors import UnframeError

app = new_app()

EXAMPLES = examples(
    ("See first what would be done, and why", "unframe remove photos/ --dry-run --explain explained/"),
    ("Crop the frames off; clean pictures are copied as they are", "unframe remove photos/ -o cleaned/"),
    ("Paint frames out with the plain backdrop; the size stays", "unframe remove photos/ -o cleaned/ --mode fill"),
    ("Centre each photograph on 1000 × 1000 pixels", "unframe remove photos/ -o cleaned/ --mode pad --size 1000x1000"),
    ("Replace the pictures themselves", "unframe remove photos/ --in-place --backup kept/"),
    ("... and bring the originals back", "unframe restore kept/manifest.jsonl"),
    ("From a pipe to a pipe", "cat a.jpg | unframe remove - -o - > b.jpg"),
)


@app.command(epilog=EXAMPLES)
def remove(
    paths: Paths,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Folder for the results, or - for standard output."),
    ] = None,
    mode: Annotated[
        Literal["crop", "fill", "pad"],
        typer.Option(
            "--mode",
            "-m",
            help="[bold]crop[/bold] to the photograph, [bold]fill[/bold] the frame with plain backdrop, or crop and "
            "[bold]pad[/bold] with plain backdrop.",
        ),
    ] = "crop",
    size: Annotated[
        str | None,
        typer.Option(
            metavar="WxH",
            help="Size of padded pictures; those of which no frame is taken off keep theirs.  "
            "\\[default: each its old size]",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")] = False,
    explain: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Draw for each picture what was found and done, and before beside after."),
    ] = None,
    profile: Annotated[
        Literal["ebay", "google", "amazon", "walmart"] | None,
        typer.Option(help="Report results that are too small for this marketplace."),
    ] = None,
    min_side: Annotated[
        int, typer.Option(min=0, metavar="PIXELS", help="Report results of which a side is shorter.")
    ] = 0,
    remove_review: Annotated[
        bool,
        typer.Option(
            "--remove-review", help="Take frames off pictures that are up for review, too, where one was located."
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Cut more than 45 % of a side, and keep results that are judged framed again."),
    ] = False,
    overwrite: Overwrite = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Replace the pictures themselves; originals are kept in the backup.")
    ] = False,
    backup: Annotated[
        Path, typer.Option(metavar="DIR", help="Where --in-place keeps originals and the manifest for restore.")
    ] = Path("unframe-backup"),
    decisions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Hold to what was decided about templates: a filled-in templates.csv."),
    ] = None,
    detector: DetectorName = None,
    model: ModelName = None,
    format: RecordFormat = None,
    jobs: Jobs = None,
) -> None:
    """Take added frames off pictures.

    Each result is judged again: if it is called framed, the original is passed on.

    A picture that is clean, in doubt, or could come to harm is passed on byte for byte; its record says why.

    Folders are mirrored below DIR. Nothing is overwritten unless you say so, and no half file is ever left.

    Ends with code 0; 2 when a picture could not be read or a result not written.
    """
    from unframe.cli import removing
    from unframe.removal import Options, Size
    from unframe.removal.profiles import profile as limits_of

    limits = limits_of(profile) if profile else None
    options = Options(
        mode=mode,
        size=Size.parse(size) if size else None,
        min_side=max(min_side, limits.min_side if limits else 0),
        min_longest=limits.min_longest if limits else 0,
        review=remove_review,
        force=force,
    )
    if (output is not None) == in_place and not (output is None and dry_run):
        raise UnframeError("say where results go: either -o DIR or --in-place, or just --dry-run")
    settings = settings_of(jobs)
    judge = load_detector(detector, model, settings)
    if decisions is not None:
        from unframe.catalogue.decisions import decided

        judge = decided(judge, decisions)
    if str(output) == "-":
        removing.to_standard_output(paths, judge, options)
        return
    inputs = find_pictures(paths, exclude=[each for each in (output, explain, backup) if each])
    destination = removing.destination(inputs, output, backup if in_place else None, overwrite, dry_run)
    gallery = removing.gallery(inputs, explain, judge, overwrite)
    run = removing.Run(destination, gallery, judge, options)
    raise typer.Exit(run(inputs, format))
