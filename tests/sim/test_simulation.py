"""The engine: what an edit keeps, and what does not depend on what."""

from __future__ import annotations

import numpy as np
import pytest

from neurocanvas import Circuit, simulate
from neurocanvas.errors import NotFinite
from neurocanvas.model import edits
from neurocanvas.model.elements import Node, Settings
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.simulation import Simulation


def chain(seed: int = 1) -> tuple[Circuit, dict[str, str]]:
    """A step, a chain of two cells with a long delay, a Hodgkin-Huxley cell and noise."""
    c = Circuit(seed=seed)
    ids = {
        "S": c.add("step_current", label="S", amplitude=400),
        "A": c.add("lif", label="A"),
        "B": c.add("lif", label="B"),
        "H": c.add("hodgkin_huxley", label="H"),
        "P": c.add("poisson", label="P", rate=400, size=5),
    }
    ids["SA"] = c.connect(ids["S"], ids["A"])
    ids["SH"] = c.connect(ids["S"], ids["H"], gain=2.0)
    ids["AB"] = c.connect(ids["A"], ids["B"], "ampa", weight=20, delay=7.5)
    ids["PB"] = c.connect(ids["P"], ids["B"], "ampa", weight=2)
    ids["PH"] = c.connect(ids["P"], ids["H"], "gaba_a", weight=3)
    return c, ids


def start(circuit: Circuit) -> Simulation:
    return Simulation(compile_circuit(circuit.snapshot(), circuit.kinds))


def recompiled(old: Simulation, circuit: Circuit) -> Simulation:
    new = start(circuit)
    new.set_channels(old.channels)
    new.adopt(old)
    return new


def trace(simulation: Simulation, steps: int) -> np.ndarray:
    return simulation.advance(steps).samples


@pytest.fixture
def channels() -> list[str]:
    return ["A", "B", "H"]


def test_blocks_do_not_matter(channels: list[str]) -> None:
    c, ids = chain()
    wanted = [Channel(ids[k], "v") for k in channels]
    whole, pieces = start(c), start(c)
    whole.set_channels(wanted)
    pieces.set_channels(wanted)
    expected = trace(whole, 4000)
    got = np.hstack([trace(pieces, n) for n in (1, 7, 92, 900, 3000)])
    np.testing.assert_array_equal(got, expected)


def test_edits_elsewhere_leave_every_bit_of_a_trace(channels: list[str]) -> None:
    """Adding, connecting, deleting and undoing elsewhere: the others' bits stay as they were."""
    c, ids = chain()
    wanted = [Channel(ids[k], "v") for k in channels]
    plain = start(c)
    plain.set_channels(wanted)
    expected = trace(plain, 6000)

    live = start(c)
    live.set_channels(wanted)
    got = [trace(live, 1000)]
    # A crowd of the same kinds, so that every cell gets another place among its like.
    inverses = [
        c.apply(edits.AddNode(node))
        for node in (
            Node(f"x{i}", kind, f"X{i}", 9)
            for i, kind in enumerate(["lif", "hodgkin_huxley", "poisson", "step_current"])
        )
    ]
    extra = c.connect("x2", "x0", "ampa", weight=30)
    c.connect("x3", "x1")
    live = recompiled(live, c)
    got.append(trace(live, 1500))
    c.remove(extra)
    live = recompiled(live, c)
    got.append(trace(live, 1500))
    for link in [k.id for k in c.links() if k.pre.startswith("x")]:
        c.remove(link)
    for inverse in reversed(inverses):
        c.apply(inverse)
    live = recompiled(live, c)
    got.append(trace(live, 2000))
    np.testing.assert_array_equal(np.hstack(got), expected)


def test_a_spike_in_flight_survives_a_recompilation() -> None:
    c = Circuit(dt=0.1)
    s = c.add("step_current", amplitude=400, stop=25)
    a, b = c.add("lif"), c.add("lif")
    c.connect(s, a)
    c.connect(a, b, "ampa", weight=5, delay=200)
    simulation = start(c)
    simulation.set_channels([Channel(b, "v")])
    assert len(simulation.advance(300).spikes) == 2
    c.add("lif")
    simulation = recompiled(simulation, c)
    arrived = trace(simulation, 3000)[0]
    plain = start(c)
    plain.set_channels([Channel(b, "v")])
    np.testing.assert_array_equal(arrived, trace(plain, 3300)[0, 300:])
    assert arrived.max() > -69.5


