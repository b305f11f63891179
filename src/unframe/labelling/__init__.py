"""Label store, review page, and the inbox of the browser extension.

The store (`store`, `merge`, `exchange`) needs nothing but SQLite. The page (`app`, `run`) needs the extra ``label``.
"""

from __future__ import annotations

from unframe.labelling.answers import Answer
from unframe.labelling.exchange import export_samples, import_samples
from unframe.labelling.merge import Conflict, merge
from unframe.labelling.store import Decision, LabelStore

__all__ = ["Answer", "Conflict", "Decision", "LabelStore", "export_samples", "import_samples", "merge"]
