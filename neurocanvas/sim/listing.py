"""Whose spikes are listed one by one: all but those of sources that stand for a sea of them.

Poisson trains that replace the rest of the brain give some hundred million spikes a second; a list
of them would fill the memory and take longer than the simulation, and nobody reads it. They act
all the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from neurocanvas.model import algebra
from neurocanvas.model.expressions import Expr
from neurocanvas.model.forms import expand
from neurocanvas.model.kinds import SourceKind
from neurocanvas.sim.compiling.values import Coherent
from neurocanvas.sim.program import Program

MOST_PER_S = 1_000_000.0
"""Spikes of a node, per second of model, that are always listed."""
MOST = 20_000_000.0
"""Spikes of a node, in a run of known length, that are always listed."""


def unlisted(program: Program, duration_ms: float = math.inf) -> dict[str, float]:
    """Return the nodes whose spikes are not listed, and how many a second they are expected.

    Args:
        program: The circuit.
        duration_ms: For how long it will run, if that is known.
    """
    most = max(MOST_PER_S, MOST * 1e3 / duration_ms)
    found = {}
    for group in program.groups:
        kind = group.kind
        if isinstance(kind, SourceKind) and kind.event_rate is not None:
            expr = expand(kind.event_rate, kind.system, lambda used: True)
            for node in group.elements:
                rate = _expected(expr, program.parameters[node]) * program.nodes[node].size
                if rate > most:
                    found[node] = rate
    return found


def _expected(rate: Expr, parameters: Mapping[str, Coherent]) -> float:
    """Return the rate of one Poisson train in spikes a second, 0 where it is not constant."""
    try:
        return 1e3 * algebra.number(rate, {k: float(np.mean(v)) for k, v in parameters.items()})
    except (ArithmeticError, ValueError, KeyError):
        return 0.0
