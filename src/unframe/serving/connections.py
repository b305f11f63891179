"""Connections on which nothing comes: uvicorn waits for the head of a request as long as its client likes."""

from __future__ import annotations

import asyncio
from typing import Any


def impatient(protocol: type[asyncio.Protocol], seconds: float) -> type[asyncio.Protocol]:
    """One of uvicorn's HTTP protocols that closes a connection whose request does not begin in time.

    A client that sends the head of a request byte by byte, or nothing at all, would else hold its connection for ever,
    and as many of them as there are file descriptors would hold the server.

    Args:
        protocol: The protocol of uvicorn's that is used.
        seconds: How long the head of a request may take, counted from the connection or from its first byte.
    """
    base: Any = protocol

    class Impatient(base):  # type: ignore[misc]
        due: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._expect()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._forget()
            elif self.due is None:  # the head of another request has begun on a connection that was kept
                self._expect()

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget()
            super().connection_lost(exc)

        def _expect(self) -> None:
            self.due = self.loop.call_later(seconds, self.transport.close)

        def _forget(self) -> None:
            if self.due is not None:
                self.due.cancel()
                self.due = None

    return Impatient
