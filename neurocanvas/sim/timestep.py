"""Time steps that are too coarse for a circuit, named with one that would do.

Five things are looked at, each where a circuit starts:

- how fast the variables of each kind move: the largest eigenvalue of its equations, linearized at
  the initial state, against what its integrator can follow;
- time constants of links, which an exact integrator steps over;
- gap junctions, whose far side is extrapolated over half a step: stable up to a rate of 1.1 a step;
- delays, which take at least one step;
- sources that jump, swing or follow a table faster than the steps come.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model import algebra
from neurocanvas.model.distributions import show_value, typical
from neurocanvas.model.elements import Link, Node, Snapshot
from neurocanvas.model.expressions import names
from neurocanvas.model.forms import EULER, EXACT, EXPONENTIAL_EULER, RK4, expand, input_gain
from neurocanvas.model.kinds import Kind, NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.model.projections import expected_synapses
from neurocanvas.model.quantity import format_quantity, to_coherent
from neurocanvas.sim import integrators
from neurocanvas.sim.quiet import Quiet
from neurocanvas.sim.reference.lambdify import lambdify
from neurocanvas.sim.writing.codegen import KindKey

Floats = npt.NDArray[np.float64]

REACH = {EXACT: 1.0, EXPONENTIAL_EULER: 0.25, RK4: 0.5, EULER: 0.1}
"""How much of the shortest time constant a step may take, by integrator.

