"""Object storage over the S3 protocol, spoken with a server on this machine."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogue.conftest import pictures
from tests.cli.conftest import Run
from unframe.catalogue import judge, local, open_source, work
from unframe.catalogue.addresses import filesystem
from unframe.detector import Detector
from unframe.errors import ScanError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

KEY = "AKIASECRETSECRET"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that speaks S3 on a free port, and the environment that leads to it."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    values = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": f"{KEY}/secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    yield values["AWS_ENDPOINT_URL"]
    for name, value in before.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    running.stop()


@pytest.fixture
def bucket(endpoint: str, tmp_path: Path) -> str:
    """A bucket with pictures in two folders, a list and an archive."""
    files = filesystem("s3://bucket")
    if not files.exists("s3://bucket"):
        files.mkdir("s3://bucket")
    for path in pictures(tmp_path / "in", 5):
        files.put(str(path), f"s3://bucket/{'a' if path.stem < '002' else 'b'}/{path.name}")
    files.pipe("s3://bucket/b/notes.txt", b"no picture")
    files.pipe("s3://bucket/list.csv", b"path,seller\na/000.png,x\ns3://bucket/b/002.png,y\na/missing.png,z\n")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for path in pictures(tmp_path / "in", 3):
            archive.add(path, path.name)
    files.put(str(tmp_path / "a.tar"), "s3://bucket/tars/a.tar")
    return "s3://bucket"


def test_folders_globs_lists_and_archives_of_a_bucket(bucket: str, detector: Detector) -> None:
    every = [f"{bucket}/a/000.png", f"{bucket}/a/001.png", *(f"{bucket}/b/{n:03}.png" for n in (2, 3, 4))]
    assert [item.path for item in open_source(bucket)] == every
    assert [item.path for item in open_source(f"{bucket}/b/*.png")] == every[2:]
    records = list(judge(open_source(f"{bucket}/a"), detector))
    assert [record["verdict"] for record in records] == ["framed", "review"]
    listed = list(judge(open_source(f"{bucket}/list.csv"), detector))
    assert [record.get("verdict") for record in listed] == ["framed", "clean", None]
    assert [record["seller"] for record in listed] == ["x", "y", "z"]
    assert listed[2]["error"] == "unreadable"
    packed = list(judge(open_source(f"{bucket}/tars/a.tar"), detector))
    assert [record["verdict"] for record in packed] == ["framed", "review", "clean"]
    assert [record["path"] for record in judge(open_source(f"{bucket}/a/000.png"), detector)] == every[:1]


def test_what_goes_wrong_holds_no_credential(bucket: str, detector: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScanError, match=r"s3://nobucket/x cannot be listed") as caught:
        list(open_source("s3://nobucket/x/"))
    assert KEY not in str(caught.value)
    [record] = judge(open_source("s3://nobucket/x.png"), detector)
    assert record["error"] == "unreadable"
    assert KEY not in json.dumps(record)


def test_a_bucket_is_scanned_interrupted_and_resumed_from_the_command_line(
    run: Run, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, halted = tmp_path / "whole.jsonl", tmp_path / "halted.jsonl"
    assert run("scan", bucket, "-o", whole, "--part-size", 2).code == 0
    judged = []
    one = work.judge_one

    def stop_at_the_fourth(*arguments: object) -> object:
        judged.append(arguments)
        if len(judged) >= 4:
            raise KeyboardInterrupt
        return one(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(local, "judge_one", stop_at_the_fourth)
    stopped = run("scan", bucket, "-o", halted, "--part-size", 2, "--jobs", 1)
    assert stopped.code == 130
    assert "--resume" in stopped.err
    monkeypatch.setattr(local, "judge_one", one)
    resumed = run("scan", bucket, "-o", halted, "--part-size", 2, "--resume", "--json")
    assert resumed.code == 0
    assert json.loads(resumed.out)["run"]["judged"] == 2
    assert halted.read_bytes() == whole.read_bytes()
