"""How many threads a simulation may use."""

from __future__ import annotations

import inspect

from neurocanvas.sim.program import Program
from neurocanvas.sim.simulation import Simulation


def takes_threads() -> bool:
    """Whether the engine can be told how many threads to use."""
    return "threads" in inspect.signature(Simulation).parameters


def simulation_of(program: Program, threads: int) -> Simulation:
    """Return a simulation of a program on so many threads."""
    return Simulation(program, threads=threads) if takes_threads() else Simulation(program)
