"""Circuits that were written without places are drawn apart; all others are left alone."""

from __future__ import annotations

from itertools import combinations

import pytest

from neurocanvas import Circuit
from neurocanvas.model.arranging import ACROSS, DOWN, arrange


@pytest.fixture
def circuit() -> Circuit:
    return Circuit()


def arranged(circuit: Circuit) -> dict[str, tuple[float, float]]:
    arrange(circuit)
    return {node.label: (node.x, node.y) for node in circuit.nodes()}


def test_what_gets_no_input_stands_left_and_what_it_reaches_follows(circuit: Circuit) -> None:
    second = circuit.add("lif", label="second")
    first = circuit.add("lif", label="first")
    drive = circuit.add("step_current", label="drive")
    noise = circuit.add("poisson", label="noise")
    circuit.connect(drive, first)
    circuit.connect(noise, first, "ampa")
    circuit.connect(first, second, "ampa")
    circuit.connect(second, first, "gaba_a")
    circuit.connect(second, second, "ampa")
    places = arranged(circuit)
    assert places["drive"][0] == places["noise"][0] == 0.0
    assert places["first"] == (ACROSS, 0.0)
    assert places["second"] == (2 * ACROSS, 0.0)


def test_rings_and_what_stands_alone_find_places(circuit: Circuit) -> None:
    ring = [circuit.add("lif") for _ in range(5)]
    for pre, post in zip(ring, ring[1:] + ring[:1], strict=True):
        circuit.connect(pre, post, "gaba_a")
    circuit.add("adex", label="alone")
    other = [circuit.add("rate") for _ in range(2)]
    circuit.connect(other[0], other[1], "graded")
    circuit.connect(other[1], other[0], "graded")
    places = arranged(circuit)
    assert len(places) == 8
    for a, b in combinations(places.values(), 2):
        assert abs(a[0] - b[0]) >= ACROSS or abs(a[1] - b[1]) >= DOWN


def test_many_stand_in_a_block(circuit: Circuit) -> None:
    for _ in range(400):
        circuit.add("lif")
    places = set(arranged(circuit).values())
    assert len(places) == 400
    assert len({x for x, _ in places}) == len({y for _, y in places}) == 20


def test_places_that_somebody_chose_are_kept(circuit: Circuit) -> None:
    circuit.add("lif", label="a", x=3.0)
    assert arranged(circuit) == {"a": (3.0, 0.0)}
    circuit.add("lif", label="b")
    assert arranged(circuit) == {"a": (3.0, 0.0), "b": (0.0, 0.0)}
