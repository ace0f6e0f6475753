"""Elements of a circuit that there is nothing to warn of: looked at once, not at every edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from neurocanvas.model.elements import Link, Node, Snapshot

Element = TypeVar("Element", Node, Link)


class Quiet:
    """Remembers which elements gave no cause for a warning.

    Elements are frozen and shared between snapshots: while one is the same object, that holds.
    """

    def __init__(self) -> None:
        self._numbers: frozenset[int] = frozenset()
        self._snapshot: Snapshot | None = None

    def others(self, elements: Iterable[Element]) -> list[Element]:
        """Return those that are new, or were warned of the last time."""
        quiet = self._numbers
        return [element for element in elements if id(element) not in quiet]

    def remember(self, snapshot: Snapshot, warned: Sequence[Node | Link]) -> None:
        """Take note of a circuit that has been looked at, and of what was warned of in it."""
        # The snapshot is kept, so that no other object gets the number of one of its elements.
        self._snapshot = snapshot
        numbers = (*map(id, snapshot.nodes), *map(id, snapshot.links))
        self._numbers = frozenset(numbers).difference(map(id, warned))
