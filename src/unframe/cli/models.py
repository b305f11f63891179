"""`unframe models`: which detectors there are."""

from __future__ import annotations

from unframe.cli.shared import new_app

app = new_app()
