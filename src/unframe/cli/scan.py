"""`unframe scan`: a whole catalogue, interrupted and resumed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from unframe.cli.shared import DetectorName, Jobs, ModelName, examples, new_app, settings_of
from unframe.errors import UnframeError

app = new_app()

SOURCE_PANEL = "What is scanned"
RESULTS_PANEL = "Results"
REMOVAL_PANEL = "Frames off"
REPORT_PANEL = "What is said about it"
MACHINES_PANEL = "Machines"

EXAMPLES = examples(
    ("Every picture below a folder, as a folder of Parquet files", "unframe scan photos/ -o results.parquet"),
    ("It was interrupted: go on where it was", "unframe scan photos/ -o results.parquet --resume"),
    (
        "A list of addresses; its other columns are carried through",
        "unframe scan pictures.csv -o frames.csv",
    ),
    ("Archives of a data set, in a bucket", "unframe scan 's3://bucket/shard-{000..099}.tar' -o results.parquet"),
    (
        "Clean a product feed, and write it again",
        "unframe scan feed.xml -o results.parquet --remove cleaned/ --feed-out cleaned.xml "
        "--public https://cdn.example.com/cleaned",
    ),
    ("What goes against eBay's rules", "unframe scan photos/ -o results.parquet --profile ebay --compliance ebay.csv"),
    ("On every core of a Ray cluster", "unframe scan s3://bucket/ -o results.parquet --engine ray --ray-address auto"),
    ("The second of four machines that share a folder", "unframe scan list.parquet -o /mnt/results --shard 2/4"),
)


@app.command(epilog=EXAMPLES)
def scan(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A folder, a glob, an archive (.tar), a list (.csv, .tsv, .jsonl, .parquet, .txt) or a product feed "
            "(Google, Shopify, WooCommerce): a path, or s3://, gs://, az://, https://.",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="OUTPUT",
            help="A folder of Parquet files; or one file, where it ends in .jsonl or .csv.",
            show_default=False,
            rich_help_panel=RESULTS_PANEL,
        ),
    ],
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with a scan that was interrupted; begin it where there is none.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Remove an earlier scan's results, and begin anew.", rich_help_panel=RESULTS_PANEL
        ),
    ] = False,
    format: Annotated[
        Literal["parquet", "jsonl", "csv"] | None,
        typer.Option(
            "--format",
            "-f",
            help="How records are written.  \\[default: what the suffix of OUTPUT says]",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = None,
    kind: Annotated[
        Literal["folder", "tar", "list", "google", "shopify", "woocommerce"] | None,
        typer.Option(
            "--as", help="What SOURCE is.  \\[default: what its suffix and header say]", rich_help_panel=SOURCE_PANEL
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Column of a list that holds paths or addresses.  \\[default: a usual name]",
            rich_help_panel=SOURCE_PANEL,
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="What relative paths of a list begin at.  \\[default: the list's folder]",
            rich_help_panel=SOURCE_PANEL,
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Carry only these columns through.  \\[default: all, of a feed a few]",
            rich_help_panel=SOURCE_PANEL,
        ),
    ] = None,
    remove: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Take frames off while scanning; pictures that change are written here.",
            rich_help_panel=REMOVAL_PANEL,
        ),
    ] = None,
    mode: Annotated[
        Literal["crop", "fill", "pad"],
        typer.Option("--mode", "-m", help="How; see [bold]unframe remove[/bold].", rich_help_panel=REMOVAL_PANEL),
    ] = "crop",
    remove_review: Annotated[
        bool,
        typer.Option(
            "--remove-review",
            help="Take frames off pictures that are up for review, too.",
            rich_help_panel=REMOVAL_PANEL,
        ),
    ] = False,
    feed_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the feed again, with the cleaned pictures in it.", rich_help_panel=REMOVAL_PANEL
        ),
    ] = None,
    public: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Where the cleaned pictures will be served.  \\[default: their paths]",
            rich_help_panel=REMOVAL_PANEL,
        ),
    ] = None,
    profile: Annotated[
        Literal["ebay", "google", "amazon", "walmart"] | None,
        typer.Option(help="Marketplace to hold the pictures against.  \\[default: all]", rich_help_panel=REPORT_PANEL),
    ] = None,
    compliance: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a CSV of the pictures that go against a marketplace's rules.",
            rich_help_panel=REPORT_PANEL,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Column to sum up by.  \\[default: seller or the like, or folder or host]",
            rich_help_panel=REPORT_PANEL,
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON.", rich_help_panel=REPORT_PANEL)
    ] = False,
    fail_on: Annotated[
        Literal["framed", "review"] | None,
        typer.Option(
            help="End with code 1 when a picture is [bold]framed[/bold], or at least in doubt.",
            rich_help_panel=REPORT_PANEL,
        ),
    ] = None,
    shard: Annotated[
        str,
        typer.Option(
            metavar="K/N",
            help="This machine's share, when N machines write to one folder.",
            rich_help_panel=MACHINES_PANEL,
        ),
    ] = "1/1",
    part_size: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="PICTURES",
            help="Pictures in each file of a folder of results.",
            rich_help_panel=RESULTS_PANEL,
        ),
    ] = 5000,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(
            help="Threads of this machine, or the processes of a Ray cluster.", rich_help_panel=MACHINES_PANEL
        ),
    ] = "local",
    ray_address: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="The cluster, as ray://head:10001.  \\[default: RAY_ADDRESS, or its own]",
            rich_help_panel=MACHINES_PANEL,
        ),
    ] = None,
    looks: Annotated[
        bool,
        typer.Option(
            "--looks",
            help="Note what each frame looks like, for [bold]unframe templates[/bold].",
            rich_help_panel=REPORT_PANEL,
        ),
    ] = False,
    fingerprints: Annotated[
        bool,
        typer.Option(
            "--fingerprints",
            help="Note each picture's hashes, for [bold]unframe duplicates[/bold].",
            rich_help_panel=REPORT_PANEL,
        ),
    ] = False,
    decisions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Hold to what was decided about templates: a filled-in templates.csv.",
            rich_help_panel=REMOVAL_PANEL,
        ),
    ] = None,
    detector: DetectorName = None,
    model: ModelName = None,
    jobs: Jobs = None,
) -> None:
    """Judge a whole catalogue, however large; killed at any point, it goes on where it was.

    The columns of a list or feed are carried through to the records. One picture that cannot be read is one record.

    What is done can be read at any time. With the same source and options, the results are the same byte for byte.

    Ends with code 0; 1 when --fail-on is met; 2 when a picture could not be read.
    """
    from unframe.catalogue import Cleaning, Work, open_source
    from unframe.catalogue.measures import measures
    from unframe.cli import scanning
    from unframe.removal import Options

    if feed_out is not None and remove is None:
        raise UnframeError("--feed-out needs the cleaned pictures; say with --remove DIR where they go")
    if public is not None and feed_out is None:
        raise UnframeError("--public is for the addresses in a feed; say with --feed-out FILE where it goes")
    if ray_address is not None and engine != "ray":
        raise UnframeError(f"--ray-address {ray_address} is for --engine ray, but the engine is {engine}")
    settings = settings_of(jobs)
    load = partial(scanning.load_decided, detector, model, settings, decisions)
    request = scanning.Request(
        source=open_source(
            source,
            kind,
            column=column,
            base=base,
            keep=keep,
            exclude=[each for each in (output, remove) if each],
            limit=settings.max_bytes,
        ),
        detector=load(),
        work=Work(
            Cleaning(remove, Options(mode=mode, review=remove_review)) if remove else None,
            measures(looks=looks, fingerprints=fingerprints),
        ),
        output=output,
        format=format or scanning.format_of(output),
        resume=resume,
        overwrite=overwrite,
        shard=scanning.shard_of(shard),
        part_size=part_size,
        base=base,
        engine=scanning.engine_of(engine, load, ray_address, settings.jobs),
    )
    report = scanning.Report(
        profiles=(profile,) if profile else (),
        compliance=compliance,
        by=by,
        json=json,
        feed_out=feed_out,
        public=public,
    )
    raise typer.Exit(scanning.run(request, report, fail_on))
