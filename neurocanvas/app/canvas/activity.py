"""What a running circuit shows on the canvas: fill levels, flashes, and spikes on their way.

Fed once per frame with the newest look at the circuit and the spikes since the last; all arrays
are by row of the scene.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from neurocanvas.app.canvas import geometry as geo
from neurocanvas.app.canvas.geometry import Floats, Ints
from neurocanvas.app.canvas.looks import LEVELS, UNKNOWN_LEVEL
from neurocanvas.app.canvas.scene import Scene

FLASH_S = 0.15
"""For how long a spike glows, in seconds on the wall."""
GLOW_STEPS = 12
_FULL_PART = 2.0
"""A population flashes fully if half of it fires within a frame."""
_SLOTS = 24
"""Places along a link at which at most one spike is drawn."""
MAX_TRAVELLING = 400
"""At most this many spikes are drawn on links; the newest win."""


class FrameLike(Protocol):
    """The runner's newest look at the circuit."""

    @property
    def time_ms(self) -> float:
        """Model time."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Ids of the nodes."""

    @property
    def values(self) -> Floats:
        """Main variable of each, ``(n,)``; NaN where there is none."""


class RecorderLike(Protocol):
    """What is asked of the recorder."""

    def spikes_since(self, cursor: int) -> tuple[int, Floats, NDArray[np.int32], NDArray[np.int32]]:
        """Return the new cursor and the times, node numbers and indices since the old one."""

    def node_number(self, node_id: str) -> int:
        """Return the number under which spikes of a node are stored."""


@dataclass(frozen=True)
class Changes:
    """What differs from the frame before: rows of nodes, places of moving spikes then and now."""

    nodes: Ints
    spots: Floats

    def __bool__(self) -> bool:
        return bool(len(self.nodes) or len(self.spots))


NO_CHANGES = Changes(np.zeros(0, dtype=np.int64), np.zeros((0, 2)))