Exponential Euler: the 1952 neuron (0.21 ms at rest) has its seven spikes 0.13 ms off at 0.05 ms and
0.5 ms off at 0.1 ms. RK4 is stable up to 2.8 and Euler up to 2, but accuracy asks for less.
"""

JUNCTION_REACH = 0.5
"""How far gap junctions may bring two cells together in a step."""

STEPS_PER_PERIOD = 10
"""Steps that a period of an oscillating source needs at least."""

FINEST_MS = 1e-4
"""No shorter time step is possible, so none is recommended."""

LATE_MS = 1e6
"""What happens after this is meant never to happen."""

FEW = 10

_ROUND = (5.0, 2.5, 2.0, 1.0)
_NAMED = 3


class _Finding(NamedTuple):
    """Something that a step is too coarse for: words up to the step, and what would do."""

    words: str
    dt_ms: float


def timestep_warnings(snapshot: Snapshot, kinds: Registry) -> list[str]:
    """Say what the time step of a circuit is too coarse for.

    Args:
        snapshot: The circuit.
        kinds: Its kinds.

    Returns:
        One line for each thing, naming the elements and a dt that would do.
    """
    return StepWatch().warnings(snapshot, kinds)


class StepWatch:
    """Looks after the time step of a circuit that is edited: of elements, only at what is new."""

    def __init__(self) -> None:
        self._quiet = Quiet()
        self._judged_by: tuple[Registry, float] | None = None

    def warnings(self, snapshot: Snapshot, kinds: Registry) -> list[str]:
        """Return what ``timestep_warnings`` returns."""
        dt = snapshot.settings.dt
        if self._judged_by is None or self._judged_by[0] is not kinds or self._judged_by[1] != dt:
            self._quiet, self._judged_by = Quiet(), (kinds, dt)
        judged = list(self._judged(snapshot, kinds))
        self._quiet.remember(snapshot, [element for element, _ in judged])
        pulled = list(_of_junctions(snapshot, kinds))
        if not judged and not pulled:
            return []
        labels = {node.id: node.label for node in snapshot.nodes}
        found: dict[_Finding, list[str]] = {}
        for element, finding in judged:
            found.setdefault(finding, []).append(_name(element, labels))
        for node_id, finding in pulled:
            found.setdefault(finding, []).append(labels[node_id])
        return [_sentence(finding, owners, dt) for finding, owners in found.items()]

    def _judged(
        self, snapshot: Snapshot, kinds: Registry
    ) -> Iterator[tuple[Node | Link, _Finding]]:
        """Yield what is found of single elements that are new or were found wanting before."""
        dt = snapshot.settings.dt
        # A drawn circuit has thousands of elements, but few that differ in what matters here.
        known: dict[object, tuple[_Finding, ...]] = {}
        for node in self._quiet.others(snapshot.nodes):
            items = map(_items, (node.texts, node.parameters, node.data))
            key: object = (node.kind, node.integrator, *items)
            if key not in known:
                known[key] = tuple(_of_node(node, kinds.get(node.kind), dt))
            yield from ((node, finding) for finding in known[key])
        for link in self._quiet.others(snapshot.links):
            key = (link.kind, _items(link.texts), _items(link.parameters))
            if key not in known:
                known[key] = tuple(_of_link(link, kinds.get(link.kind), dt))
            yield from ((link, finding) for finding in known[key])


def _name(element: Node | Link, labels: Mapping[str, str]) -> str:
    if isinstance(element, Node):
        return element.label
    return f"{labels[element.pre]} -> {labels[element.post]} ({element.kind})"


def _items(values: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(values.items()) if values else ()


def _sentence(finding: _Finding, owners: list[str], dt: float) -> str:
    shown = ", ".join(owners[:_NAMED])
    if len(owners) > _NAMED:
        shown += f" and {len(owners) - _NAMED} more"
    step = format_quantity(dt, "ms")
    better = format_quantity(fitting(finding.dt_ms), "ms")
    return f"{shown}: {finding.words} dt = {step}; dt = {better} would do"


def fitting(limit_ms: float) -> float:
    """Return the largest round time step that is not above a limit: 0.059 -> 0.05."""
    power = 10.0 ** math.floor(math.log10(max(limit_ms, FINEST_MS)) + 1e-9)
    found = next(x * power for x in _ROUND if x * power <= limit_ms * (1 + 1e-9) or x == 1.0)
    return max(found, FINEST_MS)


# -- nodes ----------------------------------------------------------------------------------------


def _of_node(node: Node, kind: Kind, dt: float) -> Iterator[_Finding]:
    if kind.placeholder:
        return
    kind = kind.with_texts(node.texts)
    values = _values(kind, node)
    yield from _of_dynamics(kind, values, dt, node.integrator)
    if isinstance(kind, SourceKind):
        yield from _of_source(kind, node, values, dt)


def _values(kind: Kind, element: Node | Link) -> dict[str, float]:
    """Return all parameters in coherent units; a distribution is given by its mean."""
    return {
        p.name: to_coherent(typical(element.parameters.get(p.name, p.default)), p.unit)
        for p in kind.parameters
    }


def _of_dynamics(
    kind: Kind, values: Mapping[str, float], dt: float, wanted: str = ""
) -> Iterator[_Finding]:
    """Compare the fastest variable with what the integrator follows."""
    fastest = _fastest(KindKey(kind), tuple(values.items()), wanted)
    if fastest is None:
        return
    state, tau, method = fastest
    limit = REACH[method] * tau
    if dt > limit * (1 + 1e-9):
        within = format_quantity(tau, "ms", 3)
        words = f"{state} of {kind.title} changes within {within}, too fast for"
        yield _Finding(words, limit)


@lru_cache(maxsize=1024)
def _fastest(
    key: KindKey, values: tuple[tuple[str, float], ...], wanted: str
) -> tuple[str, float, str] | None:
    """Return the fastest state variable at the start, its time constant (ms) and the integrator."""
    kind, known = key.kind, dict(values)
    states = kind.system.states
    try:
        plan = integrators.plan(kind, wanted=wanted)
    except SimulationError:
        return None  # the compiler says more of it
    if not states or plan.method not in REACH:
        return None
    matrix = _jacobian(kind, known)
    if not np.all(np.isfinite(matrix)):
        return None
    rates = np.linalg.eigvals(matrix)
    fastest = rates[np.abs(rates).argmax()]
    if abs(fastest) < 1e-9:
        return None
    # The variable whose own rate is nearest to it; the vectors would depend on units.
    state = states[int(np.abs(np.diag(matrix) - fastest).argmin())]
    return state, float(1.0 / abs(fastest)), plan.method


def _jacobian(kind: Kind, values: Mapping[str, float]) -> Floats:
    """Return the derivatives of all rates by all states at the start, shape (m, m), in 1/ms."""
    states, system = kind.system.states, kind.system
    silent = dict.fromkeys(("t", "I", "xi", "v", "out", "arrived", "sample", "w"), 0.0)
    known = {name: x for name, x in silent.items() if name not in states} | {"dt": 1.0}
    known |= dict(values)
    start = _start(kind, known)
    if start is None:
        return np.full((len(states), len(states)), np.nan)
    arguments = (*known, *states)
    function = lambdify(arguments, system.definitions, system.derivatives.values())
    steps = 1e-6 * np.maximum(np.abs(start), 1e-3)
    given = [np.float64(x) for x in known.values()]
    # Row j has state j moved: all at once, one column of results for each.
    up, down = (start + sign * np.diag(steps) for sign in (1, -1))
    with np.errstate(all="ignore"):
        high, low = (function(*given, *moved.T) for moved in (up, down))
    rows = [np.broadcast_to(h - w, len(states)) for h, w in zip(high, low, strict=True)]
    return np.asarray(np.stack(rows) / (2 * steps))


def _start(kind: Kind, known: Mapping[str, float]) -> Floats | None:
    """Return the initial value of every state, None where they need each other."""
    waiting = {
        state: expand(expr, kind.system, lambda used: True)
        for state, expr in kind.initial_values.items()
    }
    values = dict(known)
    while waiting:
        ready = [s for s, expr in waiting.items() if not names(expr) & waiting.keys()]
        if not ready:
            return None
        for state in ready:
            function = lambdify(tuple(values), {}, [waiting.pop(state)])
            with np.errstate(all="ignore"):
                values[state] = float(function(*(np.float64(x) for x in values.values()))[0])
    return np.array([values[state] for state in kind.system.states])


def _of_source(
    kind: SourceKind, node: Node, values: Mapping[str, float], dt: float
) -> Iterator[_Finding]:
    """Compare jumps, periods and tables of a source with the step."""
    gap = _shortest_pause(kind, values)
    if gap < dt * (1 - 1e-9):
        words = f"it jumps twice within {format_quantity(gap, 'ms', 3)}, too fast for"
        yield _Finding(words, gap)
    for parameter in kind.parameters if not kind.events else ():
        period = 1.0 / values[parameter.name] if values[parameter.name] > 0 else math.inf
        if parameter.unit == "Hz" and dt > period / STEPS_PER_PERIOD * (1 + 1e-9):
            words = f"a period of {format_quantity(period, 'ms', 3)} is too short for"
            yield _Finding(words, period / STEPS_PER_PERIOD)
    if kind.table:
        column = next(c for c in kind.data if c.name == kind.table[0])
        gap = _closest(sorted(node.data.get(column.name, column.default)))
        if gap < dt * (1 - 1e-9):
            words = f"points of its table {format_quantity(gap, 'ms', 3)} apart are too close for"
            yield _Finding(words, gap)


def _shortest_pause(kind: SourceKind, values: Mapping[str, float]) -> float:
    """Return the shortest time between two jumps of a source in ms, infinite if there are none."""
    series = [
        (algebra.number(distance, values), algebra.number(first, values))
        for distance, first in kind.breakpoint_series
    ]
    distances = [d for d, _ in series if d > 0]
    if min(distances, default=math.inf) < FINEST_MS:
        return min(distances)
    # By then, everything that it repeats has happened a few times.
    begin = max((first for _, first in series if first < LATE_MS), default=0.0)
    until = begin + FEW * max(distances, default=1.0)
    return _closest(kind.jumps(values, until))


def _closest(times: list[float]) -> float:
    """Return the shortest distance of two different times in ms, infinite if there are none."""
    gaps = np.diff(np.asarray(times, float))
    return float(np.min(gaps, where=gaps > 1e-9, initial=math.inf))


# -- links ----------------------------------------------------------------------------------------


def _of_link(link: Link, kind: Kind, dt: float) -> Iterator[_Finding]:
    if kind.placeholder or not isinstance(kind, SynapseKind):
        return
    kind = kind.with_texts({n: t for n, t in link.texts.items() if not _is_choice(kind, n)})
    yield from _of_dynamics(kind, _values(kind, link), dt)
    if "delay" in kind.defaults():
        parameter = kind.parameter("delay")
        delay = link.parameters.get("delay", parameter.default)
        if 0.0 < typical(delay) < dt * (1 - 1e-9):
            words = f"a delay of {show_value(delay, parameter.unit)} is shorter than"
            yield _Finding(words, typical(delay))


def _of_junctions(snapshot: Snapshot, kinds: Registry) -> Iterator[tuple[str, _Finding]]:
    """Compare the rate at which gap junctions pull a cell with the step."""
    nodes = {node.id: node for node in snapshot.nodes}
    pulls: dict[str, float] = {}
    spikes = {k.name for k in kinds if isinstance(k, SynapseKind) and k.carries == "spikes"}
    for link in snapshot.links:
        if link.kind in spikes:
            continue
        kind = kinds.get(link.kind)
        if isinstance(kind, SynapseKind) and kind.carries == "v" and "weight" in kind.defaults():
            pre, post = nodes[link.pre], nodes[link.post]
            junctions = expected_synapses(link.rule, pre.size, post.size)
            total = _values(kind, link)["weight"] * junctions
            ends = (pre, post) if kind.symmetric and pre is not post else (post,)
            for end in ends:
                pulls[end.id] = pulls.get(end.id, 0.0) + total / end.size
    for node_id, conductance in pulls.items():
        rate = conductance * _gain(nodes[node_id], kinds.get(nodes[node_id].kind))
        if rate * snapshot.settings.dt > JUNCTION_REACH * (1 + 1e-9):
            words = (
                f"gap junctions pull it within {format_quantity(1 / rate, 'ms', 3)}, too fast for"
            )
            yield node_id, _Finding(words, JUNCTION_REACH / rate)


def _gain(node: Node, kind: Kind) -> float:
    """Return how fast a pA moves the potential of a node, in mV/ms; 0 if that is not constant."""
    if kind.placeholder or not isinstance(kind, NeuronKind):
        return 0.0
    gain = expand(input_gain(kind), kind.system, lambda used: True)
    try:
        return abs(algebra.number(gain, _values(kind, node)))
    except (ArithmeticError, ValueError):
        return 0.0


def _is_choice(kind: Kind, name: str) -> bool:
    return any(text.name == name and text.choices for text in kind.texts)
