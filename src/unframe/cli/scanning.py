"""The work behind `unframe scan`, apart from its options."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import typer

from unframe.catalogue import compliance, local, results, sinks
from unframe.catalogue.addresses import is_there, local_path
from unframe.catalogue.decisions import decided
from unframe.catalogue.feed_out import write_feed
from unframe.catalogue.item import WHOLE, Shard, Source
from unframe.catalogue.local import Watch
from unframe.catalogue.plan import Plan
from unframe.catalogue.records import Record
from unframe.catalogue.results import Results
from unframe.catalogue.sinks import Format
from unframe.catalogue.sources.feeds import Feed
from unframe.catalogue.summary import Summary
from unframe.catalogue.work import Work
from unframe.cli.scan_progress import Progress, watched
from unframe.cli.scan_tables import show
from unframe.cli.shared import DONE, FAIL_ON_MET, TROUBLE, load_detector
from unframe.detector import Detector
from unframe.errors import SettingsError, UnframeError
from unframe.removal.profiles import PROFILES
from unframe.settings import Settings

Engine = Callable[[Source, Results, Detector, Work, Watch], bool]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be scanned, how, and where to.

    Attributes:
        source: Where the pictures come from.
        detector: Who judges.
        work: What else is done with each picture.
        output: Folder or file of the results.
        format: How records are written.
        resume: Whether to go on with an unfinished scan.
        overwrite: Whether to remove an earlier one.
        shard: This machine's share.
        part_size: Pictures in a part.
        base: What relative paths of the source begin at, where that was said.
        engine: Who does the work; called like `unframe.catalogue.local.scan`.
    """

    source: Source
    detector: Detector
    work: Work
    output: Path
    format: Format
    resume: bool
    overwrite: bool
    shard: Shard
    part_size: int
    base: str | None = None
    engine: Engine = local.scan


@dataclass(frozen=True, slots=True)
class Report:
    """What is said about the results.

    Attributes:
        profiles: Marketplaces to hold the pictures against; all when empty.
        compliance: Where the pictures that go against a rule are listed.
        by: The column to sum up by.
        json: Whether the summary is printed as JSON.
        feed_out: Where the feed is written again.
        public: Address under which cleaned pictures will be served.
    """

    profiles: tuple[str, ...]
    compliance: Path | None
    by: str | None
    json: bool
    feed_out: Path | None
    public: str | None


def format_of(output: Path) -> Format:
    """How records are written when it is not said: as the suffix says, or Parquet where there is none."""
    return sinks.format_of(output) if output.suffix else "parquet"


def shard_of(text: str) -> Shard:
    """The share that a text like ``2/4`` stands for.

    Raises:
        SettingsError: It stands for none.
    """
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise SettingsError(f"{text!r} is no share; write the second of four machines as 2/4")
    return Shard(int(number) - 1, int(of))


def load_decided(name: str | None, model: str | None, settings: Settings, decisions: Path | None) -> Detector:
    """The detector that ``--detector``, ``--model`` and ``--decisions`` ask for.

    Raises:
        UnframeError: It cannot be loaded, or the decisions cannot be read.
    """
    detector = load_detector(name, model, settings)
    return decided(detector, decisions) if decisions else detector


def engine_of(name: str, load: Callable[[], Detector], address: str | None, processes: int) -> Engine:
    """The engine of this name.

    Args:
        name: ``local`` or ``ray``.
        load: Makes the detector in every process of a cluster.
        address: Of the cluster.
        processes: How many pictures are judged there at the same time; one on each core when 0.
    """
    if name == "local":
        return local.scan
    from unframe.catalogue.ray_engine import RayEngine

    return RayEngine(load, address, processes)


def run(request: Request, report: Report, fail_on: str | None) -> int:
    """Scan, sum up, and return the exit code."""
    plan = Plan.of(request.source, request.detector, request.work, request.part_size, request.base)
    _check(request, report, plan)
    started = time.monotonic()
    done, judged = _scan(request, plan)
    seconds = time.monotonic() - started
    if done:
        results.publish(request.output, request.format)
    else:
        typer.echo(f"unframe: share {request.shard.number + 1} of {request.shard.of} is done, others are not", err=True)
    summary = _sum_up(request, report, plan)
    if done:
        _write_feed(request, report)
    show(summary, judged, seconds, as_json=report.json)
    if summary.failed:
        return TROUBLE
    met = {"framed": ("framed",), "review": ("framed", "review"), None: ()}[fail_on]
    return FAIL_ON_MET if any(summary.verdicts[each] for each in met) else DONE


