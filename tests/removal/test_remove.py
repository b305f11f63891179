"""Removal from bytes to bytes: clean pictures untouched, a second run without effect, harm refused."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from tests import draw, fakes
from tests.removal.conftest import encoded
from unframe import remove
from unframe.detector import Detector
from unframe.errors import DecodeError, SettingsError
from unframe.imaging import FORMATS, decode
from unframe.removal import Mode, Options, Size
from unframe.removal.plan import FRINGE
from unframe.settings import Settings
from unframe.types import SIDES, Box, Detection, Image, Side

LOSSLESS = ("PNG", "BMP", "TIFF", "GIF")
MODES: tuple[Mode, ...] = ("crop", "fill", "pad")


def bordered(thickness: int = 12, sides: tuple[Side, ...] = SIDES, seed: int = 3) -> Image:
    return draw.bordered(draw.product(seed=seed), thickness, fakes.FRAME_COLOUR, sides)[0]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("mode", MODES)
def test_a_clean_picture_is_passed_on_byte_for_byte(detector: Detector, format: str, mode: Mode) -> None:
    data = encoded(draw.product(), format)
    done = remove(data, detector, Options(mode=mode))
    assert done.data == data
    assert (done.changed, done.action, done.refusal) == (False, "pass", None)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("mode", MODES)
def test_a_frame_comes_off_and_a_second_run_does_nothing(detector: Detector, format: str, mode: Mode) -> None:
    done = remove(encoded(bordered(), format), detector, Options(mode=mode))
    assert (done.action, done.refusal) == (mode, None)
    assert PillowImage.open(BytesIO(done.data)).format == format
    expected = (136, 96) if mode == "crop" else (160, 120)
    assert (done.result.width, done.result.height) == expected
    assert done.result.verdict == "clean"
    again = remove(done.data, detector, Options(mode=mode))
    assert again.data == done.data


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_buffers_are_files_as_bytes_are(detector: Detector, kind: type) -> None:
    for image in (draw.product(), bordered()):
        data = encoded(image, "JPEG")
        done = remove(kind(data), detector)
        assert done == remove(data, detector)
        assert type(done.data) is bytes


@pytest.mark.parametrize(
    ("size", "settings"), [(Size(400, 400), Settings(max_pixels=100_000)), (Size(400, 300), Settings(max_side=399))]
)
def test_a_picture_is_not_padded_beyond_the_limits(size: Size, settings: Settings) -> None:
    bounded = Detector(fakes.FakeDetector(), settings)
    with pytest.raises(SettingsError, match=r"the size to pad to is 400 × .* raise UNFRAME_MAX_"):
        remove(encoded(bordered()), bounded, Options(mode="pad", size=size))


@pytest.mark.parametrize("format", LOSSLESS)
def test_a_cut_keeps_the_pixels(detector: Detector, format: str) -> None:
    data = encoded(bordered(), format)
    done = remove(data, detector)
    assert np.array_equal(decode(done.data), decode(data)[12:-12, 12:-12])


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.integers(0, 40),
    st.sets(st.sampled_from(SIDES), min_size=1).map(lambda sides: tuple(sorted(sides))),
    st.sampled_from(MODES),
    st.sampled_from(["PNG", "JPEG"]),
)
def test_whatever_the_frame_no_more_than_its_share_goes_and_a_second_run_does_nothing(
    detector: Detector, thickness: int, sides: tuple[Side, ...], mode: Mode, format: str
) -> None:
    data = encoded(bordered(thickness, sides), format)
    done = remove(data, detector, Options(mode=mode))
    assert done.result.width >= 0.55 * 160
    assert done.result.height >= 0.55 * 120
    assert remove(done.data, detector, Options(mode=mode)).data == done.data
    assert done.changed or done.data == data


def test_too_large_a_cut_is_refused_unless_forced(detector: Detector) -> None:
    data = encoded(bordered(35))
    refused = remove(data, detector)
    assert refused.data == data
    assert refused.refusal is not None
    assert refused.record("a.png")["reason"] == "too-much"
    assert "58% of the height" in refused.record("a.png")["message"]
    assert remove(data, detector, Options(force=True)).changed


def test_a_result_that_still_has_a_frame_is_not_passed_on_unless_forced(detector: Detector) -> None:
    image = bordered(20)
    image[8:-8, 8:-8] = draw.bordered(draw.product(144, 104), 4, fakes.DOUBTFUL_COLOUR)[0]
    image[:8], image[-8:], image[:, :8], image[:, -8:] = (fakes.FRAME_COLOUR,) * 4
    data = encoded(image)
    refused = remove(data, detector)
    assert (refused.data, refused.action) == (data, "pass")
    assert refused.record("a.png")["reason"] == "still-framed"
    forced = remove(data, detector, Options(force=True))
    assert (forced.action, forced.result.verdict) == ("crop", "review")


class Rough(fakes.FakeDetector):
    """Sees the photograph so many pixels too large: what is left of the frame is a line."""

    def __init__(self, off: int) -> None:
        self.off = off

    def detect(self, image: Image) -> Detection:
        found = super().detect(image)
        if found.frame is None:
            return found
        left, top, right, bottom = found.frame.inner
        off = min(self.off, left)
        inner = Box(left - off, top - off, right + off, bottom + off)
        return replace(found, frame=replace(found.frame, inner=inner))


@pytest.mark.parametrize("off", [0, 1, FRINGE])
def test_a_line_that_the_frame_leaves_goes_with_it(off: int) -> None:
    done = remove(encoded(bordered(12)), Detector(Rough(off)))
    assert done.plan is not None
    assert done.plan.inner == Box(12, 12, 148, 108)
    assert (done.result.verdict, done.refusal, done.fringe) == ("clean", None, off)


def test_no_more_than_the_fringe_is_tried(detector: Detector) -> None:
    data = encoded(bordered(12))
    refused = remove(data, Detector(Rough(FRINGE + 1)))
    assert refused.data == data
    assert refused.refusal is not None
    assert refused.refusal.code == "still-framed"
    forced = remove(data, Detector(Rough(FRINGE + 1)), Options(force=True))
    assert forced.plan is not None
    assert forced.plan.inner == Box(9, 9, 151, 111)


class Wavering(fakes.FakeDetector):
    """Leaves what it holds clean to review, with a probability of its own."""

    def __init__(self, probability: float) -> None:
        self.probability = probability

    def detect(self, image: Image) -> Detection:
        found = super().detect(image)
        return found if found.framed else replace(found, verdict="review", probability=self.probability)


def test_a_doubtful_result_is_passed_on_if_it_is_more_likely_clean() -> None:
    """Or else half of all frames would stay, although next to none of the results still has one."""
    detector = Detector(Wavering(0.3))
    data = encoded(bordered())
    done = remove(data, detector)
    assert (done.action, done.result.verdict, done.refusal) == ("crop", "review", None)
    assert done.record("a.png")["output_verdict"] == "review"
    again = remove(done.data, detector)
    assert (again.data, again.record("a.png")["reason"]) == (done.data, "review")


def test_painting_that_would_invent_content_is_refused(detector: Detector) -> None:
    noise = np.random.default_rng(0).integers(60, 160, (120, 160, 3)).astype(np.uint8)
    data = encoded(draw.bordered(noise, 12, fakes.FRAME_COLOUR)[0])
    for mode in ("fill", "pad"):
        for force in (False, True):
            done = remove(data, detector, Options(mode=mode, force=force))
            assert (done.data, done.record("a.png")["reason"]) == (data, "not-plain")


def test_a_picture_in_doubt_is_passed_on(detector: Detector) -> None:
    data = encoded(draw.bordered(draw.product(), 12, fakes.DOUBTFUL_COLOUR)[0])
    assert remove(data, detector).record("a.png")["reason"] == "review"
    assert remove(data, detector, Options(review=True)).action == "crop"


def test_jpeg_keeps_its_tables_and_subsampling(detector: Detector) -> None:
    for quality, subsampling in ((60, 2), (92, 0)):
        data = encoded(bordered(), "JPEG", quality=quality, subsampling=subsampling)
        before, after = PillowImage.open(BytesIO(data)), PillowImage.open(BytesIO(remove(data, detector).data))
        assert after.quantization == before.quantization  # type: ignore[attr-defined]
        assert after.layer == before.layer  # type: ignore[attr-defined]


def test_a_turned_picture_is_cut_upright(detector: Detector) -> None:
    image = bordered(12, ("top",))
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    turned = encoded(np.ascontiguousarray(np.rot90(image)), "JPEG", quality=95, exif=exif)
    done = remove(turned, detector)
    assert done.detection.frame is not None
    assert done.detection.frame.sides == ("top",)
    assert decode(done.data).shape == (108, 160, 3)
    assert PillowImage.open(BytesIO(done.data)).getexif().get(0x0112, 1) == 1


def test_paths_arrays_and_pillow_pictures(detector: Detector, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(bordered()))
    results = [remove(source, detector) for source in (path, str(path), bordered(), PillowImage.fromarray(bordered()))]
    for done in results:
        assert np.array_equal(decode(done.data), bordered()[12:-12, 12:-12])


def test_small_results_are_reported(detector: Detector) -> None:
    data = encoded(bordered())
    assert not remove(data, detector, Options(min_side=96)).too_small
    assert remove(data, detector, Options(min_side=97)).record("a.png")["too_small"] is True
    assert not remove(data, detector, Options(min_longest=136)).too_small
    assert remove(data, detector, Options(min_longest=137)).too_small


def test_padding_to_a_size(detector: Detector) -> None:
    done = remove(encoded(bordered()), detector, Options(mode="pad", size=Size(200, 200)))
    assert decode(done.data).shape == (200, 200, 3)


def test_errors_name_the_picture(detector: Detector) -> None:
    with pytest.raises(DecodeError, match=r"^shop/a\.jpg is not a picture"):
        remove(b"nonsense" * 10, detector, name="shop/a.jpg")
    with pytest.raises(DecodeError, match=r"^nowhere\.jpg cannot be read"):
        remove("nowhere.jpg", detector)


@pytest.mark.parametrize("mode", MODES)
def test_an_animation_would_lose_its_frames(detector: Detector, mode: Mode) -> None:
    stream = BytesIO()
    frames = [PillowImage.fromarray(bordered(seed=seed)) for seed in (1, 2, 3)]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(DecodeError, match="frames, of which"):
        remove(stream.getvalue(), detector, Options(mode=mode))
