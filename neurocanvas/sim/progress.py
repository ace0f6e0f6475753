"""How far something long has come: what is told, and what of it is worth showing."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from neurocanvas.errors import Cancelled

__all__ = ["Cancelled", "Progress", "Stretch", "Tell", "left_words", "silent"]

Tell = Callable[[str, float, float], None]
"""Told (what is done, done, total), as often as one likes; may raise ``Cancelled`` to end the work.

The first word of "what" names the stage, such as ``"connecting A -> B"``; done and total are those
of the whole stage, whose done only grows.
"""

SHOW_AFTER_S = 1.0
"""What takes no longer is not worth a bar."""
SURE_AFTER_S = 0.3
"""By then an estimate may say that it will take longer, with room for its error."""
WINDOW_S = 10.0
"""The speed is that of so many seconds: no stage is equally fast at all times."""
SAMPLE_S = 0.05
"""Time between two marks from which the speed is reckoned."""


def silent(what: str, done: float, total: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Stretch:
    """How far a stage has come.

    Attributes:
        what: What is being done, in words.
        part: The part that is done, from 0 to 1.
        left_s: Seconds that are left, NaN while they can't be told.
    """

    what: str
    part: float
    left_s: float


def left_words(left_s: float) -> str:
    """Say how long it will take still, ``"12 s left"``; empty if that can't be told."""
    if not math.isfinite(left_s):
        return ""
    if left_s < 99.5:
        return f"{max(1, math.ceil(left_s))} s left"
    if left_s < 99.5 * 60:
        return f"{left_s / 60:.0f} min left"
    return f"{left_s / 3600:.0f} h left"


@dataclass(frozen=True)
class _Stage:
    """What was told last.

    Attributes:
        began_s, told_s: When the stage began, and when this was told.
        left_s: Seconds that were left then, NaN if that is not known.
    """

    what: str
    part: float
    began_s: float
    told_s: float
    left_s: float


class Progress:
    """A ``Tell`` that knows what is worth showing: only what takes over a second.

    One thread tells it, any may look; who shows it looks as often as a person can read.

    Args:
        wanted: Asked whenever something is told whether to go on; always if None.
        whole: Whether its stages are one piece of work: once one was worth showing, so are those
            that follow, without a gap.
        clock: Seconds that pass.
    """

    def __init__(
        self,
        wanted: Callable[[], bool] | None = None,
        whole: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._wanted, self._whole, self._clock = wanted, whole, clock
        self._marks: deque[tuple[float, float]] = deque()
        self._stage: _Stage | None = None
        self._shown = False

    def __call__(self, what: str, done: float, total: float) -> None:
        """Take note of how far it is.

        Raises:
            Cancelled: It is not wanted any more.
        """
        part = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
        if self._wanted is not None and not self._wanted():
            self.end()
            raise Cancelled(what, part)
        now, last = self._clock(), self._stage
        if last is None or _name(what) != _name(last.what) or part < last.part:
            self._marks.clear()
            self._shown = self._shown and self._whole
            began = now
        else:
            began = last.began_s
        if last is not None and self._marks and part == last.part:
            # Nothing new: what was left passes.
            self._stage = replace(last, what=what)
            return
        self._mark(now, part)
        self._stage = _Stage(what, part, began, now, self._left(now, part))

    def end(self) -> None:
        """Show nothing any more: all is done, or given up."""
        self._stage, self._shown = None, False

    def look(self) -> Stretch | None:
        """Return how far the present stage is, or None while that is not worth a word."""
        stage = self._stage
        if stage is None:
            return None
        now = self._clock()
        # Between two words the time that is left passes like any other; when it is over and
        # nothing has been said, the estimate was wrong.
        left = stage.left_s - (now - stage.told_s)
        left = left if left >= 0 else math.nan
        elapsed = now - stage.began_s
        sure = elapsed >= SURE_AFTER_S and left >= 2 * SHOW_AFTER_S
        if elapsed < SHOW_AFTER_S and not sure and not self._shown:
            return None
        self._shown = True
        return Stretch(stage.what, stage.part, left)

    def _mark(self, now: float, part: float) -> None:
        marks = self._marks
        if not marks or now - marks[-1][0] >= SAMPLE_S:
            marks.append((now, part))
        while now - marks[0][0] > WINDOW_S and len(marks) > 2:
            marks.popleft()

    def _left(self, now: float, part: float) -> float:
        """Return the seconds that are left at the speed of late."""
        then, before = self._marks[0]
        if part <= before or now <= then:
            return math.nan
        return (1.0 - part) * (now - then) / (part - before)


def _name(what: str) -> str:
    """Return the name of a stage: its first word."""
    return what.partition(" ")[0]
