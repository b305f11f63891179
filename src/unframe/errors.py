"""Every error that unframe raises on purpose, and what each decode code means.

A message says what is wrong, with which file or value, and what to do about it.
"""

from __future__ import annotations

from typing import Any, Literal

DecodeCode = Literal["not-an-image", "unsupported-format", "truncated", "corrupt", "too-large", "unreadable"]

DECODE_CODES: dict[DecodeCode, str] = {
    "not-an-image": "The bytes are not an image in any format that is known.",
    "unsupported-format": "The bytes are an image, but in a format or variant that unframe does not read.",
    "truncated": "The file ends before the image is complete, as after an interrupted download.",
    "corrupt": "The file contradicts itself or its format and cannot be decoded.",
    "too-large": "The file, its number of pixels or one of its sides is over the limit.",
    "unreadable": "The bytes could not be read at all: no such file, no permission, an I/O error.",
}
"""Code of every `DecodeError` and its meaning; the record of a failed image carries the code as ``error``."""

OutputCode = Literal["exists", "collision", "outside", "unwritable"]

OUTPUT_CODES: dict[OutputCode, str] = {
    "exists": "The output file is already there, and overwriting was not asked for.",
    "collision": "Two inputs would be written to the same output file.",
    "outside": "The output file would lie outside the output folder.",
    "unwritable": "The output file could not be written: no permission, full disk, an I/O error.",
}
"""Code of every `OutputError` and its meaning."""

RemovalCode = Literal["too-much", "not-plain", "still-framed", "review"]

REMOVAL_CODES: dict[RemovalCode, str] = {
    "too-much": "More than 45 % of a side would be cut away.",
    "not-plain": "The photograph's edge is not plain: painting the frame out, or a new margin, would invent content.",
    "still-framed": "What remains would be judged framed again.",
    "review": "Whether there is a frame is too close to call.",
}
"""Code of every `RemovalError` and its meaning; the record of a picture that was passed on carries it as ``reason``."""

RestoreCode = Literal["changed", "missing", "damaged"]

RESTORE_CODES: dict[RestoreCode, str] = {
    "changed": "The picture was changed after its frame was taken off.",
    "missing": "The original is no longer in the backup folder.",
    "damaged": "The original in the backup folder is not what it was.",
}
"""Code of every `RestoreError` and its meaning."""


RequestCode = Literal[
    "bad-request",
    "not-found",
    "method-not-allowed",
    "body-too-large",
    "body-too-slow",
    "bad-form",
    "too-many-pictures",
    "overloaded",
    "not-ready",
    "timed-out",
]

REQUEST_CODES: dict[RequestCode, str] = {
    "bad-request": "A parameter is missing, unknown in its kind, or outside its range.",
    "not-found": "There is nothing at this path.",
    "method-not-allowed": "The path does not take this method.",
    "body-too-large": "The body is over the limit of bytes.",
    "body-too-slow": "The body did not arrive in time.",
    "bad-form": "The form is not multipart/form-data as its content type says, or holds no picture.",
    "too-many-pictures": "The form holds more pictures than one request may.",
    "overloaded": "As many pictures wait as may; try again after the time that Retry-After says.",
    "not-ready": "The server is starting, stopping, or its detector failed the self-test.",
    "timed-out": "The answer was not ready in time.",
}
"""Code of every `RequestError` and its meaning."""

FetchCode = Literal["fetch-off", "not-allowed", "unreachable", "too-slow"]

FETCH_CODES: dict[FetchCode, str] = {
    "fetch-off": "The server takes no pictures from URLs; its owner can switch that on.",
    "not-allowed": "The URL, a redirect, or the address behind it is not one that may be fetched from.",
    "unreachable": "The URL did not give a picture: no such host, no connection, or an answer other than 200.",
    "too-slow": "The URL did not give the picture in time.",
}
"""Code of every `FetchError` and its meaning."""


class UnframeError(Exception):
    """Base of every error that unframe raises on purpose."""


