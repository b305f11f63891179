"""Errors as answers: one place that knows which status goes with which code, and writes problems (RFC 9457)."""

from __future__ import annotations

from typing import Any, cast

from starlette.responses import JSONResponse

from unframe.errors import DECODE_CODES, FETCH_CODES, OUTPUT_CODES, REMOVAL_CODES, REQUEST_CODES, UnframeError

MEDIA_TYPE = "application/problem+json"
ERRORS_PAGE = "https://github.com/unframe/unframe/blob/main/docs/errors.md"

STATUS: dict[str, int] = {
    # a picture
    "not-an-image": 415,
    "unsupported-format": 415,
    "truncated": 422,
    "corrupt": 422,
    "too-large": 413,
    "unreadable": 422,
    "unwritable": 422,
    "too-much": 422,
    "not-plain": 422,
    # a request
    "bad-request": 422,
    "not-found": 404,
    "method-not-allowed": 405,
    "body-too-large": 413,
    "body-too-slow": 408,
    "bad-form": 400,
    "too-many-pictures": 413,
    "overloaded": 429,
    "not-ready": 503,
    "timed-out": 503,
    # a picture from a URL
    "fetch-off": 403,
    "not-allowed": 403,
    "unreachable": 502,
    "too-slow": 504,
    # a defect
    "internal": 500,
}
"""HTTP status of every code that the server answers with."""

MEANINGS: dict[str, str] = {"internal": "A defect of unframe itself; please report it."}
for _codes in (DECODE_CODES, OUTPUT_CODES, REMOVAL_CODES, REQUEST_CODES, FETCH_CODES):
    MEANINGS.update(cast(dict[str, str], _codes))


def code_of(error: Exception) -> str:
    """The code of an error: its own, or ``internal`` where it has none."""
    code = str(getattr(error, "code", "")) if isinstance(error, UnframeError) else ""
    return code if code in STATUS else "internal"


def problem(code: str, detail: str, *, instance: str | None = None, headers: dict[str, str] | None = None) -> Problem:
    """An error as an answer.

    Args:
        code: One of `STATUS`.
        detail: What is wrong, with which value, and what to do about it.
        instance: What names this occurrence: the request's identifier.
        headers: More headers.
    """
    content: dict[str, Any] = {
        "type": f"{ERRORS_PAGE}#{code}",
        "title": MEANINGS[code],
        "status": STATUS[code],
        "detail": detail,
        "error": code,
    }
    if instance:
        content["instance"] = f"urn:request:{instance}"
    return Problem(content, STATUS[code], headers, media_type=MEDIA_TYPE, code=code)


def problem_of(error: Exception, *, instance: str | None = None) -> Problem:
    """An error as an answer; of a defect nothing is told but that it is one."""
    code = code_of(error)
    detail = str(error) if code != "internal" else "unframe failed where it must not; the log says more"
    retry_after = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return problem(code, detail, instance=instance, headers=headers)


class Problem(JSONResponse):
    """An answer that says what is wrong.

    Attributes:
        code: One of `STATUS`.
    """

    def __init__(self, *arguments: Any, code: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.code = code