def _check(request: Request, report: Report, plan: Plan) -> None:
    """Refuse what could only fail after hours of work.

    Raises:
        UnframeError: With what, and what to do about it.
    """
    if request.format == "parquet":
        sinks.arrow_schema(())  # says which extra is missing
    single = results.folder_of(request.output) != request.output
    if single and sinks.format_of(request.output) != request.format:
        raise UnframeError(f"{request.output} does not end in .{request.format}; name it so, or leave out --format")
    if single and request.shard != WHOLE:
        raise UnframeError(f"--shard needs a folder for all shares; {request.output} is one file")
    if request.overwrite and request.shard != WHOLE:
        raise UnframeError(f"--overwrite would remove what other machines have done; delete {request.output} before")
    kinds = {each.name: each.kind for each in plan.columns}
    if report.by is not None and report.by not in kinds:
        raise UnframeError(f"there is no column {report.by!r} to sum up by; there are {', '.join(kinds)}")
    if report.by is not None and kinds[report.by] in {"texts", "box"}:
        raise UnframeError(f"column {report.by!r} has several values for a picture; sum up by another one")
    _check_files(request, report)


def _check_files(request: Request, report: Report) -> None:
    from unframe.files import check_free

    for path in (request.output, report.compliance, report.feed_out):
        if path is not None and _is_source(path, request.source.address):
            raise UnframeError(f"{path} is what is scanned; choose another output")
    outputs = [path.absolute() for path in (request.output, report.compliance, report.feed_out) if path is not None]
    if twice := next((path for path in outputs if outputs.count(path) > 1), None):
        raise UnframeError(f"{twice} would be written twice; name another file for each of results, report and feed")
    for path in (report.compliance, report.feed_out):
        if path is not None:
            check_free(path, overwrite=request.overwrite or request.resume)
    if report.feed_out is None:
        return
    if not isinstance(request.source, Feed):
        raise UnframeError(f"{request.source.address} is no product feed, so that --feed-out has nothing to write")


def _is_source(path: Path, address: str) -> bool:
    """Whether a path and a source's address lead to the same file or folder, by whatever names."""
    return path.exists() and is_there(address) and path.samefile(local_path(address))


def _scan(request: Request, plan: Plan) -> tuple[bool, int]:
    """Whether all shares are done, and how many pictures were judged now."""
    with results.begin(
        request.output,
        request.format,
        plan,
        resume=request.resume,
        overwrite=request.overwrite,
        shard=request.shard,
    ) as found:
        if found is None:
            typer.echo(f"unframe: {request.output} is finished; nothing is left to judge", err=True)
            return True, 0
        count = request.source.count if request.shard == WHOLE else lambda: None  # a share is known by its parts
        progress: Progress | None = None
        try:
            with watched(count) as progress:
                watch = Watch(progress.judged, progress.skipped)
                done = request.engine(request.source, found, request.detector, request.work, watch)
        except (KeyboardInterrupt, UnframeError):
            if progress is not None:
                typer.echo(f"unframe: {progress.counted()}; go on with --resume", err=True)
            raise
    progress.report()
    return done, progress.new


def _sum_up(request: Request, report: Report, plan: Plan) -> Summary:
    profiles = report.profiles or tuple(PROFILES)
    summary = Summary(plan.columns, request.source.address, report.by, profiles)
    records: Iterable[Record] = results.read(request.output)
    if report.compliance is not None:
        overwrite = request.overwrite or request.resume
        records = compliance.write_report(report.compliance, records, plan.columns, profiles, overwrite=overwrite)
    for record in records:
        summary.add(record)
    return summary


def _write_feed(request: Request, report: Report) -> None:
    if not (report.feed_out and request.work.cleaning and isinstance(request.source, Feed)):
        return
    records, folder = results.read(request.output), request.work.cleaning.folder
    overwrite = request.overwrite or request.resume
    changed = write_feed(request.source, records, report.feed_out, folder, public=report.public, overwrite=overwrite)
    addresses = "1 new address" if changed == 1 else f"{changed:,} new addresses"
    typer.echo(f"unframe: {report.feed_out} has {addresses}", err=True)