class DecodeError(UnframeError):
    """Bytes that could not be turned into an image.

    Attributes:
        code: One of `DECODE_CODES`.
    """

    def __init__(self, code: DecodeCode, message: str) -> None:
        super().__init__(message)
        self.code: DecodeCode = code

    def __reduce__(self) -> tuple[type[DecodeError], tuple[DecodeCode, str]]:
        # Errors travel between worker processes; the default would forget the code.
        return type(self), (self.code, str(self))


class OutputError(UnframeError):
    """An output file that must not, or could not, be written.

    Attributes:
        code: One of `OUTPUT_CODES`.
    """

    def __init__(self, code: OutputCode, message: str) -> None:
        super().__init__(message)
        self.code: OutputCode = code

    def __reduce__(self) -> tuple[type[OutputError], tuple[OutputCode, str]]:
        return type(self), (self.code, str(self))


class RemovalError(UnframeError):
    """A frame that was left in place, because taking it off could do harm.

    Attributes:
        code: One of `REMOVAL_CODES`.
    """

    def __init__(self, code: RemovalCode, message: str) -> None:
        super().__init__(message)
        self.code: RemovalCode = code

    def __reduce__(self) -> tuple[type[RemovalError], tuple[RemovalCode, str]]:
        return type(self), (self.code, str(self))


class RestoreError(UnframeError):
    """An original that was not brought back.

    Attributes:
        code: One of `RESTORE_CODES`.
    """

    def __init__(self, code: RestoreCode, message: str) -> None:
        super().__init__(message)
        self.code: RestoreCode = code

    def __reduce__(self) -> tuple[type[RestoreError], tuple[RestoreCode, str]]:
        return type(self), (self.code, str(self))


class RequestError(UnframeError):
    """A request that the server does not answer with a result.

    Attributes:
        code: One of `REQUEST_CODES`.
        retry_after: Seconds after which to try again; ``None`` where trying again is of no use.
    """

    def __init__(self, code: RequestCode, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code: RequestCode = code
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type[RequestError], tuple[RequestCode, str, int | None]]:
        return type(self), (self.code, str(self), self.retry_after)


class FetchError(UnframeError):
    """A picture that was not fetched from its URL.

    Attributes:
        code: One of `FETCH_CODES`.
    """

    def __init__(self, code: FetchCode, message: str) -> None:
        super().__init__(message)
        self.code: FetchCode = code

    def __reduce__(self) -> tuple[type[FetchError], tuple[FetchCode, str]]:
        return type(self), (self.code, str(self))


class ModelError(UnframeError):
    """A detector that is unknown, or whose weights or card cannot be trusted."""


class DatasetError(UnframeError):
    """A data set that cannot be read; the message names file, row and repair."""


class StoreError(UnframeError):
    """A label store that cannot be opened, migrated or written."""


class SettingsError(UnframeError):
    """A setting or parameter whose value is not allowed."""


class ScanError(UnframeError):
    """A scan whose source cannot be read, or whose results cannot be started or resumed."""


class MissingExtraError(UnframeError):
    """A package that only one of unframe's extras installs.

    Attributes:
        extra: Name of the extra to install.
    """

    def __init__(self, purpose: str, package: str, extra: str) -> None:
        super().__init__(f"{purpose} needs {package}. Install it with: pip install 'unframe[{extra}]'")
        self.extra = extra


def failure(path: str, error: Exception) -> dict[str, Any]:
    """The record of a picture that failed, in the shape every output of unframe uses.

    ``error`` is the code of a decode, output or removal error; ``internal`` marks a defect of unframe itself.

    Args:
        path: What the record calls the picture.
        error: What was raised.
    """
    if isinstance(error, UnframeError):
        code, message = getattr(error, "code", type(error).__name__), str(error)
    else:
        code, message = "internal", f"{path}: {type(error).__name__}: {error}; please report this"
    return {"path": path, "status": "error", "error": code, "message": message}
