"""How far a long run is, on the terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rich.progress


class Progress:
    """A bar on the terminal for a run that takes over a second; nothing where there is none."""

    DELAY_S = 1.0

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._bar: rich.progress.Progress | None = None

    def __enter__(self) -> Progress:
        return self

    def show(self, fraction: float) -> None:
        """Show how much is done, from 0 to 1."""
        if self._bar is None:
            if not sys.stderr.isatty() or time.perf_counter() - self._start < self.DELAY_S:
                return
            self._bar = self._make()
        self._bar.update(self._bar.task_ids[0], completed=fraction)

    def _make(self) -> rich.progress.Progress:
        from rich.console import Console
        from rich.progress import Progress as Bar

        bar = Bar(console=Console(stderr=True), transient=True)
        bar.add_task("running", total=1.0)
        bar.start()
        return bar

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
