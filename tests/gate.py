"""Holds up whoever connects populations, so that a test can look at what goes on meanwhile."""

from __future__ import annotations

import threading

import pytest

from neurocanvas.sim import builder
from neurocanvas.sim.progress import Progress

WAIT_S = 30.0


class Gate:
    """A gate that is closed until it is opened.

    Attributes:
        reached: Set when somebody stands before it.
    """

    def __init__(self) -> None:
        self.reached, self._open = threading.Event(), threading.Event()

    def open(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.clear()
        self.reached.clear()

    def pass_through(self) -> None:
        self.reached.set()
        assert self._open.wait(WAIT_S), "nobody opened the gate"

    def await_one(self) -> None:
        assert self.reached.wait(WAIT_S), "nobody came"


def before_connecting(monkeypatch: pytest.MonkeyPatch, *, synapses: float) -> Gate:
    """Return a gate; circuits of more than so many synapses take long, and stop before it."""
    gate, told = Gate(), Progress.__call__

    def tell(self: Progress, what: str, done: float, total: float) -> None:
        told(self, what, done, total)
        if what.startswith("connecting"):
            gate.pass_through()
            told(self, what, done, total)  # whether it was cancelled meanwhile

    monkeypatch.setattr(builder, "LONG", synapses)
    monkeypatch.setattr(Progress, "__call__", tell)
    return gate
