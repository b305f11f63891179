"""What HTTP costs, what happens when there is too much, and whether the server holds out.

Run with ``python -m benchmarks.serving [--minutes 10] > docs/results/serving.md``. Three things are measured, against a
server in a process of its own:

- Throughput: pictures a second over HTTP, as ratio to the same work in this process by as many threads without HTTP.
  Rounds of both take turns, so that they see the same load of the machine. Since the client works on the same cores,
  seconds of processor that the server took for a picture are compared, too.
- Overload: four times as many clients as there are places; how soon health answers meanwhile.
- Soak: requests at a fixed share of the measured capacity for some minutes, one of ten with a bad picture, sent when
  their time has come, whether or not earlier ones were answered. Latencies count from that time.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import httpx

import unframe

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
BOUNDARY = "unframe-benchmark"
IN_FORM = 8
ROUNDS = 5
PROBES = 100
TOO_MANY = 429
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Served:
    """A server in a process of its own.

    Args:
        threads: Pictures it works on at the same time.
        workers: Processes that answer.
    """

    def __init__(self, threads: int, workers: int) -> None:
        command = [sys.executable, "-m", "unframe", "serve", "--port", "0"]
        options = ["--jobs", str(threads), "--workers", str(workers)]
        self._process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.url = (self._process.stdout or sys.stdin).readline().removeprefix("Serving on ").strip().rstrip("/")
        self.port = int(self.url.rpartition(":")[2])
        end = time.monotonic() + 120
        while True:
            try:
                if httpx.get(f"{self.url}/health/ready").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            if time.monotonic() > end:
                raise TimeoutError("the server did not become ready")
            time.sleep(0.2)

    def close(self) -> int:
        """Stop it: its exit code."""
        self._process.terminate()
        return self._process.wait(60)

    def _all(self) -> list[Path]:
        """Its process and those of its workers."""
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [Path(f"/proc/{each}") for each in (own, *children)]

    def seconds(self) -> float:
        """Seconds of processor that it has taken."""
        fields = [(path / "stat").read_text().rpartition(")")[2].split() for path in self._all()]
        return sum(int(each[11]) + int(each[12]) for each in fields) / TICK

    def megabytes(self) -> float:
        """Memory that it holds."""
        return sum(int((path / "statm").read_text().split()[1]) * PAGE / 1e6 for path in self._all())


@contextmanager
def served(threads: int, workers: int) -> Iterator[Served]:
    """A server that is stopped in the end."""
    server = Served(threads, workers)
    try:
        yield server
    finally:
        code = server.close()
        if code:
            raise RuntimeError(f"the server ended with code {code}")


def raw(data: bytes) -> bytes:
    """A request with one picture as its body."""
    head = f"POST /v1/detect HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def form(pictures: Sequence[bytes]) -> bytes:
    """A request with several pictures in a form."""
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'.encode()
    body = b"".join(part + each + b"\r\n" for each in pictures) + f"--{BOUNDARY}--\r\n".encode()
    head = f"POST /v1/detect HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Line:
    """One connection; as little work as can be, since the server works on the same cores."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> int:
        """The status of the answer to a request."""
        fresh = self._streams is None
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            if fresh:
                raise
            return await self.ask(request)  # it had been idle for so long that the server had closed it
        lowered = head.lower()
        await reader.readexactly(int(lowered.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        if b"connection: close" in lowered:
            self.close()
        return int(head[9:12])

    def close(self) -> None:
        """Close the connection."""
        if self._streams:
            self._streams[1].close()
            self._streams = None


async def _all_asked(port: int, requests: Sequence[bytes], lines: int, patience: float = 0) -> Counter[int]:
    """The statuses of many requests over several connections, each busy all the time but after a refusal."""
    waiting = iter(requests)
    found: Counter[int] = Counter()

    async def one() -> None:
        line = Line(port)
        for request in waiting:
            status = await line.ask(request)
            found[status] += 1
            if status == TOO_MANY and patience:
                await asyncio.sleep(patience)
        line.close()

    await asyncio.gather(*(one() for _ in range(lines)))
    return found


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def throughput(server: Served, pictures: Sequence[bytes], threads: int, workers: int) -> tuple[float, list[str]]:
    """Requests with one picture that are answered in a second, and the lines of the table of throughput."""
    detector = unframe.Detector.load()
    pool = ThreadPoolExecutor(threads)
    requests = [raw(each) for each in pictures]
    forms = [form(pictures[at : at + IN_FORM]) for at in range(0, len(pictures), IN_FORM)]
    lines = 2 * threads

    def without() -> None:
        list(pool.map(detector.detect, pictures))

    def over_http(asked: Sequence[bytes]) -> None:
        found = asyncio.run(_all_asked(server.port, asked, lines))
        if set(found) != {200}:
            raise RuntimeError(f"answers: {dict(found)}")

    without()
    over_http(requests)
    clock: dict[str, list[float]] = {"without HTTP": [], "a picture a request": [], f"{IN_FORM} pictures a form": []}
    work: dict[str, list[float]] = {name: [] for name in clock}
    for _ in range(ROUNDS):
        before = time.process_time()
        clock["without HTTP"].append(timed(without))
        work["without HTTP"].append(time.process_time() - before)
        for name, asked in (("a picture a request", requests), (f"{IN_FORM} pictures a form", forms)):
            start = server.seconds()
            clock[name].append(timed(lambda asked=asked: over_http(asked)))  # type: ignore[misc]
            work[name].append(server.seconds() - start)
    pool.shutdown()
    count = len(pictures)
    kind = f"{threads} threads in {workers} process{'es' * (workers > 1)}"
    table = [
        f"## Throughput ({count} pictures, {ROUNDS} rounds, {kind})\n",
        "| way | pictures/s | ratio | processor, ms per picture | ratio |",
        "|---|---:|---:|---:|---:|",
    ]
    alone = statistics.median(clock["without HTTP"]), statistics.median(work["without HTTP"])
    for name, seconds_of_rounds in clock.items():
        seconds, processor = statistics.median(seconds_of_rounds), statistics.median(work[name])
        figures = f"{count / seconds:.1f} | {alone[0] / seconds:.2f} | {1000 * processor / count:.1f}"
        table.append(f"| {name} | {figures} | {alone[1] / processor:.2f} |")
    return count / statistics.median(clock["a picture a request"]), [*table, ""]


def overload(server: Served, pictures: Sequence[bytes], threads: int) -> Iterator[str]:
    """The lines about health while there is too much work."""
    clients = 4 * (threads + 32)
    requests = [raw(each) for each in pictures] * 10
    yield f"## Overload ({clients} clients at once)\n"
    yield f"| clients | answers | health, asked {PROBES} times by a process of its own |"
    yield "|---|---|---|"
    ways = {"none": None, "that wait after 429 as Retry-After says": 1.0, "that ask again at once": 0.0}
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as other:
        other.submit(probe, server.port, 1).result()
        for name, patience in ways.items():
            asked = other.submit(probe, server.port, PROBES)
            found: Counter[int] = Counter()
            while patience is not None and not asked.done():
                found += asyncio.run(_all_asked(server.port, requests, clients, patience))
            yield f"| {name} | {_counts(found)} | {_percentiles(asked.result())} |"
    yield ""


def probe(port: int, count: int) -> list[float]:
    """Seconds that ``/health/live`` takes to answer, each time that it is asked."""
    times = []
    with closing(HTTPConnection("127.0.0.1", port)) as line:
        for _ in range(count):
            start = time.perf_counter()
            line.request("GET", "/health/live")
            answer = line.getresponse()
            answer.read()
            times.append(time.perf_counter() - start)
            if answer.status != 200:
                raise RuntimeError(f"health answered {answer.status}")
            time.sleep(0.05)
    return times


def soak(server: Served, pictures: Sequence[bytes], minutes: float, share: float, capacity: float) -> Iterator[str]:
    """The lines about the soak."""
    good = [raw(each) for each in pictures]
    bad = [raw(each) for each in (pictures[0][:2000], b"", b"hello", b"GIF89a", pictures[1][:100], bytes(5000))]
    pause = 1 / (share * capacity)
    count = math.floor(60 * minutes / pause)
    found: dict[str, Counter[int]] = {"good": Counter(), "bad": Counter()}
    times: list[float] = []
    memory: list[float] = []
    free: list[Line] = []

    async def one(kind: str, request: bytes, due: float) -> None:
        line = free.pop() if free else Line(server.port)
        found[kind][await line.ask(request)] += 1
        if kind == "good":
            times.append(time.perf_counter() - due)
        free.append(line)

    async def scene() -> None:
        tasks: set[asyncio.Task[None]] = set()
        start = time.perf_counter()
        for number in range(count):
            due = start + number * pause
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            kind = "bad" if number % 10 == 9 else "good"
            request = bad[number // 10 % len(bad)] if kind == "bad" else good[number % len(good)]
            task = asyncio.create_task(one(kind, request, due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            if number % max(count // 200, 1) == 0:
                memory.append(server.megabytes())
        await asyncio.gather(*tasks)
        for line in free:
            line.close()

    asyncio.run(scene())
    fifth = len(memory) // 5
    early, late = statistics.median(memory[fifth : 2 * fifth]), statistics.median(memory[-fifth:])
    p50, p99 = _percentile(times, 50), _percentile(times, 99)
    failed = sum(count for counts in found.values() for status, count in counts.items() if status >= 500)
    yield f"## Soak ({minutes:g} minutes at {share:.0%} of capacity, {1 / pause:.1f} requests/s, {count} requests)\n"
    yield "| what | found | target |"
    yield "|---|---|---|"
    yield f"| answers to good pictures | {_counts(found['good'])} | |"
    yield f"| answers to bad pictures | {_counts(found['bad'])} | |"
    yield f"| answers of 500 or more | {failed} | 0 |"
    yield f"| latency | {_percentiles(times)} | |"
    yield f"| p99 to p50 | {p99 / p50:.1f} | ≤ 5 |"
    yield f"| memory, second fifth and last fifth | {early:.1f} MB, {late:.1f} MB | |"
    yield f"| drift of memory | {late / early - 1:+.1%} | ≤ 5 % |"
    yield ""


def _percentile(times: Sequence[float], which: int) -> float:
    return sorted(times)[min(len(times) * which // 100, len(times) - 1)]


def _percentiles(times: Sequence[float]) -> str:
    shown = (f"p{which} {1000 * _percentile(times, which):.1f} ms" for which in (50, 95, 99))
    return f"{', '.join(shown)}, longest {1000 * max(times):.1f} ms"


def _counts(found: Counter[int]) -> str:
    return ", ".join(f"{count} of {status}" for status, count in sorted(found.items()))


def machine() -> str:
    """Cores, and how busy they were when it began."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores; Python {platform.python_version()}; load of the machine before: {os.getloadavg()[0]:.1f}"


def main() -> None:
    """Measure, and print a page of Markdown."""
    parser = argparse.ArgumentParser(description="Measure the server.")
    parser.add_argument("--threads", type=int, default=2, help="pictures worked on at the same time (default: 2)")
    parser.add_argument("--workers", type=int, default=1, help="processes that answer (default: 1)")
    parser.add_argument("--count", type=int, default=96, help="pictures in a round (default: 96)")
    parser.add_argument("--minutes", type=float, default=10, help="how long the soak takes; 0 for none (default: 10)")
    parser.add_argument("--share", type=float, default=0.8, help="share of the capacity in the soak (default: 0.8)")
    arguments = parser.parse_args()
    files = sorted(EXAMPLES.glob("*.jpg"))
    pictures = [files[at % len(files)].read_bytes() for at in range(arguments.count)]
    command = " ".join(["python -m benchmarks.serving", *sys.argv[1:]])
    print(f"# The server\n\nMade with `{command}` on {machine()}.\n")
    print("The client works on the same cores as the server. Pictures are those of `examples/`.\n")
    with served(arguments.threads, arguments.workers) as server:
        capacity, table = throughput(server, pictures, arguments.threads, arguments.workers)
        parts = [table, overload(server, pictures, arguments.threads)]
        if arguments.minutes:
            parts.append(soak(server, pictures, arguments.minutes, arguments.share, capacity))
        for part in parts:
            for line in part:
                print(line, flush=True)


if __name__ == "__main__":
    main()
