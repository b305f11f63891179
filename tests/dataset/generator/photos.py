"""Photographs on disk, drawn for the tests that read them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image as PillowImage

from tests.dataset.generator.coded import ring_art
from tests.draw import product
from unframe.dataset.generator.generate import Photo


def photographs(folder: Path, count: int = 12) -> list[Photo]:
    """Products on white and on coloured backdrops, from three sources."""
    photos = []
    for seed in range(count):
        backdrop = (255, 255, 255) if seed % 3 == 0 else (90 + 10 * seed, 150, 170 - 8 * seed)
        path = folder / f"shop{seed % 3}" / f"{seed}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = ((150, 110), (110, 150), (130, 130))[seed % 3]
        PillowImage.fromarray(product(*size, seed=seed, backdrop=backdrop)).save(path)
        photos.append(Photo(path, f"shop{seed % 3}"))
    return photos


def art(folder: Path, count: int = 2) -> Path:
    """A folder of frame art."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        PillowImage.fromarray(ring_art(100 + 20 * number)).save(folder / f"{number}.png")
    return folder
