"""What is seen of long work on the terminal, and how Ctrl+C ends it."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

from neurocanvas.errors import Cancelled
from neurocanvas.sim.progress import Progress, Stretch, left_words

if TYPE_CHECKING:
    import rich.progress

PERIOD_S = 0.1
"""Time between two looks at how far it is."""

RUNNING = "running"
"""The stage that may end early with a result: what has been run."""


class Watch:
    """Shows a bar on stderr for each stage that takes over a second, and takes Ctrl+C.

    Ctrl+C raises ``Cancelled``, and nothing is kept; but for a run that asks whether it is
    ``enough``: the first Ctrl+C ends that where it is.

    Args:
        quiet: Show nothing; neither is anything shown where stderr is no terminal.
        keep: Whether the run asks.
    """

    def __init__(self, quiet: bool = False, keep: bool = False) -> None:
        self._keep = keep
        self._visible = not quiet and sys.stderr.isatty()
        self._progress = Progress()
        self._last = ("", 0.0)
        self._stopped = False
        self._before: object = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._draw, name="progress", daemon=True)

    def __enter__(self) -> Watch:
        self._take_interrupts()
        if self._visible:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._over.set()
        if self._visible:
            self._thread.join()
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]
        if kind is not None and issubclass(kind, KeyboardInterrupt) and self._last[0]:
            raise Cancelled(*self._last) from None

    def tell(self, what: str, done: float, total: float) -> None:
        """Take note of how far it is."""
        self._last = (what, done / total if total > 0 else 0.0)
        self._progress(what, done, total)

    def enough(self) -> bool:
        """Whether Ctrl+C was pressed: what has been run is enough."""
        return self._stopped

    # -- Ctrl+C ----------------------------------------------------------------------------------

    def _take_interrupts(self) -> None:
        """Take Ctrl+C, unless whoever started this wants it to be ignored."""
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._stopped or not self._keep or self._last[0] != RUNNING:
            raise KeyboardInterrupt
        self._stopped = True

    # -- bars ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Show what is worth showing, until it is over."""
        bar: rich.progress.Progress | None = None
        try:
            while not self._over.wait(PERIOD_S):
                stretch = self._progress.look()
                if bar is not None and stretch is None:
                    bar.stop()
                    bar = None
                elif stretch is not None:
                    bar = _shown(bar, stretch)
        finally:
            if bar is not None:
                bar.stop()


def _shown(bar: rich.progress.Progress | None, stretch: Stretch) -> rich.progress.Progress:
    """Return the bar, a new one if there was none, showing how far it is."""
    # Labels are the person's own words, not marks of colour.
    words = stretch.what.replace("[", r"\[")
    left = left_words(stretch.left_s)
    if bar is None:
        bar = _bar()
        bar.add_task(words, total=1.0, completed=stretch.part, left=left)  # type: ignore[arg-type]
        bar.start()
    else:
        first = bar.task_ids[0]
        bar.update(first, description=words, completed=stretch.part, left=left, refresh=True)
    return bar


def _bar() -> rich.progress.Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[left]}", style="progress.remaining"),
    )
    return Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,
        # What is printed meanwhile goes where it belongs.
        redirect_stdout=False,
        redirect_stderr=False,
    )
