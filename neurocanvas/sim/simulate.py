"""Headless runs: a circuit in, a result out."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from neurocanvas.errors import CircuitError, SimulationError
from neurocanvas.model.channels import WEIGHT, channel_variables
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Node, Snapshot
from neurocanvas.model.kinds import NeuronKind, Registry
from neurocanvas.model.quantity import parse_quantity
from neurocanvas.model.rules import check_settings
from neurocanvas.sim import profile
from neurocanvas.sim.clipping import clipping_warnings
from neurocanvas.sim.compiling.compiler import Compiler, assemble
from neurocanvas.sim.costs import Cost
from neurocanvas.sim.kernels import compile_all
from neurocanvas.sim.program import Program
from neurocanvas.sim.progress import Tell
from neurocanvas.sim.recording.rings import Channel
from neurocanvas.sim.result import Floats, Ints, Result, Trace, unlisted_words
from neurocanvas.sim.simulation import Block, Simulation
from neurocanvas.sim.teams import processors, worth

Progress = Callable[[float], None]
"""Told the part that is done, from 0 to 1; may raise to end the run."""

Enough = Callable[[], bool]
"""Asked after each block whether the run may end there."""

Record = Mapping[str, Sequence[str]]

MAX_DEFAULT_SIZE = 100
"""Larger populations are recorded only where asked for."""
BLOCK_SAMPLES = 1 << 20
"""Samples of one block: bounds the memory that a run needs beside its result."""
FIRST_STEPS = 16
"""Steps of the first block of a run that somebody watches."""
WATCHED_S = 0.05
"""Time that such a block should take: who wants it to end does not wait for more."""


def simulate(
    circuit: Circuit,
    duration: float | str,
    *,
    dt: float | str | None = None,
    seed: int | None = None,
    record: Record | None = None,
    reference: bool = False,
    progress: Progress | None = None,
    tell: Tell | None = None,
    enough: Enough | None = None,
    threads: int | None = None,
    measure: bool = False,
) -> Result:
    """Run a circuit from its initial state.

    Args:
        circuit: The circuit; it is not changed.
        duration: Model time in ms, or text such as ``"1 s"``; rounded to whole steps.
        dt: Time step, instead of the circuit's own.
        seed: Seed, instead of the circuit's own.
        record: Node or link id -> names of variables, for links also ``"w"`` and traces of
            plasticity such as ``"stdp.x"`` (see ``model.channels``). By default the main variable
            of every neuron node of at most 100 neurons.
        reference: Solve with ``scipy`` instead of the engine (slow and exact).
        progress: Told the part of the run that is done, from 0 to 1; may raise to end it.
        tell: Told of every stage what is done, how much and of how much: kernels to be prepared,
            synapses to be connected, ms to be run; may raise to end the run.
        enough: Asked some times a second whether the run may end there; the result then holds
            what was run. The reference does not ask.
        threads: How many threads advance it, at most one for each processor; by default as many as
            pay. The result is the same bit by bit for any number.
        measure: Measure where the engine's time goes: ``costs`` of the result.

    Returns:
        Traces and spikes, and in ``warnings`` which values were brought back into their range.

    Raises:
        QuantityError: A duration or time step that is no positive time.
        CircuitError: Something to record that is not there.
        SimulationError: A circuit that can't be run, or a number of threads below one.
    """
    snapshot = prepared(circuit, dt, seed)
    duration_ms = _positive(duration, "duration")
    if threads is not None and threads < 1:
        raise SimulationError(f"threads = {threads} is not possible; 1 or more would be right")
    wanted = _checked(circuit, record) if record is not None else default_record(circuit)
    if reference:
        from neurocanvas.sim.reference.solver import solve_reference

        watch = _watching(progress, tell, "solving", duration_ms)
        return solve_reference(snapshot, circuit.kinds, duration_ms, wanted, progress=watch)
    return run(
        snapshot, circuit.kinds, duration_ms, wanted, progress, tell, enough, threads, measure
    )


def _watching(
    progress: Progress | None, tell: Tell | None, what: str, duration_ms: float
) -> Progress | None:
    """Return one that tells both, None if nobody wants to know."""
    if progress is None and tell is None:
        return None

    def watch(part: float) -> None:
        if progress is not None:
            progress(part)
        if tell is not None:
            tell(what, part * duration_ms, duration_ms)

    return watch


def prepared(circuit: Circuit, dt: float | str | None, seed: int | None) -> Snapshot:
    """Return a snapshot of a circuit with another time step or seed.

    Raises:
        QuantityError: A time step that is no positive time.
        CircuitError: A time step or seed that is out of range.
    """
    settings = circuit.settings
    if dt is not None:
        settings = replace(settings, dt=_positive(dt, "dt"))
    if seed is not None:
        settings = replace(settings, seed=seed)
    check_settings(settings)
    return replace(circuit.snapshot(), settings=settings)


def _positive(value: float | str, what: str) -> float:
    number = parse_quantity(value, "ms", what)
    if number <= 0:
        right = 'a time such as "500 ms" would be right'
        raise SimulationError(f"{what} = {value} is not possible; {right}")
    return number


def default_record(circuit: Circuit) -> dict[str, list[str]]:
    """Return what is recorded if nothing is asked for."""
    found = {}
    for node in circuit.nodes():
        kind = circuit.kind_of(node)
        if isinstance(kind, NeuronKind) and not kind.placeholder and node.size <= MAX_DEFAULT_SIZE:
            found[node.id] = [kind.main]
    return found


def _checked(circuit: Circuit, record: Record) -> dict[str, list[str]]:
    for element, variables in record.items():
        recordable = channel_variables(circuit, circuit.element(element))
        for variable in variables:
            if variable not in recordable:
                known = ", ".join(recordable) or "nothing"
                label = circuit.label_of(element)
                raise CircuitError(f"{label} has no variable {variable!r}; recordable are {known}")
    return {element: list(variables) for element, variables in record.items()}


def run(
    snapshot: Snapshot,
    kinds: Registry,
    duration_ms: float,
    record: Record,
    progress: Progress | None = None,
    tell: Tell | None = None,
    enough: Enough | None = None,
    threads: int | None = None,
    measure: bool = False,
) -> Result:
    """Run the engine over a snapshot; see ``simulate``."""
    watched = [element for element, names in record.items() if set(names) - {WEIGHT}]
    program = ready(snapshot, kinds, watched, tell)
    # More than there are processors would wait for each other's.
    threads = min(threads, processors()) if threads else worth(program)
    simulation = Simulation(program, duration_ms, threads)
    sizes = {
        (element, variable): simulation.count(element, variable)
        for element, variables in record.items()
        for variable in variables
    }
    simulation.set_channels(
        [
            Channel(element, variable, index)
            for element, variables in record.items()
            for variable in variables
            for index in range(sizes[element, variable])
        ]
    )
    n_steps = max(1, round(duration_ms / program.dt))
    samples = np.empty((n_steps + 1, len(simulation.channels)))
    samples[0] = simulation.look()
    if measure:
        profile.begin(simulation)
    watch = _watching(progress, tell, "running", duration_ms)
    if watch is None and enough is None:
        blocks = _advance(simulation, n_steps, samples)
    else:
        blocks = _advance_watched(simulation, n_steps, samples, watch, enough)
        samples = samples[: simulation.step + 1]
    warnings = clipping_warnings(snapshot, kinds)
    warnings += [unlisted_words(_label(program, n), r) for n, r in simulation.unlisted.items()]
    result = _result(snapshot, simulation, record, sizes, samples, blocks, warnings)
    result.costs = _costs(simulation, blocks) if measure else ()
    return result


def ready(
    snapshot: Snapshot, kinds: Registry, watched: Collection[str], tell: Tell | None
) -> Program:
    """Return a circuit as a program whose kernels are there, telling of what takes its time."""
    chosen = Compiler().cast(snapshot, kinds, watched)
    if tell is not None:
        compile_all(chosen.sources(), lambda done, total: tell("preparing kernels", done, total))
    return assemble(chosen, tell)


def _advance(simulation: Simulation, n_steps: int, samples: Floats) -> list[Block]:
    """Run in few blocks."""
    blocks = []
    while simulation.step < n_steps:
        blocks.append(_block(simulation, n_steps, samples, n_steps))
    return blocks


def _advance_watched(
    simulation: Simulation,
    n_steps: int,
    samples: Floats,
    watch: Progress | None,
    enough: Enough | None,
) -> list[Block]:
    """Run in blocks so short that whoever watches is answered at once, however dear a step is."""
    blocks, most = [], FIRST_STEPS
    while simulation.step < n_steps:
        began = time.perf_counter()
        blocks.append(_block(simulation, n_steps, samples, most))
        took = max(time.perf_counter() - began, 1e-9)
        # At most twice as many as before: the first steps may be the quiet ones.
        most = max(1, min(2 * most, int(blocks[-1].steps * WATCHED_S / took)))
        if watch is not None:
            watch(simulation.step / n_steps)
        if enough is not None and enough():
            break
    return blocks


def _block(simulation: Simulation, n_steps: int, samples: Floats, most: int) -> Block:
    """Do some steps, and keep their samples."""
    longest = max(64, BLOCK_SAMPLES // max(1, samples.shape[1]))
    block = simulation.advance(min(n_steps - simulation.step, longest, most))
    samples[block.first_step + 1 : block.first_step + 1 + block.steps] = block.samples.T
    return block


def _costs(simulation: Simulation, blocks: Sequence[Block]) -> tuple[Cost, ...]:
    """Return what was measured, with the spikes that left and the synapses where they arrive."""
    found, events = profile.costs(simulation), {}
    if not simulation.unlisted:
        synapses = simulation.program.synapses
        units = np.concatenate([np.zeros(0, np.int64), *(b.spikes.unit for b in blocks)])
        reached = np.diff(synapses.start[synapses.unit_slice].astype(np.int64))
        events = {"spikes leave": len(units), "arrivals": int(reached[units].sum())}
    return tuple(replace(cost, n=events.get(cost.stage, cost.n)) for cost in found)


def _result(
    snapshot: Snapshot,
    simulation: Simulation,
    record: Record,
    sizes: Mapping[tuple[str, str], int],
    samples: Floats,
    blocks: Sequence[Block],
    warnings: Sequence[str],
) -> Result:
    program = simulation.program
    traces, row = [], 0
    for element, variables in record.items():
        for variable in variables:
            size = sizes[element, variable]
            values = samples[:, row] if size == 1 else samples[:, row : row + size]
            row += size
            shown = np.ascontiguousarray(values)
            traces.append(Trace(element, _label(program, element), variable, shown))
    times: Floats = np.arange(len(samples), dtype=np.float64) * program.dt
    spikes = _spikes(program, blocks)
    dt, hidden = program.dt, simulation.unlisted
    return Result(times, traces, snapshot.nodes, spikes, dt, warnings, hidden)


def _label(program: Program, element: str) -> str:
    node: Node | None = program.nodes.get(element)
    return node.label if node else element


def _spikes(program: Program, blocks: Sequence[Block]) -> dict[str, tuple[Ints, Floats]]:
    unit = np.concatenate([np.zeros(0, np.int64), *(b.spikes.unit for b in blocks)])
    time = np.concatenate([np.zeros(0), *(b.spikes.time_ms for b in blocks)])
    node = program.unit_node[unit]
    found = {}
    for number, node_id in enumerate(program.node_ids):
        own = np.flatnonzero(node == number)
        order = own[np.argsort(time[own], kind="stable")]
        found[node_id] = (program.unit_index[unit[order]].astype(np.int64), time[order])
    return found
