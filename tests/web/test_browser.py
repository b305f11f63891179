"""The built page's engine in Chromium gives the verdicts and boxes of the Python package."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from scripts.browser_engine import Engine

from tests.draw import bordered, product
from unframe.dataset.generator.generate import Generator, Photo
from unframe.detector import Detector
from unframe.errors import DecodeError
from unframe.removal import remove
from unframe.settings import Settings
from unframe.types import Image

PICTURES = 50
NEAR = 1e-3
"""By how much probabilities may differ: the same network, run by another build of ONNX Runtime."""


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load("cnn")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Image]:
    """Framed pictures of every kind and plain ones that look framed, of many sizes."""
    folder = tmp_path_factory.mktemp("photos")
    photos = []
    for seed in range(8):
        backdrop = (255, 255, 255) if seed % 2 else (80 + 20 * seed, 150, 190 - 12 * seed)
        path = folder / f"{seed}.png"
        width, height = ((640, 480), (480, 640), (560, 560))[seed % 3]
        PillowImage.fromarray(product(width, height, seed=seed, backdrop=backdrop)).save(path)
        photos.append(Photo(path, "drawn"))
    generator = Generator(photos, seed=8, size=(120, 800))
    return [generator.draw(index).image for index in range(PICTURES)]


def _encoded(image: Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    PillowImage.fromarray(image).save(stream, format, **options)
    return stream.getvalue()


def _verdict(detector: Detector, data: bytes, name: str) -> tuple[dict[str, Any], float]:
    found = detector.detect(data, name)
    return found.record(name), found.probability


def _close_to_a_threshold(probability: float, thresholds: dict[str, float]) -> bool:
    return any(abs(probability - each) <= NEAR for each in thresholds.values())


@pytest.fixture(scope="module")
def thresholds(engine: Engine) -> dict[str, float]:
    found: dict[str, float] = engine.page.evaluate("async () => (await (await fetch('card.json')).json()).thresholds")
    return found


def test_verdicts_and_boxes_are_those_of_python(
    engine: Engine, detector: Detector, drawn: list[Image], thresholds: dict[str, float]
) -> None:
    verdicts = set()
    for number, image in enumerate(drawn):
        name = f"{number}.png"
        data = _encoded(image, "PNG")
        found = engine.detect(name, data)
        expected, probability = _verdict(detector, data, name)
        verdicts.add(expected["verdict"])
        assert found.pop("probability") == pytest.approx(expected.pop("probability"), abs=NEAR), name
        if not _close_to_a_threshold(probability, thresholds):
            assert found == expected
    assert {"framed", "clean"} <= verdicts


@pytest.fixture
def framed(detector: Detector) -> Iterator[bytes]:
    """A picture with a frame that is taken off, whatever the weights."""
    for thickness in range(6, 40, 2):
        for seed in range(4):
            data = _encoded(bordered(product(420, 330, seed=seed), thickness)[0], "PNG")
            if remove(data, detector).changed:
                yield data
                return
    pytest.skip("no drawn frame is taken off by these weights")


def test_a_frame_is_taken_off(engine: Engine, detector: Detector, framed: bytes) -> None:
    expected = remove(framed, detector)
    record, result = engine.remove("framed.png", framed)
    wanted = expected.record("framed.png", "framed.png")
    assert record.pop("probability") == pytest.approx(wanted.pop("probability"), abs=NEAR)
    assert record == wanted
    cropped, reference = (np.asarray(PillowImage.open(io.BytesIO(each))) for each in (result, expected.data))
    np.testing.assert_array_equal(cropped[..., :3], reference)


def test_a_picture_without_a_frame_comes_back_byte_for_byte(engine: Engine, detector: Detector) -> None:
    for seed in range(20):
        data = _encoded(product(300, 260, seed=seed, backdrop=(255, 255, 255)), "PNG")
        if detector.detect(data).verdict == "clean":
            record, result = engine.remove("clean.png", data)
            assert (record["action"], record["reason"]) == ("pass", None)
            assert result == data
            return
    pytest.skip("no drawn picture is clean by these weights")


def test_a_person_says_what_remains(engine: Engine) -> None:
    data = _encoded(product(200, 150), "PNG")
    record, result = engine.remove("told.png", data, [10, 20, 180, 150])
    assert record["action"] == "crop"
    assert PillowImage.open(io.BytesIO(result)).size == (170, 130)


@pytest.mark.parametrize(("format", "type"), [("JPEG", "JPEG"), ("WEBP", "WEBP"), ("GIF", "PNG"), ("BMP", "PNG")])
def test_what_is_cut_keeps_a_format_that_browsers_write(engine: Engine, format: str, type: str) -> None:
    _, result = engine.remove("told", _encoded(product(200, 150), format), [10, 20, 180, 150])
    assert PillowImage.open(io.BytesIO(result)).format == type


def test_transparency_is_shown_on_white(engine: Engine, detector: Detector) -> None:
    height, width = 200, 240
    image = product(width, height)
    alpha = np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1))
    data = _encoded(np.dstack([image, alpha]), "PNG")
    expected = detector.detect(data)
    # Browsers keep colours multiplied by their alpha, which costs up to a grey level.
    assert engine.detect("see-through.png", data)["probability"] == pytest.approx(expected.probability, abs=0.05)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_upright(engine: Engine, detector: Detector, orientation: int) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    data = _encoded(bordered(product(240, 160), 14, sides=("top",))[0], "PNG", exif=exif)
    found = engine.detect("turned.png", data)
    expected = detector.detect(data).record("turned.png")
    assert found.pop("probability") == pytest.approx(expected.pop("probability"), abs=NEAR)
    assert (found["width"], found["height"]) == (expected["width"], expected["height"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "truncated"),
        (b"GET / HTTP/1.1\r\n\r\n", "not-an-image"),
        (_encoded(product(300, 200), "PNG")[:9000], "truncated"),
        (_encoded(product(300, 200), "JPEG")[:2000], "truncated"),
        (_encoded(product(60, 40), "TIFF"), "unsupported-format"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50 + b"IEND", "corrupt"),
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "TIFF", "broken PNG"],
)
def test_what_cannot_be_read_has_the_code_that_python_gives(
    engine: Engine, detector: Detector, data: bytes, code: str
) -> None:
    found = engine.detect("bad", data)
    assert (found["status"], found["error"]) == ("error", code)
    assert found["message"].startswith("bad ")
    if code != "unsupported-format":
        with pytest.raises(DecodeError) as raised:
            detector.detect(data)
        assert raised.value.code == code


def test_too_many_bytes_are_refused_unread(engine: Engine) -> None:
    too_many = Settings().max_bytes + 1
    code = engine.page.evaluate("size => unframe.detect(new Blob([new Uint8Array(size)])).catch(e => e.code)", too_many)
    assert code == "too-large"


def test_one_bad_picture_leaves_the_engine_well(engine: Engine) -> None:
    assert engine.detect("bad", b"no picture")["status"] == "error"
    assert engine.detect("good", _encoded(product(), "PNG"))["status"] == "ok"


def test_nothing_but_the_built_files_is_asked_for(engine: Engine, address: str, built: Path) -> None:
    own = {f"{address}{name}" for name in ("blank", "favicon.ico")}
    files = {f"{address}{path.name}" for path in built.iterdir()}
    asked = {url for url in engine.asked if not url.startswith((f"{address}pictures/", "blob:"))}
    assert asked - own <= files
    assert f"{address}worker.js" in asked
