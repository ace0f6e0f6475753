"""Every source, and every link that is no chemical synapse, against the reference solution."""

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import library
from neurocanvas.model.kinds import SourceKind, SynapseKind

STEPS_MS = (0.2, 0.1, 0.05)
ROUNDING = 1e-6
SOURCES = [k for k in library.registry() if isinstance(k, SourceKind)]
CARRIERS = {
    "rate": ("rate", {"b": 1.0}),
    "v": ("lif", {"v_0": -60}),
    "current": ("sine", {"frequency": 20}),
    "command": ("voltage_clamp", {"level": -60.0}),
}
"""What a link carries -> a kind that gives it, and values that make it change."""
LINKS = [k for k in library.registry() if isinstance(k, SynapseKind) and k.carries in CARRIERS]
FIRST_ORDER = {"gap_junction", "graded", "rate_to_current"}
"""Links that act in a step with what their source was at its beginning."""


def difference(circuit, duration, label, dt):
    """Largest difference of v between engine and reference."""
    one = nc.simulate(circuit, duration, dt=dt)
    two = nc.simulate(circuit, duration, dt=dt, reference=True)
    assert np.ptp(two[label, "v"]) > 0.5
    return np.abs(one[label, "v"] - two[label, "v"]).max()


@pytest.mark.parametrize("kind", SOURCES, ids=lambda kind: kind.name)
def test_a_source_drives_a_cell_as_in_the_reference(kind):
    circuit = nc.Circuit(seed=5)
    source = circuit.add(kind.name, label="S")
    cell = circuit.add("lif", label="B", V_th=1000)
    circuit.connect(source, cell)
    errors = np.array([difference(circuit, 120, "B", dt) for dt in STEPS_MS])
    if "xi" in kind.equations:
        # A straight line through the same noise, against its steps.
        assert errors[-1] < 0.2
        return
    assert errors[-1] < ROUNDING or np.all(np.diff(np.log2(errors)) < -1.7)


@pytest.mark.parametrize("name", [k.name for k in SOURCES if k.events])
def test_spikes_come_when_the_reference_has_them(name):
    circuit = nc.Circuit(dt=0.1, seed=5)
    circuit.add(name, label="S")
    one, two = (nc.simulate(circuit, 400, reference=r).spikes("S") for r in (False, True))
    assert len(one) > 5
    assert one == pytest.approx(two, abs=1e-9)


@pytest.mark.parametrize("kind", LINKS, ids=lambda kind: kind.name)
def test_a_link_acts_as_in_the_reference(kind):
    name, values = CARRIERS[kind.carries]
    circuit = nc.Circuit()
    source = circuit.add(name, label="S", **values)
    if kind.gives == "rate":
        target = circuit.add("rate", label="B")
    else:
        target = circuit.add("lif", label="B", V_th=1000)
    circuit.connect(source, target, kind.name, **({"weight": 5} if kind.symmetric else {}))
    errors = np.array([difference(circuit, 60, "B", dt) for dt in STEPS_MS])
    order = 0.9 if kind.name in FIRST_ORDER else 1.7
    assert errors[-1] < ROUNDING or np.all(np.diff(np.log2(errors)) < -order)
    assert errors[-1] < 0.1
