"""The engine beside the reference solution: how far apart spikes and traces are."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model.channels import WEIGHT
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.kinds import Kind, Registry
from neurocanvas.model.quantity import parse_quantity
from neurocanvas.sim.reference.solver import solve_reference
from neurocanvas.sim.result import Result, Trace
from neurocanvas.sim.simulate import Progress, default_record, prepared, run

Floats = npt.NDArray[np.float64]

ENGINE_PART = 0.1
"""Part of the progress that the engine's run is worth; the reference takes most of the time."""


@dataclass(frozen=True)
class NodeComparison:
    """The spikes of one node, all its neurons together.

    Attributes:
        node: Its id.
        label: Its label.
        size: How many neurons it stands for.
        engine, reference: Number of spikes.
        paired: How many spikes of the two belong together: all up to where a neuron's trains part.
        worst_ms, median_ms: Largest and median distance of two that belong together; None where
            there are none.
        last_ms: Distance of the last two that belong together.
        parts_at_ms: Time of the first spike without a counterpart, None if each has one.
    """

    node: str
    label: str
    size: int
    engine: int
    reference: int
    paired: int
    worst_ms: float | None
    median_ms: float | None
    last_ms: float | None
    parts_at_ms: float | None

    @property
    def agrees(self) -> bool:
        """Whether each spike has a counterpart."""
        return self.parts_at_ms is None


@dataclass(frozen=True)
class TraceComparison:
    """One recorded variable of one node.

    Attributes:
        node: Its id.
        label: Its label.
        variable: Name of the variable.
        unit: Of the variable.
        worst: Largest deviation of any neuron, in ``unit``.
        worst_at_ms: When that was.
        rms: Root of the mean square deviation over time and neurons.
        span: Difference between the largest and the smallest value of the reference.
    """

    node: str
    label: str
    variable: str
    unit: str
    worst: float
    worst_at_ms: float
    rms: float
    span: float


@dataclass(frozen=True)
class Comparison:
    """The engine beside the reference, over one run.

    Attributes:
        duration_ms, dt_ms: What was run.
        seed: Of all random streams.
        nodes: Nodes that spike in either, in the order of the circuit.
        traces: All that was recorded.
        engine_s, reference_s: How long the two took.
    """

    duration_ms: float
    dt_ms: float
    seed: int
    nodes: tuple[NodeComparison, ...]
    traces: tuple[TraceComparison, ...]
    engine_s: float
    reference_s: float

    def of_node(self, node_id: str) -> NodeComparison | None:
        """Return the spikes of a node, None if it has none."""
        return next((n for n in self.nodes if n.node == node_id), None)

    def traces_of(self, node_id: str) -> list[TraceComparison]:
        """Return what was recorded of a node."""
        return [trace for trace in self.traces if trace.node == node_id]


