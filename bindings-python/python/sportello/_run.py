"""How the verbs are waited for, in a thread and in an event loop."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from typing import Any, TypeVar

from . import _native
from ._verbs import Verb, over, told

T = TypeVar("T")

# How long a wait stays outside the interpreter: after that Ctrl-C and other signals have their turn.
_SLICE_MS = 100


def run(verb: Verb[T]) -> T:
    """Wait in this thread. Whatever ends the waiting stops nothing that may pay."""
    try:
        while True:
            happened = verb.operation.next(_SLICE_MS)
            if happened is None:
                continue
            kind, value = happened
            if kind == "done":
                return verb.read(value)
            told(verb, value)
    except BaseException:
        verb.operation.cancel()
        raise
    finally:
        over(verb)


class _Waker:
    """Tells event loops that something happened to their operations, from a thread of Python's own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}
        self._thread: threading.Thread | None = None
        self._closing = False

    def register(self, operation: int, event: asyncio.Event) -> None:
        with self._lock:
            self._waiting[operation] = (asyncio.get_running_loop(), event)
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="sportello-waker", daemon=True)
                self._thread.start()

    def forget(self, operation: int) -> None:
        with self._lock:
            self._waiting.pop(operation, None)

    def _run(self) -> None:
        while not self._closing:
            operation = _native.next_event(60_000)
            with self._lock:
                waiting = None if operation is None else self._waiting.get(operation)
            if waiting is not None:
                loop, event = waiting
                try:
                    loop.call_soon_threadsafe(event.set)
                except RuntimeError:
                    # The loop has gone, and whoever waited in it.
                    continue

    def close(self) -> None:
        """Stop both kinds of threads while the interpreter is still whole: one that enters it later would abort the process."""
        self._closing = True
        _native.shut_down(2_000)
        if self._thread is not None:
            self._thread.join(1)

    def after_fork(self) -> None:
        """Begin anew in a child: no thread of the parent's is there."""
        self.__init__()  # type: ignore[misc]


_WAKER = _Waker()
atexit.register(_WAKER.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_WAKER.after_fork)


class Events:
    """What happens to one operation, for an event loop."""

    def __init__(self, operation: _native.Operation) -> None:
        """Listen from now on."""
        self._operation = operation
        self._event = asyncio.Event()
        _WAKER.register(operation.id, self._event)

    async def next(self) -> tuple[str, Any]:
        """Wait for the next."""
        while True:
            self._event.clear()
            happened = self._operation.next(0)
            if happened is not None:
                return happened
            await self._event.wait()

    def close(self) -> None:
        """Listen no more."""
        _WAKER.forget(self._operation.id)


async def arun(verb: Verb[T]) -> T:
    """Wait in this event loop. Being cancelled stops the waiting, and nothing that may pay."""
    events = Events(verb.operation)
    try:
        while True:
            kind, value = await events.next()
            if kind == "done":
                return verb.read(value)
            told(verb, value)
    except BaseException:
        verb.operation.cancel()
        raise
    finally:
        events.close()
        over(verb)
