"""What every edit is, and the edits that others are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

from neurocanvas.model import rules
from neurocanvas.model.elements import Bench, Link, Node

if TYPE_CHECKING:
    from neurocanvas.model.circuit import Circuit


class Effect(IntEnum):
    """What an edit means for a running simulation; a compound has the strongest of its parts."""

    COSMETIC = 0
    BENCH = 1
    PARAMETER = 2
    STRUCTURE = 3


class Edit(Protocol):
    """A change of a circuit."""

    @property
    def effect(self) -> Effect:
        """What a running simulation must do about it."""

    @property
    def text(self) -> str:
        """A few words for the undo menu: ``"add neuron"``."""

    def apply(self, circuit: Circuit) -> Edit:
        """Change the circuit; return the inverse."""


def put(circuit: Circuit, element: Node | Link) -> None:
    """Replace a node or link (only edits call this)."""
    if isinstance(element, Node):
        circuit.put_node(element)
    else:
        circuit.put_link(element)


@dataclass(frozen=True)
class SetBench:
    """Change instruments and probes."""

    bench: Bench
    effect = Effect.BENCH
    text = "change probes"

    def apply(self, circuit: Circuit) -> Edit:
        """Store the bench; refuse probes on what is not there."""
        rules.check_bench(circuit, self.bench)
        before = circuit.bench
        circuit.bench = self.bench
        return SetBench(before)


@dataclass(frozen=True)
class Compound:
    """Several edits as one: all of them, or none."""

    edits: tuple[Any, ...]
    text: str = "change"

    @property
    def effect(self) -> Effect:
        """The strongest effect of the parts."""
        return max((edit.effect for edit in self.edits), default=Effect.COSMETIC)

    def apply(self, circuit: Circuit) -> Edit:
        """Carry out the parts in order; if one is refused, take back those before it."""
        done: list[Edit] = []
        try:
            for edit in self.edits:
                done.append(edit.apply(circuit))
        except Exception:
            for inverse in reversed(done):
                inverse.apply(circuit)
            raise
        return Compound(tuple(reversed(done)), self.text)
