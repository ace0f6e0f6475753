"""White noise in the reference solution: the engine's own random numbers, held for a step each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from neurocanvas.model import algebra, forms
from neurocanvas.model.expressions import Expr, Name
from neurocanvas.model.forms import NOISE
from neurocanvas.model.kinds import Kind
from neurocanvas.sim import integrators, random
from neurocanvas.sim.reference.groups import Floats, Group
from neurocanvas.sim.writing.kernel_source import Variant

# No name of an equation begins with an underscore.
_NUMBERED = "_xi"


@dataclass(frozen=True)
class NoisyRates:
    """The rates of a kind's state variables, each noise under a name of its own.

    Attributes:
        rates: One per state variable.
        noises: Names of the noises; noise k is the engine's noise k of the kind.
    """

    rates: tuple[Expr, ...]
    noises: tuple[str, ...]


def noisy_rates(kind: Kind, variant: Variant) -> NoisyRates:
    """Tell the noises of a kind apart, in the order in which the engine draws them.

    Args:
        kind: The kind.
        variant: Which of its kernels the engine takes; the order follows from the integrator.

    Raises:
        SimulationError: Noise that is not simply added.
    """
    names = {state: f"{_NUMBERED}{k}" for k, state in enumerate(_noisy_states(kind, variant))}
    rates = []
    for state, expr in kind.system.derivatives.items():
        if state in names:
            open_expr = forms.expand(expr, kind.system, lambda used: NOISE in used)
            expr = algebra.substitute(open_expr, {NOISE: Name(names[state])})
        rates.append(expr)
    return NoisyRates(tuple(rates), tuple(names.values()))


def _noisy_states(kind: Kind, variant: Variant) -> Iterator[str]:
    plan = integrators.plan(kind, variant.conductance, frozenset(variant.modulated), variant.method)
    if plan.system is not None:
        strengths = list(zip(plan.system.states, plan.system.noises, strict=True))
    elif plan.updates:
        strengths = [(update.state, update.noise) for update in plan.updates]
    else:
        strengths = list(plan.noises.items())
    for state, strength in strengths:
        if strength != algebra.ZERO:
            yield state


class Noise:
    """The present value of every noise.

    Args:
        groups: All groups, in the order of the layout.
        seed: Seed of the circuit.
        dt_ms: Time step: white noise of unit strength is held for it.

    Attributes:
        values: For each group, the value of each of its noises, (size,).
    """

    def __init__(self, groups: Sequence[Group], seed: int, dt_ms: float) -> None:
        self.dt_ms = dt_ms
        self._groups = groups
        self._keys = {
            number: np.concatenate([random.stream_keys(seed, m.id, m.size) for m in group.members])
            for number, group in enumerate(groups)
            if group.size and _is_noisy(group)
        }
        self.values: list[tuple[Floats, ...]] = [
            tuple(np.zeros(group.size) for _ in noise_names(group)) for group in groups
        ]

    @property
    def groups(self) -> list[int]:
        """Numbers of the groups in which noise may be at work."""
        return list(self._keys)

    def draw(self, step: int) -> None:
        """Take the random numbers of a step."""
        scale = 1.0 / np.sqrt(self.dt_ms)
        for number, keys in self._keys.items():
            names = noise_names(self._groups[number])
            self.values[number] = tuple(
                scale * random.normal(keys, step, k) for k in range(len(names))
            )


def noise_names(group: Group) -> tuple[str, ...]:
    """Return the names of a group's noises."""
    return tuple(name for name in group.inputs if name.startswith(_NUMBERED))


def _is_noisy(group: Group) -> bool:
    """Whether any noise of a group has a strength that is not 0, now or at some time."""
    for name in noise_names(group):
        for rate in group.rates:
            split = algebra.linear_in(rate, name)
            strength = algebra.ZERO if split is None else split[0]
            if forms.dependencies(strength, group.system) & {*group.inputs}:
                return True
            given = (*(np.float64(0.0) for _ in group.inputs), *group.values.values())
            nothing = np.zeros(group.offset + group.length)
            if np.any(group.call(group.function(strength), given, nothing)[0]):
                return True
    return False
