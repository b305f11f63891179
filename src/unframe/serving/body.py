"""Bodies of requests, counted as they arrive: no header is believed about how much there is.

A picture is sent as it is (the body is the file) or as one of several in a form. Memory is bounded twice: each body by
its own limit, and all bodies of the process together by a `Meter`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from unframe.errors import DecodeError, RequestError, UnframeError
from unframe.settings import PREFIX, SERVER_PREFIX, ServerSettings, Settings

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

LONGEST_NAME = 255
MOST_FIELDS = 64
"""Fields of a form that are no pictures; they are passed over."""


class Upload(NamedTuple):
    """One picture of a request.

    Attributes:
        name: What records call it.
        data: Its bytes; what has arrived of them where they are over the limit.
        size: How many bytes arrived.
    """

    name: str
    data: bytes
    size: int

    def checked(self, settings: Settings) -> bytes:
        """The bytes.

        Raises:
            DecodeError: ``too-large``: they are over the limit.
        """
        if self.size > settings.max_bytes:
            limit = f"the limit is {settings.max_bytes:,}; raise {PREFIX}MAX_BYTES or save it smaller"
            raise DecodeError("too-large", f"{self.name} has {self.size:,} bytes; {limit}")
        return self.data


class Meter:
    """Counts the bytes that all requests of this process hold together.

    Args:
        most: How many they may hold.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.held = 0

    def take(self, count: int) -> None:
        """Count bytes in.

        Raises:
            RequestError: ``overloaded``: there would be too many.
        """
        if self.held + count > self._most:
            raise RequestError("overloaded", "the server holds as many bytes of requests as it may; try again", 1)
        self.held += count

    def give(self, count: int) -> None:
        """Count bytes out."""
        self.held -= count


class Holding:
    """What one request holds; a context manager that counts it out of the meter at the end."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._held = 0

    def take(self, count: int) -> None:
        """Count bytes in; see `Meter.take`."""
        self._meter.take(count)
        self._held += count

    def __enter__(self) -> Holding:
        return self

    def __exit__(self, *error: object) -> None:
        self._meter.give(self._held)
        self._held = 0


async def read_picture(
    request: Request, holding: Holding, settings: Settings, serving: ServerSettings, name: str
) -> Upload:
    """The one picture that is the body of a request.

    Raises:
        DecodeError: ``too-large``, as soon as there is a byte too many.
        RequestError: ``body-too-slow``, ``overloaded``.
        ClientDisconnect: The client has gone.
    """
    limit = f"more than the {settings.max_bytes:,} bytes that a picture may have"
    too_large = DecodeError("too-large", f"{name} has {limit}; raise {PREFIX}MAX_BYTES or save it smaller")
    data = bytearray()
    async for part in _arriving(request, settings.max_bytes, serving.body_seconds, too_large):
        holding.take(len(part))
        data += part
    return Upload(name, bytes(data), len(data))


async def read_form(request: Request, holding: Holding, settings: Settings, serving: ServerSettings) -> list[Upload]:
    """The pictures of a form, in order: its parts that have a file name, whatever their fields are called.

    A picture that is too large takes none of the others with it: what is over its limit is dropped, and it says so when
    it is looked at.

    Raises:
        RequestError: ``bad-form``, ``too-many-pictures``, ``body-too-large``, ``body-too-slow``, ``overloaded``.
        ClientDisconnect: The client has gone.
    """
    _, options = parse_options_header(request.headers.get("content-type"))
    if not options.get(b"boundary"):
        raise RequestError("bad-form", "the content type names no boundary; let your HTTP client write the header")
    form = _Form(settings.max_bytes, serving.max_pictures, holding.take)
    limit = f"more than {serving.max_body:,} bytes; send fewer pictures in it, or raise {SERVER_PREFIX}MAX_BODY"
    too_large = RequestError("body-too-large", f"the form has {limit}")
    try:
        parser = MultipartParser(options[b"boundary"], form.callbacks())
        async for part in _arriving(request, serving.max_body, serving.body_seconds, too_large):
            parser.write(part)
        parser.finalize()
    except FormParserError as error:
        raise RequestError("bad-form", f"the form cannot be read: {error}") from error
    if not form.ended:
        raise RequestError("bad-form", "the form ends before its last boundary; send it again")
    if not form.uploads:
        raise RequestError("bad-form", "the form holds no file; add one with a file name, as curl -F file=@a.jpg does")
    return form.uploads


async def _arriving(request: Request, limit: int, seconds: float, too_large: UnframeError) -> AsyncIterator[bytes]:
    """The parts of a body, as long as they stay within limit and time."""
    with suppress(ValueError):  # an honest client hears at once that it need not send
        if int(request.headers.get("content-length", "")) > limit:
            raise too_large
    end = asyncio.get_running_loop().time() + seconds
    count, more = 0, True
    while more:
        try:
            async with asyncio.timeout_at(end):
                message = await request.receive()
        except TimeoutError as error:
            why = f"the body did not arrive within {seconds:g} seconds, {count:,} bytes came; send it faster"
            raise RequestError("body-too-slow", why) from error
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part, more = message.get("body", b""), message.get("more_body", False)
        count += len(part)
        if count > limit:
            raise too_large
        yield part


class _Form:
    """Takes a form apart as it arrives."""

    def __init__(self, largest: int, most: int, take: Callable[[int], None]) -> None:
        self._largest = largest
        self._most = most
        self._take = take
        self.uploads: list[Upload] = []
        self.ended = False
        self._fields = 0
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._name: str | None = None
        self._data = bytearray()
        self._size = 0

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._add,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._header = (bytearray(), bytearray())
        self._disposition, self._name = b"", None
        self._data, self._size = bytearray(), 0

    def _header_end(self) -> None:
        field, value = self._header
        if field.lower() == b"content-disposition":
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        kind, options = parse_options_header(self._disposition.decode("latin-1"))
        if kind != b"form-data":
            raise RequestError("bad-form", "a part of the form has no Content-Disposition: form-data")
        given = options.get(b"filename")
        if given is None:
            self._fields += 1
            if self._fields > MOST_FIELDS:
                raise RequestError("bad-form", f"the form has more than {MOST_FIELDS} fields that are no pictures")
            return
        if len(self.uploads) == self._most:
            limit = f"one request may hold {self._most} pictures ({SERVER_PREFIX}MAX_PICTURES)"
            raise RequestError("too-many-pictures", f"{limit}; send the others in another")
        self._name = given.decode("utf-8", "replace")[:LONGEST_NAME] or f"picture-{len(self.uploads) + 1}"

    def _add(self, data: bytes, start: int, end: int) -> None:
        if self._name is None:
            return
        self._size += end - start
        if self._size <= self._largest:
            self._take(end - start)
            self._data += data[start:end]

    def _end(self) -> None:
        if self._name is not None:
            self.uploads.append(Upload(self._name, bytes(self._data), self._size))
            self._name, self._data = None, bytearray()

    def _finish(self) -> None:
        self.ended = True
