"""One line of JSON on standard error for whatever happens: what a log collector reads without rules of its own."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, TextIO

LOGGER = logging.getLogger("unframe.serving")

_RENAMED = {"uvicorn.error": "uvicorn"}  # its name for all that is no access


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON; what is given as ``extra={"fields": {...}}`` becomes fields of it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": _RENAMED.get(record.name, record.name),
            "process": record.process,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


LOGGERS = {"unframe.serving": logging.INFO, "uvicorn": logging.WARNING, "py.warnings": logging.WARNING}
"""Loggers that write JSON, and from which level on."""


def configure(stream: TextIO | None = None) -> None:
    """Send the log of the server, of uvicorn, and Python's warnings to a stream as JSON; standard error by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name, level in LOGGERS.items():
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
    logging.captureWarnings(True)


def log(message: str, level: int = logging.INFO, error: BaseException | None = None, **fields: Any) -> None:
    """Write one line."""
    LOGGER.log(level, message, exc_info=error, extra={"fields": fields})
