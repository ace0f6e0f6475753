"""Where the time of a simulation goes: what the driver has measured, by stage and group."""

from __future__ import annotations

import platform

import numpy as np

from neurocanvas.errors import SimulationError
from neurocanvas.sim.bundles import PARTS
from neurocanvas.sim.costs import Cost
from neurocanvas.sim.plans import BEGIN, END, GROUP
from neurocanvas.sim.program import NEURON, SOURCE, SYNAPSE, Group, Ints, Program
from neurocanvas.sim.simulation import Simulation
from neurocanvas.sim.teams import Share, Team

STAGES = {SOURCE: "sources", SYNAPSE: "synapses", NEURON: "neurons"}
CLOCKS = ("x86_64", "AMD64", "i686")
"""Processors whose clock a program may read."""
TOGETHER = ", with their synapses"
"""Behind the names of neurons that do what acts on them in their own loop; see ``plans.quick``."""
NAMED = 3
"""So many elements of a group are named."""


def begin(simulation: Simulation) -> None:
    """Measure from now on where the time goes; it takes some 2 % longer.

    Raises:
        SimulationError: A processor whose clock can't be read.
    """
    if platform.machine() not in CLOCKS:
        raise SimulationError(
            f"the clock of this processor ({platform.machine()}) can't be read: nothing to measure "
            f"with; it is possible on {', '.join(CLOCKS)}"
        )
    for k, share in enumerate(simulation.team.shares):
        simulation.clocks[k] = np.zeros(len(_rows(simulation.team, share)) + len(PARTS), np.int64)
    simulation.driven_s, simulation.driven_steps = 0.0, 0


def costs(simulation: Simulation) -> list[Cost]:
    """Return what each part has cost since ``begin``, seconds summed over threads."""
    ticks = sum(int(clock.sum()) for clock in simulation.clocks)
    if not ticks:
        return []
    # All threads are at work all the time, or wait, which is measured too.
    tick = simulation.driven_s * len(simulation.team) / ticks
    taken = simulation.team.quick.taken
    home = {number: neurons for neurons, both in taken.items() for number in both}
    spent: dict[int, list[float]] = {}
    rest = np.zeros(len(PARTS))
    for share, clock in zip(simulation.team.shares, simulation.clocks, strict=True):
        rows = _rows(simulation.team, share)
        for number, own in zip(rows[:, GROUP].tolist(), clock.tolist(), strict=False):
            spent.setdefault(home.get(number, number), [0.0, 0.0])[0] += own * tick
        rest += clock[len(rows) :] * tick
    whole = [simulation.team.common[0], *(share.plan for share in simulation.team.shares)]
    for number, begin, end in np.concatenate(whole)[:, [GROUP, BEGIN, END]].tolist():
        if number not in home:
            spent[number][1] += (end - begin) * simulation.driven_steps
    program = simulation.program
    kernels = []
    for number, (seconds, n) in spent.items():
        words = named(program, program.groups[number]) + (TOGETHER if number in taken else "")
        kernels.append(Cost(STAGES[program.groups[number].stage], words, int(n), seconds))
    return kernels + [
        Cost(part, "", 0, float(seconds))
        for part, seconds in zip(PARTS, rest, strict=True)
        if seconds > 0
    ]


def _rows(team: Team, share: Share) -> Ints:
    """Return the rows that a thread has clocks for; see ``Work.ticks``."""
    return np.concatenate([share.plan, share.quick, team.common[0]])


def named(program: Program, group: Group) -> str:
    """Say what a group is, in the words of the canvas."""
    labels = []
    for element in group.elements[:NAMED]:
        if element in program.links:
            link = program.links[element]
            labels.append(f"{program.nodes[link.pre].label} -> {program.nodes[link.post].label}")
        else:
            labels.append(program.nodes[element].label)
    more = len(group.elements) - NAMED
    return f"{group.kind.title}: {', '.join(labels)}" + (f" and {more} more" if more > 0 else "")