def compare(
    circuit: Circuit,
    duration: float | str,
    *,
    dt: float | str | None = None,
    seed: int | None = None,
    record: Mapping[str, Sequence[str]] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run a circuit with the engine and with the reference, and say how far apart they are.

    Args:
        circuit: The circuit; it is not changed.
        duration: Model time in ms, or text such as ``"200 ms"``.
        dt: Time step, instead of the circuit's own.
        seed: Seed, instead of the circuit's own.
        record: Node id -> variables whose traces are compared; by default the main variable of
            every neuron node of at most 100 neurons.
        progress: Told the part that is done, from 0 to 1; may raise to end the run.

    Raises:
        QuantityError: A duration or time step that is no positive time.
        SimulationError: A circuit that can't be run, or that has no reference solution.
    """
    snapshot = prepared(circuit, dt, seed)
    duration_ms = parse_quantity(duration, "ms", "duration")
    if duration_ms <= 0:
        raise SimulationError(f"duration = {duration} is not possible; a time above 0 ms is")
    wanted = default_record(circuit) if record is None else record
    return compare_snapshot(snapshot, circuit.kinds, duration_ms, wanted, progress=progress)


def compare_snapshot(
    snapshot: Snapshot,
    kinds: Registry,
    duration_ms: float,
    record: Mapping[str, Sequence[str]],
    *,
    progress: Progress | None = None,
) -> Comparison:
    """Compare the two for a circuit at one moment, in any thread; see ``compare``."""
    begin = time.perf_counter()
    engine = run(snapshot, kinds, duration_ms, record, _part(progress, 0.0, ENGINE_PART))
    between = time.perf_counter()
    rest = _part(progress, ENGINE_PART, 1.0)
    exact = solve_reference(snapshot, kinds, duration_ms, record, progress=rest)
    end = time.perf_counter()
    return compare_results(snapshot, kinds, (engine, between - begin), (exact, end - between))


def compare_results(
    snapshot: Snapshot,
    kinds: Registry,
    engine: tuple[Result, float],
    reference: tuple[Result, float],
) -> Comparison:
    """Compare two runs of a circuit over the same time, with the same variables recorded.

    Args:
        snapshot: The circuit.
        kinds: Its kinds.
        engine, reference: Each with the seconds it took.
    """
    (one, engine_s), (other, reference_s) = engine, reference
    return Comparison(
        duration_ms=float(one.times[-1]),
        dt_ms=one.dt_ms,
        seed=snapshot.settings.seed,
        nodes=tuple(_compared_nodes(one, other)),
        traces=tuple(
            _compared_trace(snapshot, kinds, a, b, one.times)
            for a, b in zip(one.traces, other.traces, strict=True)
        ),
        engine_s=engine_s,
        reference_s=reference_s,
    )


def _part(progress: Progress | None, begin: float, end: float) -> Progress | None:
    """Return a progress that fills a part of another."""
    if progress is None:
        return None
    return lambda done: progress(begin + (end - begin) * done)


# -- spikes ---------------------------------------------------------------------------------------


def _compared_nodes(engine: Result, exact: Result) -> Iterator[NodeComparison]:
    for node in engine.nodes:
        one, other = engine.spikes_by_neuron(node.id), exact.spikes_by_neuron(node.id)
        if len(one[0]) or len(other[0]):
            yield _compared_node(node.id, node.label, node.size, one, other)


def _compared_node(
    node: str,
    label: str,
    size: int,
    engine: tuple[npt.NDArray[np.int64], Floats],
    exact: tuple[npt.NDArray[np.int64], Floats],
) -> NodeComparison:
    times, distances, parts = [], [], []
    for neuron in np.union1d(engine[0], exact[0]).tolist():
        one, other = engine[1][engine[0] == neuron], exact[1][exact[0] == neuron]
        n, parting = matched(one, other)
        times.append(other[:n])
        distances.append(one[:n] - other[:n])
        parts += [] if parting is None else [parting]
    when = np.concatenate(times)
    distance = np.abs(np.concatenate(distances))
    return NodeComparison(
        node=node,
        label=label,
        size=size,
        engine=len(engine[0]),
        reference=len(exact[0]),
        paired=len(distance),
        worst_ms=float(distance.max()) if len(distance) else None,
        median_ms=float(np.median(distance)) if len(distance) else None,
        last_ms=float(distance[when.argmax()]) if len(distance) else None,
        parts_at_ms=min(parts, default=None),
    )


def matched(one: Floats, other: Floats) -> tuple[int, float | None]:
    """Return how many spikes of two trains belong together, and where the trains part.

    The k-th spikes of both belong together as long as each is nearer to the other than to any
    other spike of that train.

    Args:
        one, other: Times in ms of one neuron's spikes, ascending.

    Returns:
        The number, and the time of the first spike without a counterpart (None if each has one).
    """
    for k in range(max(len(one), len(other))):
        if k >= min(len(one), len(other)):
            return k, float((one if k < len(one) else other)[k])
        distance = abs(one[k] - other[k])
        around = [abs(one[k] - other[j]) for j in (k - 1, k + 1) if 0 <= j < len(other)]
        around += [abs(other[k] - one[j]) for j in (k - 1, k + 1) if 0 <= j < len(one)]
        if distance > min(around, default=math.inf):
            return k, float(min(one[k], other[k]))
    return len(one), None


# -- traces ---------------------------------------------------------------------------------------


def _compared_trace(
    snapshot: Snapshot, kinds: Registry, engine: Trace, exact: Trace, times: Floats
) -> TraceComparison:
    deviation = np.abs(engine.values - exact.values).reshape(len(times), -1)
    at = int(deviation.max(axis=1, initial=0.0).argmax())
    return TraceComparison(
        node=engine.node,
        label=engine.label,
        variable=engine.variable,
        unit=_unit(snapshot, kinds, engine),
        worst=float(deviation.max(initial=0.0)),
        worst_at_ms=float(times[at]),
        rms=float(np.sqrt(np.mean(deviation**2))) if deviation.size else 0.0,
        span=float(np.ptp(exact.values)) if exact.values.size else 0.0,
    )


def _unit(snapshot: Snapshot, kinds: Registry, trace: Trace) -> str:
    elements: list[Node | Link] = [*snapshot.nodes, *snapshot.links]
    for element in elements:
        if element.id == trace.node:
            return _unit_of(kinds, kinds.get(element.kind), trace.variable)
    return "1"


def _unit_of(kinds: Registry, kind: Kind, variable: str) -> str:
    """Return the unit of a variable, of a weight or of a trace such as ``"stdp.x"``."""
    feature, _, name = variable.partition(".")
    if name and feature in kinds:
        return kinds.get(feature).recordable[name].unit
    if variable in kind.recordable:
        return kind.recordable[variable].unit
    return kind.parameter("weight").unit if variable == WEIGHT else "1"


# -- words ----------------------------------------------------------------------------------------


def distance_text(distance_ms: float | None) -> str:
    """Write a distance in time for a person: ``"0.004 ms"``."""
    if distance_ms is None:
        return "\u2013"
    if distance_ms < 0.0005:
        return "< 0.001 ms"
    return f"{distance_ms:.3f} ms"


def _spikes(count: int) -> str:
    return f"{count} spike{'' if count == 1 else 's'}"


def node_sentence(node: NodeComparison) -> str:
    """Say in one sentence how the spikes of a node compare."""
    if node.worst_ms is None:
        return f"Checked against solve_ivp: {_spikes(node.engine)}, but {node.reference} there."
    if not node.agrees:
        assert node.parts_at_ms is not None
        return (
            f"Checked against solve_ivp: {_spikes(node.engine)}, but {node.reference} there; "
            f"they part at {node.parts_at_ms:.4g} ms."
        )
    last = distance_text(node.last_ms)
    return f"Checked against solve_ivp: last spike {last} off."


def trace_sentence(trace: TraceComparison) -> str:
    """Say in one sentence how a trace compares."""
    unit = "" if trace.unit == "1" else f" {trace.unit}"
    return f"Checked against solve_ivp: {trace.variable} at most {trace.worst:.2g}{unit} off."


def spike_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return a table of the spikes: a row of headings, then one for each node."""
    rows: list[tuple[str, ...]] = [
        ("spikes of", "engine", "reference", "worst", "median", "last", "part at")
    ]
    for n in comparison.nodes:
        parting = "\u2013" if n.parts_at_ms is None else f"{n.parts_at_ms:.4g} ms"
        distances = [distance_text(d) for d in (n.worst_ms, n.median_ms, n.last_ms)]
        rows.append((n.label, str(n.engine), str(n.reference), *distances, parting))
    return rows


def trace_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return a table of the traces: a row of headings, then one for each."""
    rows: list[tuple[str, ...]] = [("trace of", "worst", "at", "rms", "range")]
    for t in comparison.traces:
        unit = "" if t.unit == "1" else f" {t.unit}"
        numbers = [f"{value:.2g}{unit}" for value in (t.worst, t.rms, t.span)]
        at = f"{t.worst_at_ms:.4g} ms"
        rows.append((f"{t.label}.{t.variable}", numbers[0], at, numbers[1], numbers[2]))
    return rows


def table_text(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return a table as lines of text: the first column to the left, the others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
