"""Small copies of pictures for the grids, kept in an SQLite file of their own that may be deleted at any time."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from unframe.errors import StoreError
from unframe.imaging import Resizer, encode
from unframe.types import Image

LONGEST = 256
"""Longer side of a small copy, in pixels: sharp on screens with two pixels to the point."""

QUALITY = 85


class Thumbnails:
    """Small JPEG copies by the SHA-256 of their pictures; may be used by several threads and processes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")  # they can be made again
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS thumbnail (sha256 TEXT PRIMARY KEY, jpeg BLOB NOT NULL)"
            )
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot hold thumbnails: {error}; delete it, or check rights and space") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def get(self, sha256: str) -> bytes | None:
        """The small copy of a picture, if it was made before."""
        with self._lock:
            row = self._connection.execute("SELECT jpeg FROM thumbnail WHERE sha256 = ?", (sha256,)).fetchone()
        return row[0] if row else None

    def clear(self) -> None:
        """Forget every small copy; each is made again when it is asked for."""
        with self._lock:
            self._connection.execute("DELETE FROM thumbnail")

    def add(self, sha256: str, image: Image) -> bytes:
        """Make and keep the small copy of a picture.

        Args:
            sha256: Of the picture's bytes.
            image: uint8 ``(height, width, 3)`` RGB.

        Returns:
            The copy as JPEG.
        """
        height, width = image.shape[:2]
        jpeg = encode(Resizer.within(width, height, LONGEST).image(image), format="JPEG", quality=QUALITY)
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO thumbnail VALUES (?, ?)", (sha256, jpeg))
        return jpeg
