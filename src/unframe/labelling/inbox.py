"""Pictures that the browser extension sends: their bytes as a file of the folder, their tag as a decision."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

from unframe.files import SUFFIXES, write_atomic
from unframe.imaging import probe
from unframe.labelling.answers import Answer
from unframe.labelling.classify import Classifier, Judged
from unframe.labelling.pictures import INBOX
from unframe.labelling.store import LabelStore
from unframe.settings import Settings

HOW = "extension"
_LONGEST_ADDRESS = 2000
_ENDINGS = {name: suffix for suffix, name in reversed(SUFFIXES.items())}


def host_of(page: str) -> str:
    """The host of a web page as the name of a folder, such as ``shop.example``; ``unknown`` when it has none."""
    try:
        host = urlsplit(page).hostname or ""
    except ValueError:
        host = ""
    name = re.sub(r"[^a-z0-9.-]", "_", host.lower()).strip(".-")[:100]
    return name or "unknown"


def receive(
    store: LabelStore, classifier: Classifier, data: bytes, answer: Answer, *, page: str, address: str, who: str
) -> Judged:
    """Take in one tagged picture; its decision is on the disk when this returns.

    Args:
        store: Where the decision goes.
        classifier: Judges the picture, and knows the folder.
        data: The picture's bytes as the browser had them.
        answer: What the person said.
        page: Address of the web page.
        address: Address of the picture; of ``data:`` addresses only the beginning is kept.
        who: The person.

    Raises:
        DecodeError: The bytes are no picture, or over a limit.
        OutputError: The picture cannot be written.
        StoreError: The decision cannot be written.
    """
    path = _file(classifier.pictures.folder, data, page, classifier.settings)
    write_atomic(path, data, root=classifier.pictures.folder)
    where = {"page": _short(page), "address": _short(address), "source": host_of(page)}
    judged = classifier.judge(path, data, **where)
    store.decide({str(judged.place.sha256): answer}, who, HOW)
    return judged


def _file(folder: Path, data: bytes, page: str, settings: Settings) -> Path:
    """Where the picture goes: named by its bytes, so that a picture that is tagged twice is kept once."""
    ending = _ENDINGS[probe(data, settings).format]
    return folder / INBOX / host_of(page) / f"{hashlib.sha256(data).hexdigest()[:16]}{ending}"


def _short(address: str) -> str:
    return address[: 64 if address.startswith("data:") else _LONGEST_ADDRESS]
