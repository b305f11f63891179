"""Taking a frame off: plan what to do, show it or do it, and make sure that it did no harm."""

from __future__ import annotations

from unframe.removal.apply import apply
from unframe.removal.plan import MODES, Mode, Options, Plan, Size, plan
from unframe.removal.remove import Removal, remove

__all__ = ["MODES", "Mode", "Options", "Plan", "Removal", "Size", "apply", "plan", "remove"]
