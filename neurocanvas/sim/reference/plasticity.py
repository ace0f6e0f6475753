"""Plasticity in the reference solution: traces by their exact decay, weights spike by spike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from neurocanvas.model.equations import Statement
from neurocanvas.model.expressions import Expr
from neurocanvas.model.forms import expand
from neurocanvas.model.plasticity import POST, PRE, PlasticityKind
from neurocanvas.sim import integrators
from neurocanvas.sim.evaluate import evaluate, phi
from neurocanvas.sim.reference.groups import Floats, Ints
from neurocanvas.sim.reference.lambdify import Function, lambdify

Known = dict[str, Floats | np.float64]
ROUNDING_MS = 1e-9


@dataclass(frozen=True)
class Plasticity:
    """One property that one link carries.

    Attributes:
        kind: Its kind.
        values: All its parameters in coherent units.
    """

    kind: PlasticityKind
    values: Mapping[str, float]

    @cached_property
    def changes_on_pre(self) -> tuple[_Change, ...]:
        """What a spike of the source changes."""
        return self._changes(self.kind.pre_statements)

    @cached_property
    def changes_on_post(self) -> tuple[_Change, ...]:
        """What a spike of the target changes."""
        return self._changes(self.kind.post_statements)

    @cached_property
    def changes_after(self) -> tuple[_Change, ...]:
        """What a spike of the source changes after the release."""
        return self._changes(self.kind.after_statements)

    @cached_property
    def released(self) -> Function:
        """The part of the weight that a spike releases."""
        assert self.kind.release_expr is not None
        return self._function(self.kind.release_expr)

    @cached_property
    def start(self) -> dict[str, float]:
        """The value of every trace at the start."""
        found = {}
        for state, expr in self.kind.initial_values.items():
            full = expand(expr, self.kind.system, lambda used: True)
            found[state] = float(evaluate(full, dict(self.values)))
        return found

    @cached_property
    def decays(self) -> dict[str, tuple[float, float]]:
        """For every trace x, a and b of dx/dt = a*x + b."""
        known = dict(self.values)
        system = self.kind.system
        return {
            update.state: (
                float(evaluate(expand(update.slope, system, lambda used: True), known)),
                float(evaluate(expand(update.offset, system, lambda used: True), known)),
            )
            for update in integrators.plan(self.kind).updates
        }

    def _changes(self, statements: Iterable[Statement]) -> tuple[_Change, ...]:
        return tuple(
            _Change(s.target, s.operator == "+=", self._function(s.expr)) for s in statements
        )

    def _function(self, expr: Expr) -> Function:
        system = self.kind.system
        arguments = ("t", "w", *self.values, *system.states)
        return lambdify(arguments, system.needs([expr]), [expr])

    def value(self, function: Function, t: float, known: Known) -> Floats:
        """Evaluate an expression; names that are not known where it stands give NaN."""
        nothing = np.float64(np.nan)
        states = [known.get(state, nothing) for state in self.kind.system.states]
        values = [np.float64(value) for value in self.values.values()]
        (found,) = function(np.float64(t), known.get("w", nothing), *values, *states)
        return np.asarray(found, float)


@dataclass(frozen=True)
class _Change:
    """One statement of what a spike changes."""

    target: str
    adds: bool
    value: Function


class Traces:
    """The traces of one side of a link: a column for each slice, or for each target neuron.

    Attributes:
        columns: How many columns.
    """

    def __init__(self, plasticity: Plasticity, side: str, columns: int) -> None:
        self.plasticity = plasticity
        self.columns = columns
        self._values = {
            state: np.full(columns, plasticity.start[state])
            for state in plasticity.kind.states_of(side)
        }
        self._last = np.zeros(columns)
        self._log: list[tuple[float, Ints, Known]] | None = None

    def __contains__(self, state: object) -> bool:
        return state in self._values

    def at(self, columns: Ints, t: float) -> Known:
        """Return all traces of some columns at a time (ms), by the solution of their equations."""
        elapsed = t - self._last[columns]
        return {s: self._later(s, x[columns], elapsed) for s, x in self._values.items()}

    def _later(self, state: str, x: Floats, elapsed: Floats) -> Floats:
        """Return what becomes of values of a trace while no spike comes."""
        slope, offset = self.plasticity.decays[state]
        return np.asarray(x + (slope * x + offset) * elapsed * phi(slope * elapsed))

    def put(self, columns: Ints, t: float, known: Known) -> None:
        """Store the traces of some columns as they are at a time."""
        for state, values in self._values.items():
            values[columns] = known[state]
        self._last[columns] = t
        if self._log is not None:
            self._log.append((t, columns, {s: np.array(known[s]) for s in self._values}))

    def keep(self) -> None:
        """Remember from now on what every spike changes, for ``course``."""
        self._log = []

    def course(self, state: str, times: Floats) -> Floats:
        """Return a trace over time, (len(times), columns); each sample as it is before a spike.

        Sources whose spikes are known send them all at once, so that only what is remembered
        tells when they came.
        """
        found = np.empty((len(times), self.columns))
        events: list[list[tuple[float, float]]] = [
            [(0.0, self.plasticity.start[state])] for _ in range(self.columns)
        ]
        for t, columns, known in self._log or ():
            for column, value in zip(columns.tolist(), np.atleast_1d(known[state]), strict=True):
                events[column].append((t, float(value)))
        for column, known_here in enumerate(events):
            when, values = np.array(sorted(known_here, key=lambda event: event[0])).T
            last = np.maximum(np.searchsorted(when, times - ROUNDING_MS) - 1, 0)
            found[:, column] = self._later(state, values[last], times - when[last])
        return found


class Learner:
    """One property of one link in a run: its traces, and what spikes make of them.

    Args:
        plasticity: What it is.
        slices: How many slices the link has.
        targets: How many target neurons.
    """

    def __init__(self, plasticity: Plasticity, slices: int, targets: int) -> None:
        self.plasticity = plasticity
        self.pre = Traces(plasticity, PRE, slices)
        self.post = Traces(plasticity, POST, targets)

    def release(self, slices: Ints, t: float) -> Floats:
        """Let a spike leave along slices that occur once; return the parts of the weight.

        Args:
            slices: (n,) of one source neuron.
            t: Time of the spike in ms.
        """
        known = self.pre.at(slices, t)
        self._carry_out(self.plasticity.changes_on_pre, t, known)
        amount = self.plasticity.value(self.plasticity.released, t, known)
        self._carry_out(self.plasticity.changes_after, t, known)
        self.pre.put(slices, t, known)
        return np.broadcast_to(amount, slices.shape)

    def arrive(self, piece: int, synapses: slice, targets: Ints, t: float, weight: Floats) -> None:
        """Let a spike arrive: the synapses of its slice learn, then its own traces rise.

        Args:
            piece: The slice.
            synapses: Its synapses.
            targets: (n,) the target neuron of each.
            t: Time in ms.
            weight: (n_synapses,) of the link; changed in place.
        """
        column = np.array([piece])
        own = self.pre.at(column, t)
        known = own | self.post.at(targets, t) | {"w": weight[synapses]}
        self._carry_out(_of_weight(self.plasticity.changes_on_pre), t, known)
        weight[synapses] = known["w"]
        self._carry_out(_of_traces(self.plasticity.changes_on_pre), t, own)
        self.pre.put(column, t, own)

    def fire(self, target: int, synapses: Ints, slices: Ints, t: float, weight: Floats) -> None:
        """Let a target neuron fire: its synapses learn, then its own traces rise.

        Args:
            target: The neuron.
            synapses: (n,) those that reach it.
            slices: (n,) the slice of each.
            t: Time in ms.
            weight: (n_synapses,) of the link; changed in place.
        """
        column = np.array([target])
        own = self.post.at(column, t)
        known = own | self.pre.at(slices, t) | {"w": weight[synapses]}
        self._carry_out(_of_weight(self.plasticity.changes_on_post), t, known)
        weight[synapses] = known["w"]
        self._carry_out(_of_traces(self.plasticity.changes_on_post), t, own)
        self.post.put(column, t, own)

    def _carry_out(self, changes: Iterable[_Change], t: float, known: Known) -> None:
        for change in changes:
            value = self.plasticity.value(change.value, t, known)
            known[change.target] = known[change.target] + value if change.adds else value


def _of_weight(changes: Iterable[_Change]) -> list[_Change]:
    return [change for change in changes if change.target == "w"]


def _of_traces(changes: Iterable[_Change]) -> list[_Change]:
    return [change for change in changes if change.target != "w"]
