"""Start and stop the server: one process, or several that share its socket."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from signal import SIGINT
from time import monotonic
from types import FrameType

import uvicorn

from unframe.detector import Detector
from unframe.errors import SettingsError, UnframeError
from unframe.serving import logs
from unframe.serving.app import application
from unframe.serving.connections import impatient
from unframe.serving.logs import log
from unframe.serving.service import Service
from unframe.settings import ServerSettings, Settings

KEEP_ALIVE = 15  # seconds; more than the 5 after which clients and proxies tend to reuse a connection
BACKLOG = 1024
SWITCH = 0.001  # seconds after which a thread that computes lets the event loop on; else health would wait for pictures
LARGEST_HEAD = 32 * 1024


class Server(uvicorn.Server):
    """uvicorn, but it says that it stops before it does.

    When told to stop, ``/health/ready`` turns 503 at once, while requests are still taken for as long as
    `ServerSettings.stop_notice` says, so that a load balancer looks elsewhere first. Then no more are taken, those that
    are under way are answered, and the process ends with code 0.

    Args:
        service: What the application works with.
    """

    def __init__(self, service: Service) -> None:
        config = uvicorn.Config(
            application(service),
            log_config=None,
            access_log=False,  # the application writes a line of its own, which knows more
            lifespan="on",
            server_header=False,
            ws="none",
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=max(round(service.serving.stop_seconds), 1),
            h11_max_incomplete_event_size=LARGEST_HEAD,
        )
        config.load()
        config.http_protocol_class = impatient(config.http_protocol_class, service.serving.body_seconds)
        super().__init__(config)
        self._service = service
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; uvicorn would end without notice, and by the signal instead of code 0."""
        if self._stop_at is not None:
            self.force_exit = self.force_exit or sig == SIGINT  # Ctrl+C again: a person does not want to wait
            self._stop_at = monotonic()
            return
        self._service.stop()
        self._stop_at = monotonic() + (0 if sig == SIGINT else self._service.serving.stop_notice)

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop now; asked ten times a second."""
        if await super().on_tick(counter) or self._service.failure:
            return True
        return self._stop_at is not None and monotonic() >= self._stop_at


def serve(settings: Settings, serving: ServerSettings, ready: Callable[[str], None]) -> None:
    """Serve until told to stop.

    Args:
        settings: Limits on pictures.
        serving: Everything else that can be set.
        ready: Called with the server's address once connections are taken.

    Raises:
        UnframeError: The address cannot be used, the detector cannot be loaded or fails its self-test.
    """
    from unframe.serving.workers import supervise  # noqa: PLC0415 - it needs this module, too

    logs.configure()
    with listening(serving.host, serving.port) as listener:
        ready(address(listener))
        if serving.workers > 1:
            supervise(settings, serving, listener)
        else:
            work(settings, serving, listener)


def work(settings: Settings, serving: ServerSettings, listener: socket.socket) -> None:
    """Answer what comes in on a socket until told to stop.

    Raises:
        UnframeError: The detector cannot be loaded or fails its self-test.
    """
    sys.setswitchinterval(SWITCH)
    service = Service(settings, serving, lambda: load(settings, serving))
    Server(service).run(sockets=[listener])
    if service.failure:
        raise service.failure
    log("stopped")


def load(settings: Settings, serving: ServerSettings) -> Detector:
    """The detector that judges.

    Raises:
        ModelError: It is unknown or cannot be trusted.
        SettingsError: A model is set for the rule set, which has none.
    """
    if serving.model and serving.detector == "baseline":
        raise SettingsError(f"model {serving.model} is for the network, but the detector is baseline; leave one out")
    options = {"model": serving.model} if serving.model else {}
    return Detector.load(serving.detector or None, settings, **options)


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections.

    Raises:
        UnframeError: The address cannot be used.
    """
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(BACKLOG)
    except OSError as error:
        why = error.strerror or error
        raise UnframeError(
            f"{host} port {port} cannot be listened on: {why}; choose others with --host, --port"
        ) from error
    return listener


def address(listener: socket.socket) -> str:
    """The URL under which a socket of this machine is reached."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}/"
