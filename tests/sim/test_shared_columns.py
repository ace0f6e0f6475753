"""Links whose effects add up share their columns: nothing that can be seen depends on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pytest

from neurocanvas import Circuit, library, simulate
from neurocanvas.errors import SimulationError
from neurocanvas.model import edits
from neurocanvas.model.edit_base import SetBench
from neurocanvas.model.elements import Bench, Probe
from neurocanvas.model.kinds import Parameter, SynapseKind
from neurocanvas.sim.compiling.casting import LARGE
from neurocanvas.sim.compiling.compiler import compile_circuit
from neurocanvas.sim.compiling.superposition import per_link, superposes
from neurocanvas.sim.program import Program
from neurocanvas.sim.recording.recorder import Recorder
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.runner import Runner
from neurocanvas.sim.simulation import Simulation

SIZE = LARGE + 44

COUNTED = SynapseKind(
    name="own_counted",
    title="Counted",
    symbol="n",
    doc="",
    source="",
    parameters=(
        Parameter("weight", 3.0, "pA", ""),
        Parameter("delay", 1.0, "ms", ""),
        Parameter("tau", 4.0, "ms", "", minimum=0.0, strict=True),
    ),
    equations="dr/dt = -r/tau\nI = weight*r",
    on_spike="r += 2",
)


def kind(**changes: object) -> SynapseKind:
    return replace(COUNTED, **changes)  # type: ignore[arg-type]


def wired(synapse: str, n_links: int = 3, **values: object) -> tuple[Circuit, str, list[str]]:
    """A large node and several populations that reach it, with weights and delays of their own."""
    c = Circuit(dt=0.1, seed=2)
    if synapse == COUNTED.name:
        c.apply(edits.SetOwnKind(COUNTED.name, COUNTED))
    target = c.add("lif", label="T", size=SIZE)
    links = []
    for k in range(n_links):
        source = c.add(
            "regular_spikes", label=f"S{k}", size=3, rate=f"uniform({90 + 20 * k} Hz, 260 Hz)"
        )
        own = {} if synapse == COUNTED.name else {"weight": f"uniform({8 + k}, {40 + k})"}
        links.append(
            c.connect(
                source, target, synapse, delay=f"uniform(0.3 ms, {2 + k} ms)",
                rule="probability", rule_values={"p": 0.5}, **own, **values,
            )
        )  # fmt: skip
    return c, target, links


def started(c: Circuit, watched: Collection[str] = ()) -> Simulation:
    return Simulation(compile_circuit(c.snapshot(), c.kinds, watched=watched))


def followed(old: Simulation, c: Circuit, watched: Collection[str] = ()) -> Simulation:
    new = started(c, watched)
    new.set_channels(old.channels)
    new.adopt(old)
    return new


def places(program: Program, links: Collection[str]) -> int:
    """Return how many sets of columns some links have."""
    return len({(program.slots[k].group, program.slots[k].first) for k in links})


def total(simulation: Simulation, links: Collection[str], variable: str) -> np.ndarray:
    """Return the sum of a state over all columns of some links, each counted once."""
    own = {(s.group, s.first): k for k in links if (s := simulation.program.slots.get(k))}
    return sum(simulation.values(k, variable) for k in own.values())


def potentials(simulation: Simulation, target: str, steps: int) -> np.ndarray:
    if not simulation.channels:
        simulation.set_channels([Channel(target, "v", k) for k in (0, 7, SIZE - 1)])
    return simulation.advance(steps).samples


SHARING = [
    "current_synapse", "current_synapse_delta", "conductance_synapse_alpha", "nmda", "own_counted",
]  # fmt: skip


@pytest.mark.parametrize("synapse", SHARING)
def test_nothing_depends_on_whether_columns_are_shared(synapse: str) -> None:
    c, target, links = wired(synapse)
    shared, apart = started(c), started(c, links)
    assert (places(shared.program, links), places(apart.program, links)) == (1, 3)
    one, other = potentials(shared, target, 600), potentials(apart, target, 600)
    assert np.ptp(other) > 1.0
    np.testing.assert_allclose(one, other, rtol=1e-10)


def test_what_is_shared_is_the_sum_of_what_each_spike_left() -> None:
    c = Circuit(dt=0.1)
    target, given = c.add("lif", size=SIZE), [(3.0, 1.0, 40.0), (2.0, 2.5, 70.0), (7.0, 0.4, 110.0)]
    links, sources = [], []
    for weight, delay, rate in given:
        sources.append(c.add("regular_spikes", rate=rate))
        links.append(
            c.connect(sources[-1], target, "current_synapse", weight=weight, delay=delay, tau=6)
        )
    simulation, steps = started(c), 1200
    spikes = simulation.advance(steps).spikes
    node = np.array(simulation.program.node_ids)[simulation.program.unit_node[spikes.unit]]
    expected = 0.0
    for source, (weight, delay, _) in zip(sources, given, strict=True):
        # A spike counts from the end of its step; what is left has decayed since it arrived.
        since = (steps - 1 - spikes.step[node == source]) * 0.1 - delay
        expected += weight * np.exp(-since[since > -1e-9] / 6.0).sum()
    assert expected > 5.0
    for link in links:
        np.testing.assert_allclose(simulation.values(link, "i"), expected, rtol=1e-9)


# -- who shares ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"equations": "dr/dt = -r/tau + 1\nI = weight*r"},
        {"equations": "dr/dt = -r*r/tau\nI = weight*r"},
        {"equations": "dr/dt = -r*v/tau\nI = weight*r"},
        {"equations": "dr/dt = -r/tau\nI = weight*r*r"},
        {"equations": "dr/dt = -r/tau\nI = weight*r + 1"},
        {"equations": "dr/dt = -r/tau\nI = s*weight\ns = r/(1 + r)"},
        {"on_spike": "r += 1 - r"},
        {"on_spike": "r += half\n", "equations": "dr/dt = -r/tau\nI = weight*r\nhalf = r/2"},
        {"on_spike": "r = 1"},
        {"on_spike": "r += weight*arrived"},
        {"initial": {"r": "1"}},
        {"carries": "rate", "on_spike": "", "equations": "I = out"},
        {"gives": "modulation", "equations": "dr/dt = -r/tau\nM = r"},
    ],
)
def test_what_does_not_add_up_is_known(changes: dict[str, object]) -> None:
    assert superposes(COUNTED)
    assert not superposes(kind(**changes))


@pytest.mark.parametrize(
    ("changes", "own"),
    [
        ({}, {"delay"}),
        ({"on_spike": "r += weight", "equations": "dr/dt = -r/tau\nI = r"}, {"weight", "delay"}),
        ({"on_spike": "r += weight"}, {"delay"}),
        ({"on_spike": "r += weight*delay", "equations": "dr/dt = -r/tau\nI = r"}, {"weight"}),
        ({"on_spike": "r += w2", "equations": "dr/dt = -r/tau\nI = r\nw2 = weight/2"}, {"delay"}),
        ({"equations": "dr/dt = -r/(tau + delay)\nI = weight*r"}, set()),
    ],
)
def test_what_each_link_may_have_of_its_own(changes: dict[str, object], own: set[str]) -> None:
    assert superposes(kind(**changes))
    assert per_link(kind(**changes)) == own


def test_all_that_opens_a_conductance_linearly_adds_up() -> None:
    found = {k.name for k in library.registry() if isinstance(k, SynapseKind) and superposes(k)}
    assert {"ampa", "gaba_a", "nmda", "current_synapse", "conductance_synapse_delta"} <= found
    assert not {"gaba_b", "gap_junction", "injection", "dopamine", "spikes_to_rate"} & found


def test_links_that_differ_in_more_than_weight_and_delay_have_their_own() -> None:
    c, target, links = wired("current_synapse", 6)
    c.set(links[1], tau=7)
    c.apply(edits.SetParameter(links[2], "tau", c.value(links[1], "tau")))
    c.set(links[3], tau="uniform(4 ms, 6 ms)")
    c.apply(edits.SetFeature(links[4], "stdp", {}))
    small = c.add("lif", size=LARGE - 1)
    source = next(c.nodes()).id
    others = [c.connect(source, small, "current_synapse", tau=k) for k in (5.0, 5.0)]
    program = compile_circuit(c.snapshot(), c.kinds)
    slots = program.slots
    assert slots[links[0]] == slots[links[5]] != slots[links[1]]
    assert slots[links[1]] == slots[links[2]]
    assert [program.shares(link) for link in links] == [True] * 3 + [False, False, True]
    assert places(program, links) == 4
    assert places(program, others) == 2
    assert target in program.slots


def test_what_a_probe_looks_at_is_that_of_its_link_alone() -> None:
    c, _, links = wired("current_synapse")
    c.apply(SetBench(Bench(probes=(Probe(1, links[0], "I", 5), Probe(2, links[1], "w", 2)))))
    program = compile_circuit(c.snapshot(), c.kinds)
    assert not program.shares(links[0])
    assert program.slots[links[1]] == program.slots[links[2]]
    c.apply(SetBench(Bench()))
    result = simulate(c, 30.0, record={link: ["I"] for link in links})
    sums = simulate(c, 30.0, record={links[1]: ["I"], links[2]: ["w"]})
    assert np.ptp(result[links[1], "I"]) > 1.0
    np.testing.assert_allclose(sums[links[1], "I"], result[links[1], "I"], rtol=1e-9)


# -- edits ---------------------------------------------------------------------------------------


def edited_both(c: Circuit, links: list[str], steps: int = 150) -> tuple[Simulation, Simulation]:
    """Start a circuit twice, with columns shared and not, and let both run for a while."""
    both = started(c), started(c, links)
    target = c.link(links[0]).post
    first, second = (potentials(simulation, target, steps) for simulation in both)
    np.testing.assert_allclose(first, second, rtol=1e-10)
    return both


def go_on_alike(one: Simulation, other: Simulation, target: str) -> None:
    first, second = potentials(one, target, 150), potentials(other, target, 150)
    assert np.ptp(second) > 0.5
    np.testing.assert_allclose(first, second, rtol=1e-10)


def test_connecting_and_looking_change_nothing_of_what_goes_on() -> None:
    c, target, links = wired("current_synapse")
    one, other = edited_both(c, links)
    links.append(
        c.connect(c.find("S1").id, target, "current_synapse", weight=30, rule="all_to_all")
    )
    one, other = followed(one, c), followed(other, c, links)
    assert places(one.program, links) == 1
    go_on_alike(one, other, target)
    before = total(one, links, "i")
    one = followed(one, c, links[1:2])  # somebody looks at one of them,
    assert places(one.program, links) == 2
    np.testing.assert_array_equal(total(one, links, "i"), before)
    np.testing.assert_array_equal(one.values(links[1], "i"), 0.0)
    go_on_alike(one, other, target)
    before = total(one, links, "i")
    assert one.values(links[1], "i").any()
    one = followed(one, c)  # and no longer
    assert places(one.program, links) == 1
    np.testing.assert_allclose(one.values(links[1], "i"), before, rtol=1e-14)
    go_on_alike(one, other, target)
    one = followed(one, c, links)  # all are looked at
    go_on_alike(one, other, target)


def test_a_weight_changes_for_the_synapses_of_its_link_alone() -> None:
    c, target, links = wired("current_synapse")
    one, other = edited_both(c, links)
    before = one.weight.copy()
    for simulation in (one, other):
        simulation.set_parameter(links[1], "weight", 55.0)
    changed = one.synapses_of(links[1])
    assert 0 < len(changed) < len(before)
    assert (one.weight[changed] == 55.0).all()
    rest = np.delete(np.arange(len(before)), changed)
    np.testing.assert_array_equal(one.weight[rest], before[rest])
    go_on_alike(one, other, target)


@pytest.mark.parametrize("gone", [[1], [0, 2]])
def test_what_a_link_that_is_deleted_left_dies_away(gone: list[int]) -> None:
    c, _, links = wired("current_synapse")
    one, _ = edited_both(c, links)
    before = one.values(links[1], "i").copy()
    c.remove(*[links[k] for k in gone])
    one = followed(one, c)
    left = next(link for k, link in enumerate(links) if k not in gone)
    np.testing.assert_array_equal(one.values(left, "i"), before)


def test_a_link_with_another_time_constant_leaves_what_was_there_to_the_others() -> None:
    c, _, links = wired("current_synapse", 2)
    for changed, kept in (links, links[::-1]):
        one, _ = edited_both(c, links)
        before = one.values(kept, "i").copy()
        c.set(changed, tau=9)
        one = followed(one, c)
        np.testing.assert_array_equal(one.values(kept, "i"), before)
        np.testing.assert_array_equal(one.values(changed, "i"), 0.0)
        c.set(changed, tau=5)
        one = followed(one, c)
        assert places(one.program, links) == 1
        np.testing.assert_array_equal(one.values(changed, "i"), before)


def test_plasticity_takes_a_link_out_and_spikes_under_way_still_arrive() -> None:
    c, target, links = wired("current_synapse")
    one, other = edited_both(c, links)
    c.apply(edits.SetFeature(links[0], "stdp", {}))
    one, other = followed(one, c), followed(other, c, links)
    assert not one.program.shares(links[0])
    go_on_alike(one, other, target)


def test_small_targets_that_grow_bring_their_columns_together() -> None:
    c, target, links = wired("current_synapse")
    c.apply(edits.SetSize(target, LARGE - 6))
    simulation = started(c)
    simulation.advance(150)
    before = total(simulation, links, "i")
    c.apply(edits.SetSize(target, SIZE))
    simulation = followed(simulation, c)
    assert places(simulation.program, links) == 1
    found = simulation.values(links[0], "i")
    np.testing.assert_allclose(found[: LARGE - 6], before, rtol=1e-14)
    np.testing.assert_array_equal(found[LARGE - 6 :], 0.0)


def test_what_is_that_of_all_can_not_be_set_for_one() -> None:
    c, _, links = wired("current_synapse")
    simulation = started(c)
    with pytest.raises(SimulationError, match=r"S0 -> T.*tau is that of other links too"):
        simulation.set_parameter(links[0], "tau", 8.0)
    assert simulation.program.parts(links[0], "tau")
    assert not simulation.program.parts(links[0], "weight")
    c, _, links = wired(COUNTED.name)
    assert started(c).program.parts(links[0], "weight")


# -- live ----------------------------------------------------------------------------------------


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner(Recorder())
    yield made
    made.close()


def present(runner: Runner) -> Simulation:
    runner.drain()
    simulation = runner._simulation
    assert simulation is not None
    return simulation


def test_a_runner_parts_links_when_somebody_looks_at_one(runner: Runner) -> None:
    c, target, links = wired("current_synapse")
    other = started(c, links)
    other.set_channels([Channel(target, "v", 7)])
    runner.set_channels([Channel(target, "v", 7), Channel(links[2], "w", 1)])
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.step(200)
    assert present(runner).program.shares(links[1])
    runner.set_channels([Channel(target, "v", 7), Channel(links[1], "I", 4)])
    before = total(present(runner), links, "i")
    assert not present(runner).program.shares(links[1])
    assert before.any()
    runner.set_parameter(links[0], "weight", 33.0)
    runner.step(200)
    other.advance(200)
    other.set_parameter(links[0], "weight", 33.0)
    expected = other.advance(200).samples[0, -1]
    now = present(runner)
    assert now.values(target, "v")[7] == pytest.approx(expected, rel=1e-10)
    np.testing.assert_array_equal(now.weight[now.synapses_of(links[0])], 33.0)


def test_a_runner_parts_links_when_a_parameter_of_one_changes(runner: Runner) -> None:
    c, _, links = wired("current_synapse")
    runner.load(c.snapshot(), c.kinds, keep=False)
    runner.step(200)
    before = present(runner).values(links[0], "i").copy()
    runner.set_parameter(links[2], "tau", 8.0)
    now = present(runner)
    assert now.program.parameters[links[2]]["tau"] == 8.0
    np.testing.assert_array_equal(now.values(links[0], "i"), before)
    np.testing.assert_array_equal(now.values(links[2], "i"), 0.0)
    assert now.step == 200
    runner.reset()
    assert present(runner).program.parameters[links[2]]["tau"] == 8.0
    assert runner.status.error is None