def test_a_changed_delay_keeps_spikes_under_way_on_their_time() -> None:
    c = Circuit(dt=0.1)
    s = c.add("step_current", amplitude=400, stop=12)
    a, b = c.add("lif"), c.add("lif")
    c.connect(s, a)
    link = c.connect(a, b, "ampa", weight=5, delay=50)
    fired = simulate(c, 40).spikes(a)
    simulation = start(c)
    simulation.set_channels([Channel(link, "g")])
    simulation.advance(300)
    c.set(link, delay=20)
    simulation = recompiled(simulation, c)
    g = trace(simulation, 1000)[0]
    onset = (300 + np.flatnonzero(np.diff(g) > 0) + 1) * 0.1
    assert len(fired) == 1
    assert onset == pytest.approx(fired + 50, abs=0.21)


def test_a_changed_time_step_goes_on_from_the_same_state() -> None:
    c, ids = chain()
    simulation = start(c)
    simulation.set_channels([Channel(ids["H"], "v")])
    before = trace(simulation, 4000)[0, -1]
    c.apply(edits.SetSettings(Settings(dt=0.0125, seed=1)))
    simulation = recompiled(simulation, c)
    assert simulation.time_ms == pytest.approx(100.0)
    after = trace(simulation, 1)[0, 0]
    assert abs(after - before) < 1.0
    assert simulation.time_ms == pytest.approx(100.0125)


@pytest.mark.parametrize(
    ("element", "name", "value"),
    [("A", "tau_m", 12.0), ("H", "g_K", 3000.0), ("AB", "weight", 3.0), ("PB", "tau", 2.0),
     ("S", "amplitude", 500.0), ("P", "rate", 50.0)],
)  # fmt: skip
def test_a_parameter_set_live_is_one_compiled_in(element: str, name: str, value: float) -> None:
    """Setting a parameter before the first step gives what the changed circuit gives."""
    c, ids = chain()
    wanted = [Channel(ids[k], "v") for k in "ABH"]
    live = start(c)
    live.set_channels(wanted)
    unchanged = trace(start_with(c, wanted), 4000)
    live.set_parameter(ids[element], name, value)
    c.set(ids[element], **{name: value})
    compiled = start_with(c, wanted)
    got = trace(live, 4000)
    np.testing.assert_array_equal(got, trace(compiled, 4000))
    assert not np.array_equal(got, unchanged)


def start_with(circuit: Circuit, channels: list[Channel]) -> Simulation:
    simulation = start(circuit)
    simulation.set_channels(channels)
    return simulation


@pytest.mark.parametrize("kind", ["lif", "hodgkin_huxley"])
@pytest.mark.parametrize("size", [3, 64, 65, 300])
def test_alone_is_as_in_a_population(kind: str, size: int) -> None:
    """The same cell, alone or the last of many, with shared or own constants: the same bits."""

    def run(n: int) -> np.ndarray:
        c = Circuit(seed=3)
        node = c.add(kind, label="N", size=n)
        c.connect(c.add("step_current", amplitude=900, start=2), node)
        drive = c.add("lif", label="D", V_th=-69.9)
        c.connect(c.add("step_current", amplitude=200), drive)
        c.connect(drive, node, "ampa", weight=2)
        c.connect(drive, node, "gaba_a", weight=1)
        return simulate(c, 60, record={node: ["v"]})["N", "v"]

    alone, many = run(1), run(size)
    for column in (0, size - 1):
        np.testing.assert_array_equal(many[:, column], alone)


def test_the_noise_of_a_source_does_not_depend_on_other_sources() -> None:
    c = Circuit(seed=5)
    p = c.add("poisson", label="P", size=20, rate=100)
    before = simulate(c, 500).spikes_by_neuron("P")
    c.add("poisson", label="Q", size=7, rate=300)
    c.add("lif")
    after = simulate(c, 500).spikes_by_neuron("P")
    np.testing.assert_array_equal(before[0], after[0])
    np.testing.assert_array_equal(before[1], after[1])
    other = simulate(c, 500, seed=6).spikes_by_neuron(p)
    assert not np.array_equal(other[1], after[1])


