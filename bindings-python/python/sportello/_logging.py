"""What the library says of its work, in Python's ``logging``."""

from __future__ import annotations

import atexit
import logging
import os
import threading

from . import _native

_thread: threading.Thread | None = None


def log_to_logging() -> None:
    """Hand what this library says of its work to ``logging``, under ``sportello.flow`` and ``sportello.transport``; levels are set there.

    Steps, calls with their paths, outcomes and times: no answers, no file names, no tokens, and nothing of other libraries.
    """
    global _thread
    if not _native.open_log():
        return
    _thread = threading.Thread(target=_forward, name="sportello-log", daemon=True)
    _thread.start()


def _forward() -> None:
    while True:
        line = _native.next_line(60_000)
        if line is None:
            if _closing.is_set():
                return
            continue
        level, target, text, at = line
        logger = logging.getLogger(target)
        if not logger.isEnabledFor(level):
            continue
        record = logger.makeRecord(target, level, "(sportello)", 0, text, (), None)
        if at:
            record.created, record.msecs = at, (at % 1) * 1000
        logger.handle(record)


_closing = threading.Event()


def _close() -> None:
    """Hand on what is left while the interpreter is still whole: a thread that enters it later would abort the process."""
    _closing.set()
    _native.close_log()
    if _thread is not None:
        _thread.join(1)


def _after_fork() -> None:
    """Begin anew in a child: no thread of the parent's is there."""
    global _thread
    if _thread is not None:
        _native.close_log()
        _thread = None


atexit.register(_close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
