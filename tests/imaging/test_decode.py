"""Decoding, against Pillow's own reading and against files built by hand."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageCms, ImageOps

from tests.imaging.pictures import (
    HEIGHT,
    STILL,
    WIDTH,
    animation,
    colours,
    exif,
    on_white,
    opened,
    saved,
    srgb_profile,
    still,
    swapped_profile,
)
from unframe.errors import DECODE_CODES, DecodeError
from unframe.imaging import decode, probe
from unframe.settings import Settings


def code(data: bytes, settings: Settings | None = None) -> str:
    with pytest.raises(DecodeError) as caught:
        decode(data, settings, name="a.jpg")
    assert str(caught.value).startswith("a.jpg ")
    assert caught.value.code in DECODE_CODES
    return caught.value.code


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of these chunks, with right checksums."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, body in chunks:
        parts += [struct.pack(">I", len(body)), kind, body, struct.pack(">I", zlib.crc32(kind + body))]
    return b"".join(parts)


def png_header(width: int, height: int, bits: int = 8, colour: int = 2) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)


@pytest.mark.parametrize("name", STILL)
def test_pixels_are_those_of_pillow_on_white(name: str) -> None:
    data = still(name)
    image = decode(data)
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - on_white(data)).max() <= (1 if "alpha" in name else 0)


@pytest.mark.parametrize("name", STILL)
def test_header_agrees_with_pillow(name: str) -> None:
    data = still(name)
    header, picture = probe(data), opened(data)
    assert (header.format, header.mode) == (picture.format, picture.mode)
    assert (header.width, header.height) == picture.size
    assert (header.orientation, header.frames, header.complete) == (1, 1, True)
    assert not header.animated


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("format", "options"), [("JPEG", {}), ("PNG", {}), ("WEBP", {"lossless": True})])
def test_orientation_is_pillows(format: str, options: dict[str, bool], orientation: int) -> None:
    data = saved(colours(), format, exif=exif(orientation), **options)
    upright = ImageOps.exif_transpose(opened(data))
    assert np.array_equal(decode(data), np.asarray(upright))
    header = probe(data)
    assert (header.width, header.height, header.orientation) == (*upright.size, orientation)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("format", ["JPEG", "TIFF", "AVIF", "PNG"])
def test_the_eight_orientations_show_the_same_picture(format: str, orientation: int) -> None:
    """RELIABILITY 4: at most 6 of 255 levels from orientation 1, on average."""
    picture = colours(64, 48)
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]  # what `orientation` undoes, as Pillow counts turns
    stored = picture.transpose(PillowImage.Transpose(back))
    if format == "TIFF":
        data = saved(stored, format, tiffinfo={274: orientation})
    else:
        data = saved(stored, format, exif=exif(orientation))
    first = decode(saved(picture, format))
    assert decode(data).shape == first.shape
    assert np.abs(decode(data).astype(int) - first).mean() <= 6


def test_broken_exif_is_orientation_one() -> None:
    for block in (b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0MM\0+" + b"\xff" * 20, b"Exif\0\0II*\0\xff\xff\xff\xff"):
        assert np.array_equal(decode(saved(colours(), "JPEG", exif=block)), decode(saved(colours(), "JPEG")))


def test_profile_is_applied() -> None:
    data = saved(colours(), "PNG", icc_profile=swapped_profile())
    expected = ImageCms.profileToProfile(
        colours(), ImageCms.ImageCmsProfile(BytesIO(swapped_profile())), ImageCms.createProfile("sRGB")
    )
    assert expected is not None
    assert np.abs(decode(data).astype(int) - np.asarray(expected)).max() <= 1
    assert np.abs(decode(data).astype(int) - np.asarray(colours())).max() > 50
    assert probe(data).has_icc


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("profile", [srgb_profile(), b"no profile at all", srgb_profile()[:200]])
def test_srgb_and_broken_profiles_change_nothing(profile: bytes, format: str) -> None:
    assert np.array_equal(decode(saved(colours(), format, icc_profile=profile)), decode(saved(colours(), format)))


def test_profile_of_other_colours_is_ignored() -> None:
    data = saved(colours().convert("L"), "JPEG", icc_profile=swapped_profile())
    assert np.array_equal(decode(data), on_white(saved(colours().convert("L"), "JPEG")))


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_first_of_several_frames(format: str) -> None:
    data = animation(format)
    header = probe(data)
    assert header.frames == 3
    assert header.animated
    assert np.abs(decode(data).astype(int) - np.asarray(colours())).mean() < 4


def test_sixteen_bit_colour_png_built_by_hand() -> None:
    rows = b"\0" + struct.pack(">6H", 0x1200, 0x34FF, 0xFFFF, 0, 0x8000, 0x00FF)
    data = png(png_header(2, 1, bits=16), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    assert decode(data).tolist() == [[[0x12, 0x34, 0xFF], [0, 0x80, 0]]]


def test_large_pictures_are_converted_in_bands() -> None:
    picture = colours(700, 800)
    for turn, stored in (
        (1, picture),
        (6, picture.convert("L")),
        (7, picture.quantize(9)),
        (8, picture.convert("RGBA")),
    ):
        data = saved(stored, "PNG", exif=exif(turn))
        assert np.array_equal(decode(data), np.asarray(ImageOps.exif_transpose(opened(data)).convert("RGB")))


def test_bmp_with_the_header_of_os2_built_by_hand() -> None:
    rows = bytes([1, 2, 3, 4, 5, 6, 0, 0]) + bytes([7, 8, 9, 10, 11, 12, 0, 0])
    data = b"BM" + struct.pack("<IHHIIHHHH", 26 + len(rows), 0, 0, 26, 12, 2, 2, 1, 24) + rows
    assert decode(data).tolist() == [[[9, 8, 7], [12, 11, 10]], [[3, 2, 1], [6, 5, 4]]]
    assert decode(data[:-2]).shape == (2, 2, 3)  # the padding of the last row may be left out
    assert code(data[:-3]) == "truncated"


def bmp(width: int, height: int, bits: int, compression: int, palette: bytes, pixels: bytes) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, len(palette) // 4, 0)
    offset = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + head + palette + pixels


def test_bmp_from_the_top_and_with_run_lengths_built_by_hand() -> None:
    assert decode(bmp(1, -2, 24, 0, b"", bytes([1, 2, 3, 0, 4, 5, 6, 0]))).tolist() == [[[3, 2, 1]], [[6, 5, 4]]]
    palette = bytes([0, 0, 255, 0, 0, 255, 0, 0])
    runs = bytes([3, 1, 0, 0, 2, 0, 1, 1, 0, 1])
    image = decode(bmp(3, 2, 8, 1, palette, runs))
    red, green = [255, 0, 0], [0, 255, 0]
    assert image.tolist() == [[red, red, green], [green, green, green]]
    assert code(bmp(3000, 2000, 8, 1, palette, runs)) == "truncated"
    assert code(bmp(3, 2, 24, 4, palette, runs)) == "unsupported-format"
    assert code(bmp(3, 2, 24, 1, palette, runs)) == "corrupt"
    assert code(bmp(3, 2, 7, 0, palette, runs)) == "unsupported-format"


def test_tiff_in_tiles_built_by_hand() -> None:
    left, right = np.full((16, 16), 40, np.uint8), np.full((16, 16), 90, np.uint8)
    tags = [(256, 3, 1, 20), (257, 3, 1, 10), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]
    tags += [(322, 3, 1, 16), (323, 3, 1, 16), (324, 4, 2, 200), (325, 4, 2, 208)]
    table = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = (b"II*\0" + struct.pack("<IH", 8, len(tags)) + table + bytes(4)).ljust(200, b"\0")
    data = head + struct.pack("<4I", 216, 472, 256, 256) + left.tobytes() + right.tobytes()
    image = decode(data)
    assert image.shape == (10, 20, 3)
    assert (image[:, :16] == 40).all()
    assert (image[:, 16:] == 90).all()
    assert code(data[:-1]) == "truncated"
    assert code(data.replace(struct.pack("<HHII", 324, 4, 2, 200), struct.pack("<HHII", 324, 4, 1, 200))) == "truncated"


@pytest.mark.parametrize("bits", [8, 16])
def test_tiff_in_which_0_is_white_built_by_hand(bits: int) -> None:
    sample = "<u2" if bits == 16 else "u1"
    pixels = np.array([[0, 2**bits - 1]], sample).tobytes()
    tags = [(256, 3, 1, 2), (257, 3, 1, 1), (258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, 0), (273, 4, 1, 8)]
    tags += [(277, 3, 1, 1), (278, 3, 1, 1), (279, 4, 1, len(pixels))]
    table = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    data = b"II*\0" + struct.pack("<I", 12) + pixels.ljust(4) + struct.pack("<H", len(tags)) + table + bytes(4)
    if bits == 8:
        assert decode(data)[0, :, 0].tolist() == [255, 0]
    else:
        assert code(data) == "unsupported-format"
    dark = data.replace(struct.pack("<HHII", 262, 3, 1, 0), struct.pack("<HHII", 262, 3, 1, 1))
    assert decode(dark)[0, :, 0].tolist() == [0, 255]


def test_cmyk_without_adobe_segment_is_not_inverted() -> None:
    data = saved(PillowImage.new("CMYK", (16, 16), (0, 0, 0, 0)), "JPEG", quality=95)
    at = data.index(b"\xff\xee")
    length = struct.unpack_from(">H", data, at + 2)[0]
    plain = data[:at] + data[at + 2 + length :]
    assert decode(data).min() > 250
    assert decode(plain).max() < 5


def test_plain_jpegs_have_the_pixels_of_pillow_at_every_size() -> None:
    for width, height in [(1, 1), (8, 8), (17, 9), (33, 250), (129, 64)]:
        for subsampling in (0, 1, 2):
            data = saved(colours(200, 260).resize((width, height)), "JPEG", subsampling=subsampling)
            assert np.array_equal(decode(data), np.asarray(opened(data)))


def test_limit_of_bytes() -> None:
    data = still("png")
    decode(data, Settings(max_bytes=len(data)))
    assert code(data, Settings(max_bytes=len(data) - 1)) == "too-large"


@pytest.mark.parametrize("name", ["jpeg 4:2:0", "png", "webp lossy", "gif", "bmp", "tiff", "avif"])
def test_limits_of_pixels_and_sides(name: str) -> None:
    data, pixels = still(name), WIDTH * HEIGHT
    decode(data, Settings(max_pixels=pixels, max_side=WIDTH))
    assert code(data, Settings(max_pixels=pixels - 1)) == "too-large"
    assert code(data, Settings(max_side=WIDTH - 1)) == "too-large"
    with pytest.raises(DecodeError, match="MAX_SIDE"):
        probe(data, Settings(max_side=WIDTH - 1))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = png(png_header(30_000, 30_000), (b"IDAT", zlib.compress(bytes(1 << 22))), (b"IEND", b""))
    assert code(bomb) == "too-large"
    assert code(bomb, Settings(max_pixels=2_000_000_000)) == "truncated"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "truncated"),
        (b"\x89PNG", "truncated"),
        (b"hello, this is a letter and no picture", "not-an-image"),
        (b"%PDF-1.7 and so on", "not-an-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported-format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "unsupported-format"),
        (b"8BPS\0\1", "unsupported-format"),
        (b"\xff\xd8\xff", "truncated"),
        (b"\xff\xd8\xff\xff\xff", "truncated"),
        (b"\xff\xd8\xff\xd9", "corrupt"),
        (png(png_header(0, 5), (b"IDAT", b""), (b"IEND", b"")), "corrupt"),
        (png(png_header(5, 5, bits=3), (b"IDAT", b""), (b"IEND", b"")), "corrupt"),
        (png(png_header(5, 5), (b"IEND", b"")), "corrupt"),
        (png(png_header(5, 5, colour=3), (b"IDAT", zlib.compress(bytes(30))), (b"IEND", b"")), "corrupt"),
        (png(png_header(5, 5), (b"IDAT", b"no deflate stream"), (b"IEND", b"")), "corrupt"),
        (b"GIF89a\1\0\1\0\0\0\0;", "corrupt"),
        (b"RIFF\x14\0\0\0WEBPVP8L\x08\0\0\0\x00c\xc0\x18\x10\x88\x88\x08", "corrupt"),
        (b"II*\0\xff\0\0\0", "truncated"),
    ],
)
def test_codes(data: bytes, expected: str) -> None:
    assert code(data) == expected


def test_wrong_checksum_of_pixels_is_forgiven_where_the_inner_one_is_right() -> None:
    data = bytearray(still("png"))
    at = data.index(b"IDAT")
    end = at + 4 + struct.unpack_from(">I", data, at - 4)[0]
    outer = data.copy()
    outer[end] ^= 1
    assert np.array_equal(decode(bytes(outer)), decode(bytes(data)))
    outer[end - 1] ^= 1  # the last byte of the inner checksum
    assert code(bytes(outer)) == "corrupt"


def test_pixels_are_unpacked_once_however_many_checksums_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    packed, unpacked = zlib.compress(bytes(4 << 20)), []
    pieces = [packed[at : at + 300] for at in range(0, len(packed), 300)]
    broken = b"".join(struct.pack(">I", len(each)) + b"IDAT" + each + bytes(4) for each in pieces)
    data = png(png_header(5, 5)) + broken + png((b"IEND", b""))[8:]
    real = zlib.decompressobj

    class Counting:
        def __init__(self) -> None:
            self.inflater = real()

        def __getattr__(self, name: str) -> object:
            return getattr(self.inflater, name)

        def decompress(self, *arguments: Any) -> bytes:
            unpacked.append(self.inflater.decompress(*arguments))
            return unpacked[-1]

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    assert probe(data).complete
    assert sum(map(len, unpacked)) == 4 << 20
    assert max(map(len, unpacked)) < 2 << 20


def test_wrong_checksum_of_the_palette_is_not() -> None:
    data = bytearray(still("png palette"))
    data[data.index(b"PLTE") + 5] ^= 1
    assert code(bytes(data)) == "corrupt"


@pytest.mark.parametrize("name", STILL)
def test_cut_files_are_rejected(name: str) -> None:
    """RELIABILITY 6."""
    data = still(name)
    rng = np.random.default_rng(len(name))
    for end in rng.integers(1, len(data) * 99 // 100 - 2, 10):
        assert code(data[:end]) in {"truncated", "corrupt", "not-an-image"}, end


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("jpeg 4:2:0", slice(0, 10)),
        ("jpeg 4:4:4 progressive", slice(0, 10)),
        ("png", slice(0, 10)),
        ("gif", slice(0, 40, 8)),  # interlaced: these rows come first
        ("bmp", slice(-10, None)),  # stored from the bottom
        ("tiff", slice(0, 10)),
    ],
)
def test_cut_files_decode_in_part_when_asked(name: str, rows: slice) -> None:
    data = still(name)
    whole = decode(data).astype(int)
    # Pillow writes the directory of a TIFF last, so that nothing is left of one that is cut; here, pixels come last.
    data = data[: len(data) * 2 // 3] if name != "tiff" else cut_tiff(data)
    assert code(data) == "truncated"
    assert not probe(data).complete
    part = decode(data, partial=True)
    assert part.shape == whole.shape
    assert np.abs(part[rows] - whole[rows]).mean() < (12 if "jpeg" in name else 0.01)


def cut_tiff(data: bytes) -> bytes:
    """A TIFF of one strip whose directory stands before its pixels, of which a third is missing."""
    pixels = np.asarray(colours()).tobytes()
    tags = [(256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2)]
    tags += [(273, 4, 1, 200), (277, 3, 1, 3), (278, 3, 1, HEIGHT), (279, 4, 1, len(pixels))]
    table = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = (b"II*\0" + struct.pack("<IH", 8, len(tags)) + table + bytes(4)).ljust(200, b"\0")
    assert np.array_equal(decode(head + pixels), decode(data))
    return head + pixels[: len(pixels) * 2 // 3]


def test_one_poisoned_picture_among_thirty_two() -> None:
    """RELIABILITY 18: in threads, one typed error, and 31 pictures as if alone."""
    names = (list(STILL) * 2)[:32]
    files = [still(name) for name in names]
    files[17] = files[17][: len(files[17]) // 2]

    def outcome(data: bytes) -> bytes | str:
        try:
            return decode(data).tobytes()
        except DecodeError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(outcome, files))
    assert [each for each in together if isinstance(each, str)] == ["truncated"]
    assert together == [outcome(data) for data in files]


def test_settings_of_pillow_are_left_alone() -> None:
    from PIL import ImageFile

    before = (PillowImage.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, ImageFile.MAXBLOCK)
    decode(still("jpeg 4:2:0")[:-40], partial=True)
    assert before == (PillowImage.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, ImageFile.MAXBLOCK)


def test_importing_the_room_loads_no_decoder_that_may_not_be_needed() -> None:
    script = "import sys, unframe.imaging; print([m for m in ('simplejpeg', 'jpeglib', 'cv2') if m in sys.modules])"
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root, env=dict(os.environ)
    )
    assert ran.stdout.strip() == "[]"
