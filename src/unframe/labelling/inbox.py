"""Pictures that the browser extension sends: their bytes as a file of the folder, their tag as a decision."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from unframe.files import SUFFIXES, write_atomic
from unframe.imaging import probe
from unframe.labelling.answers import Answer
from unframe.labelling.classify import Classifier, Judged
from unframe.labelling.pictures import INBOX
from unframe.labelling.store import LabelStore

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
    store: LabelStore,
    classifier: Classifier,
    data: bytes,
    answer: Answer,
    *,
    page: str,
    address: str,
    who: str,
    act: str | None = None,
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
        act: Name of the decision's act, for whoever may have to send it twice.

    Raises:
        DecodeError: The bytes are no picture, or over a limit; nothing was written then.
        OutputError: The picture cannot be written.
        StoreError: The decision cannot be written.
    """
    judged, image = classifier.judge(data)
    folder = classifier.pictures.folder
    # Named by its bytes: a picture that is tagged twice is kept once.
    name = judged.sha256[:16] + _ENDINGS[probe(data, classifier.settings).format]
    path = folder / INBOX / host_of(page) / name
    write_atomic(path, data, root=folder)
    classifier.keep(path, judged, image, page=_short(page), address=_short(address), source=host_of(page))
    store.decide({judged.sha256: answer}, who, HOW, act)
    return judged


def _short(address: str) -> str:
    return address[: 64 if address.startswith("data:") else _LONGEST_ADDRESS]