def test_a_value_that_is_not_finite_stops_the_run_and_is_named() -> None:
    c = Circuit()
    h = c.add("hodgkin_huxley", label="Axon")
    c.connect(c.add("step_current", amplitude=1e308, start=10), h, gain=100)
    with pytest.raises(NotFinite, match=r"Axon: v is not a finite number at 10") as caught:
        simulate(c, 50)
    assert caught.value.element == "Axon"
    assert caught.value.time_ms == pytest.approx(10.0, abs=0.06)


def test_recorded_definitions_agree_with_the_equations() -> None:
    c = Circuit()
    h = c.add("hodgkin_huxley", label="H")
    c.connect(c.add("step_current", amplitude=800), h)
    r = simulate(c, 30, record={h: ["v", "m", "h", "n", "I_Na", "I_K", "a_n"]})
    v, m, hh, n = (r["H", x] for x in ("v", "m", "h", "n"))
    np.testing.assert_allclose(r["H", "I_Na"], 12000 * m**3 * hh * (v - 50), rtol=1e-12)
    np.testing.assert_allclose(r["H", "I_K"], 3600 * n**4 * (v + 77), rtol=1e-12)
    with np.errstate(invalid="ignore"):
        expected = 0.01 * (v + 55) / (1 - np.exp(-0.1 * (v + 55)))
    np.testing.assert_allclose(r["H", "a_n"], expected, rtol=1e-9)


def test_channels_that_are_not_there_are_nan_and_leave_the_others_alone() -> None:
    c, ids = chain()
    there = [Channel(ids["A"], "v"), Channel(ids["H"], "I_Na"), Channel(ids["AB"], "w")]
    none = [Channel("nobody", "v"), Channel(ids["A"], "v", 1), Channel(ids["AB"], "w", 1)]
    mixed, plain = start(c), start(c)
    plain.set_channels(there)
    expected = trace(plain, 300)
    assert expected[2].tolist() == [20.0] * 300
    mixed.set_channels([channel for pair in zip(none, there, strict=True) for channel in pair])
    samples = trace(mixed, 300)
    np.testing.assert_array_equal(samples[1::2], expected)
    assert np.isnan(samples[::2]).all()
    mixed.set_channels(none)
    samples = trace(mixed, 5)
    assert samples.shape == (3, 5)
    assert np.isnan(samples).all()


def test_the_singular_points_of_hodgkin_huxley_are_passed() -> None:
    for v_0 in (-40.0, -55.0):
        c = Circuit()
        h = c.add("hodgkin_huxley", label="H", v_0=v_0)
        assert np.isfinite(simulate(c, 5, record={h: ["v"]})["H", "v"]).all()


def test_a_hand_holds_a_current_and_lets_go() -> None:
    """300 pA held from 10 to 40 ms is a step of 300 pA from 10 to 40 ms, bit by bit."""
    c = Circuit()
    a = c.add("lif", label="A")
    c.connect(c.add("step_current", amplitude=0.0), a)
    held = start_with(c, [Channel(a, "v")])
    parts = [trace(held, 400)]
    held.hold({(a, -1): 300.0})
    parts.append(trace(held, 1200))
    held.hold({})
    parts.append(trace(held, 400))
    stepped = Circuit()
    b = stepped.add("lif", label="A")
    stepped.connect(stepped.add("step_current", amplitude=300.0, start=10, stop=40), b)
    expected = trace(start_with(stepped, [Channel(b, "v")]), 2000)
    np.testing.assert_array_equal(np.hstack(parts), expected)


@pytest.mark.parametrize("kind", ["lif", "hodgkin_huxley"])
def test_a_kick_makes_a_cell_fire_once(kind: str) -> None:
    c = Circuit()
    a = c.add(kind, label="A", size=3)
    simulation = start(c)
    assert len(simulation.advance(400).spikes) == 0
    simulation.kick(a, 1)
    spikes = simulation.advance(2000).spikes
    assert simulation.program.unit_index[spikes.unit].tolist() == [1]
    assert spikes.time_ms[0] - 10.0 < 2.0
