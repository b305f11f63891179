"""The shapes of answers, for the OpenAPI description; a test holds that records have them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from unframe.removal import MODES
from unframe.types import KINDS, SIDES, VERDICTS

BoxEdges = Annotated[
    list[int],
    Field(min_length=4, max_length=4, description="left, top, right, bottom in pixels; right and bottom exclusive"),
]
Pixels = Annotated[int, Field(ge=1)]
# The words are those of `unframe.types`; a test holds that, since a type checker cannot read them from there.
Verdict = Literal["framed", "clean", "review"]
Kind = Literal["border", "inset", "keyline", "padding", "banner", "decorative"]
Side = Literal["top", "right", "bottom", "left"]
Action = Literal["pass", "crop", "fill", "pad"]
WORDS = {Verdict: VERDICTS, Kind: KINDS, Side: SIDES, Action: ("pass", *MODES)}

FRAMED: dict[str, Any] = {
    "path": "a.jpg",
    "status": "ok",
    "width": 800,
    "height": 600,
    "verdict": "framed",
    "framed": True,
    "probability": 0.998,
    "kind": "border",
    "sides": ["top", "right", "bottom", "left"],
    "inner": [12, 12, 788, 588],
    "outer": [0, 0, 800, 600],
    "detector": "cnn",
    "model": "unframe-1",
}
FAILED: dict[str, Any] = {
    "path": "b.jpg",
    "status": "error",
    "error": "truncated",
    "message": "b.jpg ends after 1,203 of about 48,000 bytes",
}
REMOVED: dict[str, Any] = FRAMED | {
    "action": "crop",
    "reason": None,
    "output": "001-a.jpg",
    "output_width": 776,
    "output_height": 576,
    "output_verdict": "clean",
    "too_small": False,
}
OVERLOADED: dict[str, Any] = {
    "type": "https://github.com/unframe/unframe/blob/main/docs/errors.md#overloaded",
    "title": "As many pictures wait as may; try again after the time that Retry-After says.",
    "status": 429,
    "detail": "32 pictures wait already, as many as may; try again in 1 s",
    "error": "overloaded",
    "instance": "urn:request:5f0c2a9be1d34c77",
}
READY: dict[str, Any] = {"status": "ready", "model": "unframe-1"}


class Record(BaseModel):
    """What was found in one picture."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [FRAMED]})

    path: str = Field(description="What the request called the picture")
    status: Literal["ok"]
    width: Pixels = Field(description="Width in pixels, after EXIF orientation")
    height: Pixels = Field(description="Height in pixels, after EXIF orientation")
    verdict: Verdict = Field(description="review when the probability is too close to call")
    framed: bool = Field(description="Whether the probability reaches the model's decision threshold")
    probability: float = Field(ge=0, le=1, description="Calibrated probability that the picture is framed")
    kind: Kind | None = Field(description="What the frame looks like; null without one")
    sides: list[Side] = Field(description="Sides that carry a frame")
    inner: BoxEdges | None = Field(description="Box of the photograph inside the frame; null without one")
    outer: BoxEdges | None = Field(description="Box where the frame begins; null without one")
    detector: Literal["cnn", "baseline"]
    model: str = Field(description="Name and version of the weights or rules")


class Failure(BaseModel):
    """Why one picture of a form could not be judged; the others are judged all the same."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [FAILED]})

    path: str = Field(description="What the request called the picture")
    status: Literal["error"]
    error: str = Field(description="Code of the error, one of those in docs/errors.md")
    message: str = Field(description="What is wrong, and what to do about it")


class Problem(BaseModel):
    """A request that failed, as RFC 9457 has it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [OVERLOADED]})

    type: str = Field(description="URI that names the kind of problem")
    title: str = Field(description="What that kind of problem is")
    status: int = Field(description="HTTP status")
    detail: str = Field(description="What is wrong with this request, and what to do about it")
    error: str = Field(description="Code of the error, one of those in docs/errors.md")
    instance: str | None = Field(default=None, description="The request's identifier, as the log has it")


class Health(BaseModel):
    """Whether the server lives, or takes requests."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [READY]})

    status: Literal["live", "ready"]
    model: str | None = Field(default=None, description="Name and version of the weights or rules that judge")
