"""Sample circuits by name, and what their tests ask of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import neurocanvas as nc

Load = Callable[[str], nc.Circuit]


@pytest.fixture
def load() -> Load:
    """Return a function that reads a sample by the name of its file."""
    paths = {sample.name: sample.path for sample in nc.samples()}
    return lambda name: nc.load(paths[name])


@pytest.fixture
def link() -> Callable[[nc.Circuit, str, str], str]:
    """Return a function that finds the link between two nodes by their labels."""

    def find(circuit: nc.Circuit, pre: str, post: str) -> str:
        (found,) = (
            link.id
            for link in circuit.links()
            if circuit.node(link.pre).label == pre and circuit.node(link.post).label == post
        )
        return found

    return find
