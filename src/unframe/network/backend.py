"""Keras, loaded late and quietly. It takes seconds to import, so nothing loads it before a network is needed."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from unframe.errors import MissingExtraError, SettingsError

Precision = Literal["auto", "float32", "mixed_bfloat16"]

_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # x86 and ARM names for the same ability


def load_keras() -> Any:
    """The module ``keras``, on the backend that ``KERAS_BACKEND`` names: ``tensorflow`` unless it is set.

    On a GPU ``KERAS_BACKEND=jax`` trains the same networks without TensorFlow doing any of the work; a CPU is fastest
    with TensorFlow.

    Raises:
        MissingExtraError: Keras or the backend is not installed.
        SettingsError: Keras knows no backend of this name.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # its advice on speed is for who writes loops in it
    try:
        with _without_native_messages():
            return import_module("keras")
    except ImportError as error:
        package = f"keras and {os.environ['KERAS_BACKEND']} ({error})"
        raise MissingExtraError("Training", package, "train") from error
    except ValueError as error:
        raise SettingsError(f"KERAS_BACKEND: {error}; set it to tensorflow or jax") from error


@contextmanager
def _without_native_messages() -> Iterator[None]:
    """Drop what native code writes to standard error while TensorFlow loads.

    It greets every user with a notice about rounding in oneDNN before any of its own log settings apply.
    """
    if "keras" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def resolve(precision: Precision) -> str:
    """The Keras dtype policy that a precision stands for.

    ``auto`` is ``mixed_bfloat16`` where the processor (or, with JAX, the GPU) calculates in bfloat16, else ``float32``:
    without that ability bfloat16 is emulated, at a fraction of the speed.
    """
    if precision != "auto":
        return precision
    return "mixed_bfloat16" if _has_bfloat16() else "float32"


def _has_bfloat16() -> bool:
    if os.environ.get("KERAS_BACKEND") == "jax":
        return bool(import_module("jax").default_backend() == "gpu")
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # no Linux
        return False
    return bool(_BFLOAT16_FLAGS & set(text.split()))
