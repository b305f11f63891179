"""The whole way of one picture: detect, plan, apply, and detect again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Literal, NamedTuple

from unframe.detector import Detector
from unframe.errors import RemovalError
from unframe.imaging import Source, decode, load, read
from unframe.imaging.encode import encode
from unframe.removal.apply import apply
from unframe.removal.plan import Mode, Options, Plan, closer, plan
from unframe.types import Detection, Image

Action = Mode | Literal["pass"]


@dataclass(frozen=True, slots=True)
class Removal:
    """What was done to one picture.

    Attributes:
        data: The encoded result; the very bytes that came in where nothing was changed.
        original: The encoded picture as it came in.
        detection: What was found in the picture as it came in.
        result: What was found in the result; the same as ``detection`` where nothing was changed.
        plan: What was done, or would have been but for ``refusal``; ``None`` where there was nothing to do.
        refusal: Why the frame was left in place.
        too_small: Whether the result is below `Options.min_side` or `Options.min_longest`.
    """

    data: bytes
    original: bytes
    detection: Detection
    result: Detection
    plan: Plan | None
    refusal: RemovalError | None
    too_small: bool

    @property
    def changed(self) -> bool:
        """Whether the result differs from what came in."""
        return self.data != self.original

    @property
    def action(self) -> Action:
        """What was done: the mode of removal, or ``pass`` when the picture was passed on as it came."""
        return self.plan.mode if self.plan and self.changed else "pass"

    @property
    def fringe(self) -> int:
        """Pixels beside the frame that went with it, on each of its sides."""
        if not (self.changed and self.plan and self.detection.frame):
            return 0
        return max(
            abs(after - before) for after, before in zip(self.plan.inner, self.detection.frame.inner, strict=True)
        )

    def record(self, path: str, output: str | None = None) -> dict[str, Any]:
        """The detection's record with what was done on top.

        Args:
            path: What the record calls the picture.
            output: Where the result was, or would be, written.
        """
        record = self.detection.record(path) | {
            "action": self.action,
            "reason": self.refusal.code if self.refusal else None,
            "output": output,
            "output_width": self.result.width,
            "output_height": self.result.height,
            "output_verdict": self.result.verdict,
            "too_small": self.too_small,
        }
        return record | {"message": str(self.refusal)} if self.refusal else record


def remove(
    source: Source, detector: Detector | None = None, options: Options | None = None, *, name: str | None = None
) -> Removal:
    """Take the frame off a picture; a picture without one is passed on byte for byte.

    Args:
        source: A path or the bytes of a picture file, whose format is kept; or a Pillow picture or an array, which
            become a PNG.
        detector: Who judges; the default detector when omitted.
        options: How frames are taken off; cropping when omitted.
        name: What messages call the picture; its path when omitted.

    Raises:
        DecodeError: The picture cannot be read or decoded, or is over a limit.
    """
    detector = detector or Detector.load()
    options = options or Options()
    name = name or (os.fspath(source) if isinstance(source, str | os.PathLike) else "image")
    original = _encoded(source, detector)
    image = decode(original, detector.settings, name=name)
    found = detector.detect(image)
    data, result, planned, refusal = original, found, None, None
    try:
        planned = plan(found, options)
        if planned is not None:
            work = partial(_carry_out, original=original, image=image, detector=detector, name=name)
            best = _best(work, chain([planned], closer(found, options)))
            _check(best.result, options)
            data, result, planned = best
    except RemovalError as error:
        refusal = error
    return Removal(data, original, found, result, planned, refusal, _too_small(result, options))


class _Outcome(NamedTuple):
    """A result, what was found in it, and what led to it."""

    data: bytes
    result: Detection
    plan: Plan

    @property
    def doubt(self) -> int:
        """0 for a clean result, 1 for one that may be framed, 2 for a framed one."""
        return int(self.result.verdict != "clean") + int(self.result.framed)


def _carry_out(planned: Plan, original: bytes, image: Image, detector: Detector, name: str) -> _Outcome:
    data = apply(planned, original, image, detector.settings, name=name)
    return _Outcome(data, detector.detect(data, name), planned)


def _best(work: Callable[[Plan], _Outcome], plans: Iterable[Plan]) -> _Outcome:
    """The first clean outcome; when there is none, the first of the least doubtful.

    Raises:
        RemovalError: No plan could be carried out; says why of the first.
    """
    best: _Outcome | None = None
    errors = []
    for planned in plans:
        try:
            outcome = work(planned)
        except RemovalError as error:  # what is left of a frame hides the plain backdrop to paint with
            errors.append(error)
            continue
        if best is None or outcome.doubt < best.doubt:
            best = outcome
        if not best.doubt:
            break
    if best is None:
        raise errors[0]
    return best


def _check(result: Detection, options: Options) -> None:
    """Raise `RemovalError` when a result should not be passed on."""
    # Not the verdict: `clean` is what a picture of which nothing is known must reach. Of one that has just lost its
    # frame, it is enough that another frame is less likely than none (docs/removal.md has the figures).
    if result.framed and not options.force:
        message = f"what remains has a frame with probability {result.probability:.2f}; look at it, or force it"
        raise RemovalError("still-framed", message)


def _encoded(source: Source, detector: Detector) -> bytes:
    if isinstance(source, str | os.PathLike | bytes | bytearray | memoryview):
        return read(source, detector.settings)
    return encode(load(source, detector.settings), format="PNG")


def _too_small(result: Detection, options: Options) -> bool:
    size = (result.width, result.height)
    return min(size) < options.min_side or max(size) < options.min_longest
