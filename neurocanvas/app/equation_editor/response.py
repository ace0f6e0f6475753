"""What a kind does when a current is switched on and off: computed apart from the window."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from neurocanvas.errors import SimulationError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.expressions import names
from neurocanvas.model.kinds import NeuronKind, Registry, SourceKind, SynapseKind
from neurocanvas.model.parameters import Parameter

Floats = npt.NDArray[np.float64]

ON, OFF = 0.1, 0.8
"""The parts of the time at which the input is switched on and off."""
PIECES = 200
"""Pieces in which the solver goes ahead; between two of them it can be stopped."""
MAX_SAMPLES = 200_000

STEP = SourceKind(
    name="own_preview_step",
    title="Step",
    symbol="I",
    doc="Input that is switched on and off.",
    source="",
    parameters=(
        Parameter("amplitude", 0.0, "1", "While it is on."),
        Parameter("start", 0.0, "ms", "When it is switched on."),
        Parameter("stop", 0.0, "ms", "When it is switched off."),
        Parameter("piece", 1.0, "ms", "Distance of the places where the solver may be stopped."),
    ),
    equations="I = amplitude*(t >= start)*(t < stop)",
    breakpoints=("start", "stop", "k*piece"),
)
WIRE = SynapseKind(
    name="own_preview_wire",
    title="Wire",
    symbol="I",
    doc="Brings the input to the unit, as a current or as a plain number.",
    source="",
    parameters=(),
    equations="I = out",
    sign=0,
    carries="current",
)


@dataclass(frozen=True)
class Question:
    """What is to be computed.

    Attributes:
        kind: Of the neuron.
        amplitude: Of the input, in pA or as a plain number.
        duration_ms, dt_ms: How long, and the distance of samples.
        number: Later questions have higher ones.
    """

    kind: NeuronKind
    amplitude: float
    duration_ms: float
    dt_ms: float
    number: int = 0

    @property
    def start_ms(self) -> float:
        """When the input is switched on."""
        return ON * self.duration_ms

    @property
    def stop_ms(self) -> float:
        """When the input is switched off."""
        return OFF * self.duration_ms


@dataclass(frozen=True)
class Response:
    """What came out.

    Attributes:
        question: What was asked.
        times: (n,) ms.
        values: (n,) the main variable in its unit.
        spikes: (m,) ms.
        exact: Whether the reference solver gave it, not the engine.
        trouble: Why there is nothing to show, in words.
    """

    question: Question
    times: Floats = field(default_factory=lambda: np.empty(0))
    values: Floats = field(default_factory=lambda: np.empty(0))
    spikes: Floats = field(default_factory=lambda: np.empty(0))
    exact: bool = True
    trouble: str = ""


class Stopped(Exception):
    """Nobody wants the answer any more."""


def answer(question: Question, wanted: Callable[[], bool]) -> Response:
    """Compute the response of a kind; by the reference solver where it can in little time.

    Args:
        question: What is asked.
        wanted: Says whether anybody still waits; asked from time to time.

    Raises:
        Stopped: Nobody does.
        NeuroCanvasError: The equations can't be carried out.
    """
    from neurocanvas.sim.writing.codegen import KindKey, Variant, generate

    for conductance in (False, True):
        # What the engine can't carry out is said before anything is shown.
        generate(KindKey(question.kind), Variant(conductance=conductance))
    circuit, node = _circuit(question)
    # The reference solver follows noise step by step, which takes it a hundred times as long.
    if not _is_noisy(question.kind):
        try:
            return _solve(question, circuit, node, wanted, reference=True)
        except SimulationError as error:
            if "no reference solution" not in str(error):
                raise
    return _solve(question, circuit, node, wanted, reference=False)


def _is_noisy(kind: NeuronKind) -> bool:
    system = kind.system
    exprs = (*system.derivatives.values(), *system.definitions.values())
    return any("xi" in names(expr) for expr in exprs)


def _circuit(question: Question) -> tuple[Circuit, str]:
    wire = replace(WIRE, gives=question.kind.accepts)
    dt = max(question.dt_ms, question.duration_ms / MAX_SAMPLES)
    circuit = Circuit(Registry([question.kind, STEP, wire]), dt=min(dt, 10.0))
    source = circuit.add(
        STEP.name,
        amplitude=question.amplitude,
        start=question.start_ms,
        stop=question.stop_ms,
        piece=question.duration_ms / PIECES,
    )
    node = circuit.add(question.kind.name, label=question.kind.title)
    circuit.connect(source, node, wire.name)
    return circuit, node


def _solve(
    question: Question,
    circuit: Circuit,
    node: str,
    wanted: Callable[[], bool],
    *,
    reference: bool,
) -> Response:
    from neurocanvas.sim.simulate import simulate

    def check(_: float) -> None:
        if not wanted():
            raise Stopped

    check(0.0)
    main = question.kind.main
    result = simulate(
        circuit, question.duration_ms, record={node: [main]}, reference=reference, progress=check
    )
    values = np.asarray(result[node, main])
    trouble = "" if np.all(np.isfinite(values)) else f"{main} is not a finite number"
    spikes = np.asarray(result.spikes(node))
    return Response(question, result.times, values, spikes, reference, trouble)


def envelope(times: Floats, values: Floats, columns: int) -> tuple[Floats, Floats, Floats]:
    """Reduce a trace to the lowest and highest value of each column of a picture.

    Args:
        times: (n,) in order.
        values: (n,).
        columns: How many columns, at least 1.

    Returns:
        Time in the middle of each column that holds samples, lowest, highest.
    """
    n = len(times)
    per = max(1, math.ceil(n / columns))
    starts = np.arange(0, n, per)
    middle = times[np.minimum(starts + per // 2, n - 1)]
    return middle, np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