class Activity:
    """Fill level and glow of every node, and the spikes that travel.

    Args:
        scene: What the rows refer to.
        clock: Seconds on the wall; replaced in tests.
    """

    def __init__(self, scene: Scene, clock: Callable[[], float] = time.perf_counter) -> None:
        self._scene = scene
        self._clock = clock
        self._cursor = 0
        self._time_ms = -np.inf
        self._forget()

    def _forget(self) -> None:
        """Start with the rows of the present scene."""
        count = len(self._scene.node_ids)
        self.version = self._scene.version
        self._ids = list(self._scene.node_ids)
        self.value = np.full(count, np.nan)
        self.level = np.full(count, UNKNOWN_LEVEL, dtype=np.int64)
        self.glow = np.zeros(count, dtype=np.int64)
        self._flash = np.full(count, -np.inf)
        self._strength = np.zeros(count)
        self._links = np.zeros(0, dtype=np.int64)
        self._left = np.zeros(0)
        self.spots = np.zeros((0, 2))
        self.spot_links = np.zeros(0, dtype=np.int64)
        self._nodes: tuple[str, ...] = ()
        self._frame: FrameLike | None = None
        self._seen = -1
        self._rows = np.zeros(0, dtype=np.int64)
        self._numbers: Ints | None = None

    def clear(self) -> None:
        """Forget all but how far spikes were read, as for another document."""
        self._time_ms = -np.inf
        self._forget()

    def update(self, frame: FrameLike | None, recorder: RecorderLike | None) -> Changes:
        """Take in the newest frame and spikes.

        Returns:
            What to paint again; empty (false) if nothing changed.
        """
        if self.version != self._scene.version:
            self._carry_over()
        elif frame is self._frame and not self.glow.any() and self._seen == self._scene.changes:
            return NO_CHANGES
        self._frame, self._seen = frame, self._scene.changes
        level, glow, spots = self.level, self.glow, self.spots
        if frame is not None:
            self._take_values(frame)
            self._take_spikes(frame, recorder)
        self._dim()
        # An assignment, not in place: the old arrays are what the new ones are compared with.
        nodes = np.flatnonzero((level != self.level) | (glow != self.glow))
        moved = len(spots) != len(self.spots) or not np.array_equal(spots, self.spots)
        return Changes(nodes, np.concatenate([spots, self.spots]) if moved else np.zeros((0, 2)))

    def show(self, values: Mapping[str, float]) -> None:
        """Show given values of nodes, by id, instead of those of a running circuit."""
        for node_id, value in values.items():
            self.value[self._scene.node_row[node_id]] = value
        self.level = self._levels()
        self._frame = None

    @property
    def resting(self) -> bool:
        """Whether nothing glows or travels any more."""
        return not self.glow.any() and not len(self.spots)

    def _carry_over(self) -> None:
        """After a structural edit: keep values and flashes of the nodes that are still there."""
        kept = (self.value, self._flash, self._strength)
        old = {node_id: row for row, node_id in enumerate(self._ids)}
        self._forget()
        pairs = [(row, old[i]) for row, i in enumerate(self._ids) if i in old]
        rows, before = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        for array, earlier in zip((self.value, self._flash, self._strength), kept, strict=True):
            array[rows] = earlier[before]
        self.level = self._levels()

    # -- potentials ------------------------------------------------------------------------------

    def _take_values(self, frame: FrameLike) -> None:
        if frame.nodes is not self._nodes:
            self._nodes = frame.nodes
            index = self._scene.node_row
            self._rows = np.array([index.get(i, -1) for i in frame.nodes], dtype=np.int64)
        values = np.asarray(frame.values, dtype=float)
        known = self._rows >= 0
        if len(values) == len(self._rows):
            self.value[self._rows[known]] = values[known]
            self.level = self._levels()

    def _levels(self) -> Ints:
        low, high = self._scene.range.T
        share = np.clip((self.value - low) / (high - low), 0.0, 1.0)
        filled = np.round(share * (LEVELS - 1))
        return np.where(np.isnan(filled), UNKNOWN_LEVEL, np.nan_to_num(filled)).astype(np.int64)

    # -- spikes ----------------------------------------------------------------------------------

    def _take_spikes(self, frame: FrameLike, recorder: RecorderLike | None) -> None:
        now = float(frame.time_ms)
        if now < self._time_ms:
            self._links, self._left = self._links[:0], self._left[:0]
        self._time_ms = now
        if recorder is not None:
            self._cursor, times, numbers, _ = recorder.spikes_since(self._cursor)
            if len(times):
                self._start(np.asarray(times, dtype=float), np.asarray(numbers), recorder)
        self._travel(now)

    def _start(self, times: Floats, numbers: NDArray, recorder: RecorderLike) -> None:
        rows = self._rows_of(numbers, recorder)
        times, rows = times[rows >= 0], rows[rows >= 0]
        if not len(rows):
            return
        self._ignite(rows)
        recent = slice(-MAX_TRAVELLING, None)
        times, rows = times[recent], rows[recent]
        first, count = self._scene.out_start[rows], np.diff(self._scene.out_start)[rows]
        steps = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        links = self._scene.out_links[np.repeat(first, count) + steps]
        left = np.repeat(times, count)
        delayed = self._scene.delay[links] > 0
        self._links = np.concatenate([self._links, links[delayed]])
        self._left = np.concatenate([self._left, left[delayed]])

    def _ignite(self, rows: Ints) -> None:
        """Let nodes flash: a neuron fully, a population by the part of it that fired."""
        fired = np.bincount(rows, minlength=len(self._strength))
        new = np.flatnonzero(fired)
        part = np.minimum(_FULL_PART * fired[new] / self._scene.size[new], 1.0)
        now = self._clock()
        self._strength[new] = np.minimum(self._fading(now)[new] + part, 1.0)
        self._flash[new] = now

    def _fading(self, now: float) -> Floats:
        """What is left of each flash, from 0 to 1."""
        return self._strength * np.clip(1.0 - (now - self._flash) / FLASH_S, 0.0, 1.0)

    def _rows_of(self, numbers: NDArray, recorder: RecorderLike) -> Ints:
        """Rows of the nodes with these recorder numbers, -1 where a node is gone."""
        if self._numbers is None or (len(numbers) and numbers.max() >= len(self._numbers)):
            known = [recorder.node_number(i) for i in self._ids]
            table = np.full(max([*known, int(numbers.max())]) + 1, -1, dtype=np.int64)
            table[known] = np.arange(len(known))
            self._numbers = table
        return self._numbers[numbers]

    def _travel(self, now: float) -> None:
        share = (now - self._left) / np.maximum(self._scene.delay[self._links], 1e-9)
        under_way = np.flatnonzero(share < 1.0)[-MAX_TRAVELLING:]
        self._links, self._left = self._links[under_way], self._left[under_way]
        share = np.clip(share[under_way], 0.0, 1.0)
        # The many spikes of a population are drawn where they do not cover each other.
        place = self._links * _SLOTS + np.minimum(share * _SLOTS, _SLOTS - 1).astype(np.int64)
        _, shown = np.unique(place, return_index=True)
        self.spot_links = self._links[shown]
        self.spots = geo.along(self._scene.curve[self.spot_links], share[shown])

    def _dim(self) -> None:
        self.glow = np.ceil(GLOW_STEPS * self._fading(self._clock())).astype(np.int64)

    def shown_levels(self) -> Ints:
        """Return the level of each fill with the flash of a spike on top."""
        flash = np.round((LEVELS - 1) * np.sqrt(self.glow / GLOW_STEPS)).astype(np.int64)
        return np.where(self.glow > 0, np.maximum(self.level, flash), self.level)
