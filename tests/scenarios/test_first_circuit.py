"""What somebody does in the first minutes: place, connect, run, look."""

from __future__ import annotations

import pytest
from test_bench_story import Bench, bench

from neurocanvas.model.kinds import NeuronKind

__all__ = ["bench"]


@pytest.mark.parametrize("kind", ["hodgkin_huxley", "izhikevich", "adex"])
def test_a_step_current_as_it_comes_makes_a_neuron_fire_again_and_again(
    bench: Bench, kind: str
) -> None:
    canvas, session = bench.canvas, bench.session
    step, cell = canvas.place("step_current", -200, 0), canvas.place(kind, 0, 0)
    before = session.undo_stack.count()
    canvas.connect(step, cell)
    declared = session.circuit.kinds.get(kind)
    assert isinstance(declared, NeuronKind)
    assert session.circuit.values(step)["amplitude"] == declared.drive
    assert session.undo_stack.count() == before + 1, "one step of undo"
    canvas.undo()
    assert session.circuit.values(step)["amplitude"] == 300.0
    canvas.redo()
    session.set_speed(0.0)
    bench.run_until(150.0)
    assert len(bench.spikes(cell, 150.0)) >= 3


def test_a_neuron_placed_by_dragging_from_a_source_fires(bench: Bench) -> None:
    canvas, session = bench.canvas, bench.session
    step = canvas.place("step_current", -200, 0)
    canvas.drag_from_ring(step, canvas.at(60, 40))
    canvas.release()
    canvas.choose("hodgkin_huxley")
    assert session.circuit.link_count() == 1
    assert session.circuit.values(step)["amplitude"] == 1000.0


def test_sources_are_called_by_what_they_are(bench: Bench) -> None:
    canvas, session = bench.canvas, bench.session
    labels = [
        session.circuit.label_of(canvas.place(kind, x, 0))
        for x, kind in ((-200, "step_current"), (0, "step_current"), (200, "poisson"))
    ]
    assert labels == ["Step current", "Step current 2", "Poisson spikes"]
