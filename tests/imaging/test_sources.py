"""Every kind of source gives the same image, and whatever cannot be read gives a typed error."""

from __future__ import annotations

import os
import pickle
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.imaging.pictures import (
    STILL,
    colours,
    exif,
    opened,
    saved,
    see_through,
    srgb_profile,
    still,
    swapped_profile,
)
from unframe.errors import DecodeError
from unframe.imaging import decode, load, read
from unframe.settings import Settings


def code(source: object, settings: Settings | None = None) -> str:
    with pytest.raises(DecodeError) as caught:
        load(source, settings)  # type: ignore[arg-type]
    return caught.value.code


def test_paths_bytes_and_buffers(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(still("jpeg 4:2:0"))
    expected = decode(still("jpeg 4:2:0"))
    for source in (
        path,
        str(path),
        still("jpeg 4:2:0"),
        bytearray(still("jpeg 4:2:0")),
        memoryview(still("jpeg 4:2:0")),
    ):
        assert np.array_equal(load(source), expected)
        assert isinstance(read(source), bytes)
        assert read(source) == still("jpeg 4:2:0")


@pytest.mark.parametrize("name", STILL)
def test_pillow_pictures_give_what_their_bytes_give(name: str) -> None:
    data = still(name)
    assert np.abs(load(opened(data)).astype(int) - decode(data)).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pillow_pictures_that_were_not_turned_yet(orientation: int) -> None:
    for name, options in (("PNG", {"exif": exif(orientation)}), ("TIFF", {"tiffinfo": {274: orientation}})):
        data = saved(colours(), name, **options)
        assert np.array_equal(load(PillowImage.open(BytesIO(data))), decode(data))


def test_pillow_pictures_with_a_profile_or_a_palette_with_alpha() -> None:
    data = saved(colours(), "PNG", icc_profile=swapped_profile())
    assert np.array_equal(load(opened(data)), decode(data))
    assert np.array_equal(load(opened(saved(colours(), "PNG", icc_profile=srgb_profile()))), np.asarray(colours()))
    palette = see_through().quantize(30)
    assert np.abs(load(palette).astype(int) - load(palette.convert("RGBA"))).max() == 0
    assert load(palette)[0, 0].min() > 240  # red, but nearly clear


def test_arrays() -> None:
    rgb = np.asarray(colours())
    assert np.array_equal(load(rgb), rgb)
    assert not np.shares_memory(load(rgb), rgb)
    assert np.array_equal(load(rgb[::-1, ::2]), rgb[::-1, ::2])
    grey = rgb[..., 1]
    assert np.array_equal(load(grey), np.stack([grey] * 3, axis=2))
    rgba = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    assert np.array_equal(load(rgba), rgb)
    rgba[..., 3] = 0
    assert load(rgba).min() == 255


@pytest.mark.parametrize(
    "source",
    [
        np.zeros((5, 5, 3), np.float32),
        np.zeros((5, 5, 2), np.uint8),
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((5, 5, 3, 1), np.uint8),
        PillowImage.new("F", (4, 4)),
        PillowImage.new("I", (4, 4)),
        12,
        None,
    ],
)
def test_sources_of_other_kinds(source: object) -> None:
    assert code(source) == "unsupported-format"


def test_limits_hold_for_pillow_pictures_and_files(tmp_path: Path) -> None:
    assert code(colours(), Settings(max_side=59)) == "too-large"
    path = tmp_path / "a.png"
    path.write_bytes(still("png"))
    assert code(path, Settings(max_bytes=len(still("png")) - 1)) == "too-large"
    load(path, Settings(max_bytes=len(still("png"))))
    with pytest.raises(DecodeError, match="MAX_BYTES"):
        read(still("png"), Settings(max_bytes=10))


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert code(path) == "too-large"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="no such file") as caught:
        read(tmp_path / "none.jpg")
    assert caught.value.code == "unreadable"
    assert code(tmp_path) == "unreadable"
    assert code("a\0b.jpg") == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(still("png"))
    path.chmod(0)
    with pytest.raises(DecodeError, match="permission"):
        read(path)


def test_errors_name_the_picture_and_travel_between_processes(tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(still("png")[:60])
    with pytest.raises(DecodeError, match=r"broken\.png ends after 60 of about") as caught:
        load(path)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (twin.code, str(twin)) == ("truncated", str(caught.value))
    with pytest.raises(DecodeError, match=r"^upload 7 is empty"):
        load(b"", name="upload 7")
