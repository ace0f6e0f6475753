"""Parameters as the engine takes them: in coherent units, drawn where they are distributions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from neurocanvas.model.distributions import Distribution, Value, typical
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, Parameter, SynapseKind
from neurocanvas.model.quantity import to_coherent, unit_of
from neurocanvas.sim.random import generator

Drawn = npt.NDArray[np.float64]
Coherent = float | Drawn
REDRAWS = 100
"""How often values below a border that is itself not possible are drawn again."""
PER_SYNAPSE = ("weight", "delay")
"""Parameters of a link that each synapse has its own of; the others belong to a target neuron."""


def coherent_values(
    kind: Kind, element: Node | Link, columns: int, seed: int
) -> dict[str, Coherent]:
    """Return all parameters of an element in coherent units.

    Args:
        kind: Its kind.
        element: The node or link.
        columns: How many values a distribution gives: neurons of a node, columns of a link.
        seed: Seed of the circuit.

    Returns:
        Name -> number, or float64 of shape (columns,). What each synapse has its own of is given by
        its mean here, where spikes of many synapses add up in a column; see ``per_synapse``.
    """
    found: dict[str, Coherent] = dict(kind.coherent_defaults)
    for name, value in element.parameters.items():
        parameter = kind.parameter(name)
        if isinstance(element, Link) and name in PER_SYNAPSE:
            if isinstance(kind, SynapseKind) and kind.carries != "spikes":
                found[name] = _per_pair(kind, element, name, columns, seed)
                continue
            value = typical(value)
        drawn = _drawn(value, parameter, element.id, columns, seed)
        found[name] = _coherent(drawn, parameter.unit)
    return found


def _per_pair(kind: SynapseKind, link: Link, name: str, columns: int, seed: int) -> Coherent:
    """Return what each pair of neurons has its own of; what acts both ways is alike both ways."""
    if not isinstance(link.parameters[name], Distribution):
        return _coherent(typical(link.parameters[name]), kind.parameter(name).unit)
    ways = 2 if kind.symmetric else 1
    return np.tile(per_synapse(kind, link, name, columns // ways, seed), ways)


def _drawn(value: Value, parameter: Parameter, element_id: str, n: int, seed: int) -> Coherent:
    if isinstance(value, Distribution):
        return draw(value, parameter, element_id, n, seed)[0]
    return value


def per_synapse(kind: Kind, link: Link, name: str, n: int, seed: int) -> Drawn:
    """Return weight or delay of every synapse of a link, in coherent units, shape (n,)."""
    parameter = kind.parameter(name)
    value = _drawn(link.parameters.get(name, parameter.default), parameter, link.id, n, seed)
    return np.broadcast_to(np.asarray(_coherent(value, parameter.unit)), (n,))


def _coherent(value: float | Drawn, unit: str) -> Coherent:
    factor = unit_of(unit).coherent_factor
    return value * factor if isinstance(value, np.ndarray) else to_coherent(value, unit)


def draw(
    value: Distribution, parameter: Parameter, element_id: str, n: int, seed: int
) -> tuple[Drawn, int]:
    """Draw values in the parameter's unit; the first k do not depend on how many are drawn.

    Returns:
        The values, shape (n,), and how many were brought back into the parameter's range: to its
        border, or by drawing again where the border itself is not possible.
    """
    random = generator(seed, element_id, f"parameter {parameter.name}")
    found = _plain(value, random, n)
    outside = found < parameter.minimum
    if parameter.strict:
        outside |= found == parameter.minimum
        missing = outside
        for _ in range(REDRAWS):
            if not missing.any():
                break
            found[missing] = _plain(value, random, int(missing.sum()))
            missing = found <= parameter.minimum
        found[missing] = abs(value.mean)
    if not outside.any() and found.max(initial=-np.inf) <= parameter.maximum:
        return found, 0
    clipped = outside | (found > parameter.maximum)
    return np.clip(found, parameter.minimum, parameter.maximum), int(clipped.sum())


def _plain(value: Distribution, random: np.random.Generator, n: int) -> Drawn:
    if value.form == "uniform":
        return random.uniform(value.first, value.second, n)
    if value.form == "normal":
        return random.normal(value.first, value.second, n)
    # Mean and standard deviation are of the values themselves, not of their logarithm.
    variance = np.log1p((value.second / value.first) ** 2)
    return random.lognormal(np.log(value.first) - variance / 2, np.sqrt(variance), n)


def distributed(values: Mapping[str, Value], among: Collection[str]) -> bool:
    """Whether any value among these that a column has its own of is a distribution."""
    return any(
        isinstance(v, Distribution)
        for n, v in values.items()
        if n in among and n not in PER_SYNAPSE
    )
