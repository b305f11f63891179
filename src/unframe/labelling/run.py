"""Serve the review page on this machine, and on this machine alone."""

from __future__ import annotations

import errno
import os
import secrets
import socket
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from unframe.detector import Detector
from unframe.errors import MissingExtraError, StoreError, UnframeError
from unframe.labelling.classify import Classifier
from unframe.labelling.pictures import Pictures
from unframe.labelling.store import LabelStore
from unframe.labelling.thumbnails import Thumbnails

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
PORT = 8765


def store_of(folder: Path) -> Path:
    """Where the labels of a folder are kept unless another file is named."""
    return folder / "labels.sqlite"


def serve(
    folder: Path,
    store_path: Path,
    detectors: Sequence[Detector],
    *,
    who: str,
    port: int | None,
    suspects: Mapping[str, float],
    ready: Callable[[str], None],
) -> None:
    """Serve the page until it is interrupted.

    Args:
        folder: The pictures.
        store_path: The labels; made when they are not there.
        detectors: Who judges: the first sorts the page, a second shows disagreement.
        who: The person at the page.
        port: Port to listen on; 0 takes any that is free, ``None`` prefers `PORT`.
        suspects: Score by relative path, for the order by likely label error.
        ready: Called with the page's address once it can be opened.

    Raises:
        StoreError: The labels cannot be opened.
        UnframeError: The port is taken.
        MissingExtraError: The extra ``label`` is not installed.
    """
    try:
        import uvicorn  # noqa: F401, PLC0415

        from unframe.labelling.app import Desk, application  # noqa: PLC0415 - loaded with the extra only
    except ImportError as error:
        raise MissingExtraError("The review page", str(error.name), "label") from error
    with LabelStore(store_path) as store, listening(port) as listener:
        thumbnails = Thumbnails(store_path.with_name(f"{store_path.stem}.thumbnails.sqlite"))
        classifier = Classifier(Pictures(store, folder), thumbnails, detectors, detectors[0].settings)
        number = listener.getsockname()[1]
        token = token_of(store_path)
        address = f"http://{LOOPBACK}:{number}/?token={token}"
        one = server(application(Desk(store, classifier, who, address, suspects), number, token))
        classifier.start()
        try:
            ready(address)
            one.run(sockets=[listener])
        finally:
            classifier.stop()
            thumbnails.close()


def server(app: ASGIApp) -> uvicorn.Server:
    """The server of a page, which is given its socket when it is run."""
    import uvicorn  # noqa: PLC0415 - loaded with the extra only

    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=5,
        )
    )


def open_browser(address: str) -> None:
    """Show the page in the browser that the system prefers."""
    webbrowser.open(address)


def token_of(store_path: Path) -> str:
    """The secret of a store's page, which stays the same, so that the browser extension stays paired.

    It lies beside the store in a file that only its owner may read.

    Raises:
        StoreError: The file cannot be made or read.
    """
    path = store_path.with_name(f"{store_path.stem}.token")
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
    except FileExistsError:
        pass  # made by an earlier run
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}; choose another --store") from error
    try:
        token = path.read_text().strip()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}; make it readable, or delete it") from error
    if not token:
        raise StoreError(f"{path} is empty; delete it, and start again")
    return token


@contextmanager
def listening(port: int | None) -> Iterator[socket.socket]:
    """A socket that takes connections from this machine."""
    with socket.socket() as listener:
        if os.name != "nt":  # there it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(listener, port)
        listener.listen()
        yield listener


def _bind(listener: socket.socket, port: int | None) -> None:
    try:
        listener.bind((LOOPBACK, PORT if port is None else port))
    except OSError as error:
        if port is None and error.errno == errno.EADDRINUSE:
            listener.bind((LOOPBACK, 0))
            return
        raise UnframeError(f"port {port} cannot be used: {error.strerror}; choose another with --port") from error
