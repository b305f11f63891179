"""Reading and mending EXIF blocks, against Pillow's reader."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from tests.imaging.pictures import ORIENTATION, exif
from unframe.imaging.exif import PREFIX, after_crop, orientation


def read_back(block: bytes) -> PillowImage.Exif:
    found = PillowImage.Exif()
    found.load(block)
    return found


@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation_with_and_without_prefix(turn: int) -> None:
    block = exif(turn)
    assert orientation(block) == orientation(block.removeprefix(PREFIX)) == turn


@pytest.mark.parametrize("turn", [0, 9, 65_535])
def test_orientations_that_do_not_exist_are_one(turn: int) -> None:
    assert orientation(exif(turn)) == 1


def test_big_endian_and_other_types() -> None:
    for order, name in (("<", b"II"), (">", b"MM")):
        for kind, code in ((3, "HH"), (4, "I"), (1, "BBH")):
            value = struct.pack(order + code, 6, *[0] * (len(code) - 1))
            block = name + struct.pack(order + "HIHHHI", 42, 8, 1, ORIENTATION, kind, 1) + value + bytes(4)
            assert orientation(block) == 6


def test_crop_mends_size_and_orientation_and_keeps_the_rest() -> None:
    block = after_crop(exif(8, description="zwei Schirme"), 30, 20)
    found = read_back(block)
    assert found[ORIENTATION] == 1
    assert found[0x010E] == "zwei Schirme"
    assert (found.get_ifd(0x8769)[0xA002], found.get_ifd(0x8769)[0xA003]) == (30, 20)
    assert len(block) == len(exif(8, description="zwei Schirme"))


def test_crop_blanks_the_thumbnail() -> None:
    thumbnail = b"\xff\xd8 the uncut picture \xff\xd9"
    head = struct.pack("<2sHIH", b"II", 42, 8, 1) + struct.pack("<HHIHH", ORIENTATION, 3, 1, 6, 0)
    second = len(head) + 4
    start = second + 2 + 24 + 4
    tags = struct.pack("<HHHIIHHII", 2, 0x0201, 4, 1, start, 0x0202, 4, 1, len(thumbnail))
    block = PREFIX + head + struct.pack("<I", second) + tags + bytes(4) + thumbnail
    mended = after_crop(block, 5, 5)
    assert b"uncut" not in mended
    assert len(mended) == len(block)
    assert orientation(mended) == 1
    assert struct.unpack_from("<I", mended, len(PREFIX) + len(head)) == (0,)


@given(
    st.binary(max_size=200), st.sampled_from([b"", PREFIX, PREFIX + b"II*\0", PREFIX + b"MM\0+", b"II*\0\x08\0\0\0"])
)
def test_any_bytes_give_an_orientation_and_a_block(tail: bytes, head: bytes) -> None:
    assert 1 <= orientation(head + tail) <= 8
    mended = after_crop(head + tail, 4, 4)
    assert mended == b"" or orientation(mended) == 1
