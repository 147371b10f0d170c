"""A bar in the terminal, while something is handed in."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from types import TracebackType
from typing import NoReturn, TypeVar

from ._models import SubmitProgress

Self = TypeVar("Self", bound="ProgressBar")


class ProgressBar(ABC):
    """What ``progress_bar()`` gives: to be handed over as ``on_progress``. The verb takes it down at its end."""

    by: str
    """What draws it: ``rich``, ``tqdm`` or ``lines``."""

    @abstractmethod
    def __call__(self, progress: SubmitProgress) -> None:
        """Show a step."""

    @abstractmethod
    def close(self) -> None:
        """Take it down; another step would put up a new one."""

    def __enter__(self: Self) -> Self:
        """Use it for a while."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it down."""
        self.close()


# Steps between the steps: nothing that anybody waits for.
_BETWEEN = ("recording", "over")


class _Rich(ProgressBar):
    by = "rich"

    def __init__(self) -> None:
        from rich.progress import Progress

        self._shown: Progress | None = None

    def __call__(self, progress: SubmitProgress) -> None:
        if progress.doing in _BETWEEN:
            return
        if self._shown is None:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn

            columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn()
            self._shown = Progress(*columns, console=Console(stderr=True))
            self._shown.add_task(progress.doing, total=None)
            self._shown.start()
        task = self._shown.task_ids[0]
        self._shown.update(task, description=progress.doing)
        if progress.total:
            self._shown.update(task, total=progress.total, completed=progress.sent)

    def close(self) -> None:
        if self._shown is not None:
            self._shown.stop()
            self._shown = None


class _Tqdm(ProgressBar):
    by = "tqdm"

    def __init__(self) -> None:
        from tqdm import tqdm

        self._shown: tqdm[NoReturn] | None = None

    def __call__(self, progress: SubmitProgress) -> None:
        if progress.doing in _BETWEEN:
            return
        shown = self._shown
        if shown is None:
            from tqdm import tqdm

            shown = tqdm(unit="B", unit_scale=True, unit_divisor=1024, file=sys.stderr)
            self._shown = shown
        shown.set_description(progress.doing, refresh=False)
        if progress.total:
            shown.total, shown.n = progress.total, progress.sent
        shown.refresh()

    def close(self) -> None:
        if self._shown is not None:
            self._shown.close()
            self._shown = None


class _Lines(ProgressBar):
    """Neither is here: a line for each step."""

    by = "lines"

    def __init__(self) -> None:
        self._doing = ""

    def __call__(self, progress: SubmitProgress) -> None:
        if progress.doing not in (self._doing, *_BETWEEN):
            self._doing = progress.doing
            print(progress.doing, file=sys.stderr, flush=True)

    def close(self) -> None:
        self._doing = ""


def progress_bar() -> ProgressBar:
    """Make a bar for ``on_progress`` on the standard error: with rich where that is installed, else with tqdm, else a line for each step.

    >>> client.submit(service, answers, reference=reference, confirm_price="19.00", on_progress=progress_bar())  # doctest: +SKIP
    """
    for kind in (_Rich, _Tqdm):
        try:
            return kind()
        except ImportError:
            continue
    return _Lines()
