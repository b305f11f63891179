"""Cleaned pictures and their records as one ZIP archive, sent while it is made."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from io import RawIOBase
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from unframe.serving.pictures import Found, output_name

RECORDS = "records.jsonl"
_CHUNK = 1 << 18


class Archive(Response):
    """The pictures of a form with their frames taken off, and `RECORDS` with a line for each, failures included.

    Args:
        found: The pictures, in order.
        stack: What is to be closed once all is sent.
        patience: Seconds in which a client must take a part of 256 KiB.
    """

    media_type = "application/zip"

    def __init__(self, found: list[Found], stack: ExitStack, patience: float) -> None:
        super().__init__(headers={"Content-Disposition": 'attachment; filename="unframed.zip"'})
        del self.headers["content-length"]
        self._found = found
        self._stack = stack
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the archive."""
        with self._stack:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            tail = _Tail()
            records = bytearray()
            with ZipFile(tail, "w", ZIP_STORED) as archive:  # pictures are compressed already
                for number, each in enumerate(self._found, 1):
                    name = output_name(number, each.record["path"], each.media_type) if each.data else None
                    record = each.record | ({"output": name} if name else {})
                    records += json.dumps(record, ensure_ascii=False).encode() + b"\n"
                    if name:
                        await asyncio.to_thread(archive.writestr, ZipInfo(name), each.data)
                        await self._pass_on(tail, send)
                archive.writestr(ZipInfo(RECORDS), bytes(records))
            await self._pass_on(tail, send)
            await send({"type": "http.response.body", "body": b""})

    async def _pass_on(self, tail: _Tail, send: Send) -> None:
        data = tail.taken()
        for start in range(0, len(data), _CHUNK):
            async with asyncio.timeout(self._patience):
                await send({"type": "http.response.body", "body": data[start : start + _CHUNK], "more_body": True})


class _Tail(RawIOBase):
    """A stream whose bytes are taken away as soon as they are written."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Keep bytes until they are taken."""
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        data, self._held = bytes(self._held), bytearray()
        return data
