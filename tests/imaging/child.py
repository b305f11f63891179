"""Decoding in a child process that is short of memory and time; run as ``python -m tests.imaging.child``.

Standard input names one file a line. For each, one line of JSON goes to standard output: the shape and type of the
image or the code of the error, the seconds of processor time that it took, and by how many bytes the peak of the
process's memory grew. Memory is limited.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from unframe.errors import DecodeError
from unframe.imaging import decode

MEBIBYTE = 1 << 20
SPARE = 320 * MEBIBYTE
"""Address space beyond what the process has after its imports; its growth in memory is measured and asserted."""


def main() -> None:
    """Decode the files that standard input names, under a limit on address space."""
    warm_up()
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + SPARE,) * 2)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(outcome(Path(line.rstrip("\n")))) + "\n")


def warm_up() -> None:
    """Load every decoder, so that libraries do not count as memory for a picture."""
    from tests.imaging.pictures import STILL, still

    for name in STILL:
        decode(still(name))


def address_space() -> int:
    """Bytes of address space in use."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def outcome(path: Path) -> dict[str, Any]:
    """What decoding one file gives and takes."""
    data = path.read_bytes()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak
    before, started = status("VmRSS"), time.process_time()
    try:
        image = decode(data, name=path.name)
        found: dict[str, Any] = {"shape": image.shape, "dtype": str(image.dtype)}
    except DecodeError as error:
        found = {"code": error.code, "message": str(error)}
    return found | {"seconds": time.process_time() - started, "bytes": status("VmHWM") - before}


def status(name: str) -> int:
    """A figure of memory from the system, in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


if __name__ == "__main__":
    main()
