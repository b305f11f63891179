"""Encoding in the manner of a picture, and cutting, against what Pillow reads back."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageOps, JpegImagePlugin
from PIL.PngImagePlugin import PngInfo

from tests.imaging.pictures import (
    HEIGHT,
    ORIENTATION,
    STILL,
    WIDTH,
    animation,
    colours,
    exif,
    opened,
    saved,
    srgb_profile,
    still,
    swapped_profile,
)
from unframe.errors import DecodeError, OutputError
from unframe.imaging import crop, decode, encode, probe
from unframe.imaging.formats.png import chunks
from unframe.types import Box

BOX = Box(5, 3, 51, 40)
LOSSY = ("jpeg", "webp lossy", "avif")


def within(image: np.ndarray, box: Box) -> np.ndarray:
    return image[box.top : box.bottom, box.left : box.right]


def manner(data: bytes) -> tuple[Any, ...]:
    picture = opened(data)
    sampling = JpegImagePlugin.get_sampling(picture)
    return picture.quantization, sampling, picture.info.get("progressive"), picture.mode  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", STILL)
def test_cut_holds_the_pixels_of_its_box_in_the_same_format_and_mode(name: str) -> None:
    data = still(name)
    cut = crop(data, BOX)
    assert probe(cut).format == probe(data).format
    assert probe(cut).mode == probe(data).mode
    gap = np.abs(decode(cut).astype(int) - within(decode(data), BOX))
    assert gap.shape == (BOX.height, BOX.width, 3)
    if name.startswith(LOSSY):
        assert gap.mean() < 6  # a second generation of a small picture with hard colours and noise
    else:
        assert gap.max() == 0


@pytest.mark.parametrize(
    "name", ["png palette", "png small palette", "png palette with alpha", "png 16-bit grey", "png alpha", "bmp alpha"]
)
def test_cut_keeps_stored_pixels_to_the_bit(name: str) -> None:
    before, after = opened(still(name)), opened(crop(still(name), BOX))
    if before.mode == "P":
        assert after.getpalette("RGBA") == before.getpalette("RGBA")
    assert np.array_equal(np.asarray(after), within(np.asarray(before), BOX))


@pytest.mark.parametrize("name", STILL)
def test_the_whole_box_gives_back_the_same_bytes(name: str) -> None:
    assert crop(still(name), Box.whole(WIDTH, HEIGHT)) is still(name)


@pytest.mark.parametrize("name", [name for name in STILL if name.startswith("jpeg")])
@pytest.mark.parametrize("box", [BOX, Box(16, 16, 50, 44)])
def test_jpeg_keeps_tables_subsampling_and_colour_space(name: str, box: Box) -> None:
    before, after = manner(still(name)), manner(crop(still(name), box))
    assert after[:2] == before[:2]
    assert after[3] == before[3]


def test_jpeg_keeps_three_tables_and_their_order() -> None:
    tables = [[7] * 64, [9] * 64, [11] * 64]
    data = saved(colours(), "JPEG", qtables=tables, subsampling=0)
    assert manner(crop(data, BOX))[0] == manner(data)[0] == dict(enumerate(tables))


def test_jpeg_stays_progressive() -> None:
    assert manner(crop(still("jpeg 4:4:4 progressive"), BOX))[2] == 1
    assert manner(encode(decode(still("png")), still("jpeg 4:4:4 progressive")))[2] == 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
def test_cut_is_upright(format: str, orientation: int) -> None:
    picture = colours().quantize(40).convert("RGB")
    tags = {"tiffinfo": {274: orientation}} if format == "TIFF" else {"exif": exif(orientation)}
    options = {"quality": 97, "subsampling": 0} if format == "JPEG" else {}
    data = saved(picture, format, **tags, **options)
    upright = decode(data)
    box = Box(3, 7, upright.shape[1] - 9, upright.shape[0] - 2)
    cut = crop(data, box)
    header = probe(cut)
    assert (header.orientation, header.width, header.height) == (1, box.width, box.height)
    assert np.abs(decode(cut).astype(int) - within(upright, box)).mean() < (4 if format == "JPEG" else 0.01)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("box", [BOX, Box(16, 16, 50, 44)])
def test_exif_is_kept_upright_and_sized(format: str, box: Box) -> None:
    cut = opened(crop(saved(colours(), format, exif=exif(6)), Box(3, 3, 40, 50)))
    assert cut.getexif()[ORIENTATION] == 1
    assert cut.getexif()[0x010E] == "a lamp"
    assert cut.getexif().get_ifd(0x8769)[0xA002] == 37
    assert cut.getexif().get_ifd(0x8769)[0xA003] == 47
    assert opened(crop(saved(colours(), format, exif=exif(1)), box)).getexif()[0x010E] == "a lamp"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("box", [BOX, Box(16, 16, 50, 44)])
def test_cut_keeps_the_profile_and_does_not_convert(format: str, box: Box) -> None:
    data = saved(
        colours(),
        format,
        icc_profile=swapped_profile(),
        **({"quality": 97, "subsampling": 0} if format == "JPEG" else {}),
    )
    cut = crop(data, box)
    assert opened(cut).info["icc_profile"] == swapped_profile()
    assert np.abs(np.asarray(opened(cut)).astype(int) - within(np.asarray(opened(data)), box)).mean() < 3


def test_long_profile_survives_in_pieces() -> None:
    profile = srgb_profile() + bytes(150_000)
    data = saved(colours(), "JPEG", icc_profile=profile)
    for box in (BOX, Box(16, 16, 50, 44)):
        assert opened(crop(data, box)).info["icc_profile"] == profile


def test_png_keeps_text_gamma_and_density_but_no_stale_copies_of_metadata() -> None:
    notes = PngInfo()
    notes.add_text("Title", "a lamp")
    notes.add_text("Raw profile type exif", "stale")
    notes.add_itxt("XML:com.adobe.xmp", "stale")
    notes.add(b"gAMA", (45_455).to_bytes(4, "big"))
    cut = opened(crop(saved(colours(), "PNG", pnginfo=notes, dpi=(300, 300)), BOX))
    assert cut.info["Title"] == "a lamp"
    assert cut.info["gamma"] == pytest.approx(0.45455)
    assert cut.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert not [key for key in cut.info if "profile" in key or "adobe" in str(key)]


def test_webp_stays_lossless_and_tiff_keeps_its_compression() -> None:
    for data in (crop(still("webp lossless"), BOX), encode(decode(still("png")), still("webp lossless"))):
        assert b"VP8L" in data[:40]
    assert opened(crop(still("tiff deflate grey"), BOX)).info["compression"] == "tiff_adobe_deflate"
    assert opened(crop(still("tiff 1-bit"), BOX)).info["compression"] == "group4"


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_animations_are_not_cut(format: str) -> None:
    with pytest.raises(DecodeError, match="3 frames") as caught:
        crop(animation(format), BOX)
    assert caught.value.code == "unsupported-format"


@pytest.mark.parametrize("box", [(0, 0, 0, 5), (-1, 0, 5, 5), (0, 0, WIDTH + 1, 5), (9, 9, 3, 3)])
def test_boxes_outside_the_picture_are_refused(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="box"):
        crop(still("png"), Box(*box))


def test_broken_pictures_are_not_cut() -> None:
    with pytest.raises(DecodeError) as caught:
        crop(still("jpeg 4:2:0")[:-30], BOX, name="b.jpg")
    assert caught.value.code == "truncated"
    assert str(caught.value).startswith("b.jpg ")


def test_dense_progressive_jpeg_is_written_although_pillows_buffer_is_too_small(
    capfd: pytest.CaptureFixture[str],
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    data = saved(noise, "JPEG", quality=100, subsampling=0)
    cut = crop(data, Box(1, 1, 300, 300))
    assert np.abs(decode(cut).astype(int) - noise[1:, 1:]).max() < 12
    capfd.readouterr()  # libjpeg prints its complaint


@pytest.mark.skipif(find_spec("jpeglib") is None, reason="needs the extra 'lossless'")
@pytest.mark.parametrize("name", ["jpeg 4:2:0", "jpeg 4:2:2", "jpeg 4:4:4 progressive", "jpeg grey"])
@given(blocks=st.tuples(st.integers(0, 2), st.integers(0, 1)), end=st.tuples(st.integers(40, 60), st.integers(20, 44)))
def test_cut_on_the_block_grid_keeps_every_coefficient(
    name: str, blocks: tuple[int, int], end: tuple[int, int]
) -> None:
    left, top = 16 * blocks[0], 16 * blocks[1]
    data = still(name)
    cut = crop(data, Box(left, top, *end))
    before, after = coefficients(data), coefficients(cut)
    for old, new, step in zip(before, after, steps(data), strict=True):
        rows, columns = new.shape[:2]
        first_row, first_column = top // step[1], left // step[0]
        assert rows == -(-(end[1] - top) // step[1])
        assert columns == -(-(end[0] - left) // step[0])
        assert np.array_equal(old[first_row : first_row + rows, first_column : first_column + columns], new)


@pytest.mark.skipif(find_spec("jpeglib") is None, reason="needs the extra 'lossless'")
@pytest.mark.parametrize("name", ["jpeg 4:2:0", "jpeg 4:2:2", "jpeg 4:4:4 progressive", "jpeg grey", "jpeg rgb"])
def test_cut_on_the_block_grid_shows_the_same_pixels(name: str) -> None:
    data, box = saved(opened(still(name)), "JPEG", **KEPT[name], exif=exif(1), dpi=(300, 300)), Box(16, 16, 50, 44)
    cut = crop(data, box)
    gap = np.abs(decode(cut).astype(int) - within(decode(data), box))
    if name == "jpeg rgb":
        assert gap.mean() < 3  # encoded anew
    else:
        assert gap[2:-2, 2:-2].max() == 0  # smooth upsampling looks at neighbours, which are gone at the edges
    assert opened(cut).info["dpi"] == (300, 300)
    assert opened(cut).getexif().get_ifd(0x8769)[0xA002] == box.width


KEPT: dict[str, dict[str, Any]] = {
    "jpeg 4:2:0": {"subsampling": 2},
    "jpeg 4:2:2": {"subsampling": 1},
    "jpeg 4:4:4 progressive": {"subsampling": 0, "progressive": True},
    "jpeg grey": {},
    "jpeg rgb": {"keep_rgb": True},
}


def steps(data: bytes) -> list[tuple[int, int]]:
    """Pixels that a block of each component covers, across and down."""
    layers = [(each[1], each[2]) for each in opened(data).layer]  # type: ignore[attr-defined]
    widest = layers[0]
    return [(8 * widest[0] // across, 8 * widest[1] // down) for across, down in layers]


def coefficients(data: bytes) -> list[np.ndarray]:
    """The quantised coefficients of each component, read by jpeglib itself."""
    import tempfile

    import jpeglib

    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(data)
        file.flush()
        picture = jpeglib.read_dct(file.name)
        picture.load()
    return [each for each in (picture.Y, picture.Cb, picture.Cr) if each is not None]


def test_cmyk_that_is_not_adobes_keeps_its_look() -> None:
    data = saved(colours().convert("CMYK"), "JPEG", quality=95)
    at = data.index(b"\xff\xee")
    data = data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]
    gap = np.abs(decode(crop(data, BOX)).astype(int) - within(decode(data), BOX))
    assert gap.mean() < 3


def test_transparent_black_of_one_bit() -> None:
    data = saved(colours().convert("1"), "PNG", transparency=0)
    assert decode(data).min() == 255
    assert decode(crop(data, BOX)).min() == 255


def test_without_the_extra_the_cut_is_encoded_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box(16, 16, 50, 44)
    monkeypatch.setattr("unframe.imaging.lossless.util.find_spec", lambda _: None)
    cut = crop(still("jpeg 4:2:0"), box)
    assert manner(cut) == manner(still("jpeg 4:2:0"))
    assert np.abs(decode(cut).astype(int) - within(decode(still("jpeg 4:2:0")), box)).mean() < 3


@pytest.mark.parametrize("name", STILL)
def test_image_in_the_manner_of_every_picture(name: str) -> None:
    like, image = still(name), decode(still(name))[2:, 1:]
    data = encode(image, like)
    assert probe(data).format == probe(like).format
    gap = np.abs(decode(data).astype(int) - image)
    assert gap.mean() < (6 if name.startswith(LOSSY) else 2.5 if name.startswith("gif") else 0.01)
    if name in {"jpeg 4:2:0", "jpeg 4:2:2", "jpeg 4:4:4 progressive", "jpeg grey"}:
        assert manner(data) == manner(like)


def test_image_takes_over_exif_but_no_profile_that_would_shift_its_colours() -> None:
    like = saved(colours(), "JPEG", exif=exif(6), icc_profile=swapped_profile(), quality=95, subsampling=0)
    image = decode(like)
    data = encode(image, like)
    assert "icc_profile" not in opened(data).info
    assert opened(data).getexif()[ORIENTATION] == 1
    assert np.abs(decode(data).astype(int) - image).mean() < 3
    like = saved(colours(), "JPEG", icc_profile=srgb_profile())
    assert opened(encode(decode(like), like)).info["icc_profile"] == srgb_profile()


@pytest.mark.parametrize(("profile", "kept"), [(None, True), (srgb_profile, True), (swapped_profile, False)])
def test_image_takes_over_what_a_png_says_of_colours_only_where_they_are_the_same(
    profile: Callable[[], bytes] | None, kept: bool
) -> None:
    notes = PngInfo()
    said = {b"gAMA": bytes(4), b"cHRM": bytes(range(32)), b"sRGB": b"\0", b"cICP": bytes((1, 13, 0, 1))}
    for kind, body in said.items():
        notes.add(kind, body)
    notes.add_text("Title", "a lamp")
    like = saved(colours(), "PNG", pnginfo=notes, icc_profile=profile() if profile else None)
    before, after, cut = (
        [each.type for each in chunks(data) if each.type in said]
        for data in (like, encode(decode(like), like), crop(like, BOX))
    )
    assert set(before) >= said.keys() - {b"sRGB"}  # Pillow leaves out the one that a profile stands for
    assert cut == before
    assert after == (before if kept else [])
    assert opened(encode(decode(like), like)).info["Title"] == "a lamp"


def test_quality_and_format_by_name() -> None:
    image = np.asarray(colours())
    sizes = [len(encode(image, format="JPEG", quality=quality)) for quality in (20, 60, 95)]
    assert sizes == sorted(sizes)
    assert len(encode(image, still("jpeg 4:2:0"), quality=20)) < len(encode(image, still("jpeg 4:2:0")))
    turned = encode(image, saved(colours(), "JPEG", exif=exif(3)), format="PNG")
    assert np.array_equal(np.asarray(opened(turned)), image)
    assert opened(turned).getexif()[ORIENTATION] == 1
    for name in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"):
        assert probe(encode(image, format=name)).format == name


def test_what_cannot_be_encoded() -> None:
    image = np.asarray(colours())
    with pytest.raises(ValueError, match="format None"):
        encode(image)
    with pytest.raises(ValueError, match="'PCX'"):
        encode(image, format="PCX")
    with pytest.raises(OutputError, match="choose PNG"):
        encode(np.zeros((1, 20_000, 3), np.uint8), format="WEBP")
    with pytest.raises(DecodeError, match="take after"):
        encode(image, b"no picture")


def test_upright_oracle_is_pillows() -> None:
    data = saved(colours(), "PNG", exif=exif(5))
    expected = np.asarray(ImageOps.exif_transpose(PillowImage.open(BytesIO(data))))
    box = Box(4, 6, 30, 41)
    assert np.array_equal(np.asarray(opened(crop(data, box))), within(expected, box))
