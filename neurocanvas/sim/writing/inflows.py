"""Synapses that only decay, in the loop of the neurons that they act on.

What excites and what inhibits the neurons of a large network is most often of this kind: a variable
that jumps at a spike, decays, and gives a multiple of itself. A step of one takes two products; to
fetch its row and that of the neurons' input from the cache, and to bring both back, takes longer.
So a cheap neuron has a second loop that does two such groups as well: what they give never leaves
the registers, and the rows of what flows in and of the potential a step ago are not touched.

It gives the same bits, and is taken where nobody else adds to these neurons or looks at what they
were a step ago; see ``plans``.
"""

from __future__ import annotations

from collections.abc import Sequence

from neurocanvas.sim.writing.kernel_source import LANES, PREVIOUS, Inflow

AT = "link"
"""Argument of a neuron's kernel: where the index says which groups flow in, -1 for none."""

FIELDS = ("lane", "kept", "current", "conductance")
"""What the index says of each of the two: where its columns lie, and its constants; -1 for none."""

EARLIER = "earlier"
"""Pointer to the potentials of a block before the step, which are needed where it has a spike."""

HUSHED = 64
"""In every so many steps small numbers are made zero: nothing gets sooner from 1e-106, the least
that ``quiet`` lets be, to the subnormal numbers below 1e-308, unless it decays by seven time
constants a step. To do it in each step would be a third of the work of a synapse."""


def entry(inflow: Inflow, offset: int, consts: int) -> tuple[int, ...]:
    """Return what the index says of a group, in the order of ``FIELDS``.

    Args:
        inflow: Which constants it has.
        offset, consts: Where in the arena its columns and its constants begin.
    """
    numbers = (inflow.kept, inflow.current, inflow.conductance)
    return offset, *(consts + k if k >= 0 else -1 for k in numbers)


def prelude() -> list[str]:
    """Return the lines before the loop over blocks."""
    lines = [f"    {EARLIER} = room_for({LANES})"]
    for k in range(2):
        for number, field in enumerate(FIELDS[1:], 1):
            at = k * len(FIELDS) + number
            lines.append(f"    {field}_{k} = stated(arena, index, {AT}, {at})")
    return lines


def taken() -> list[str]:
    """Return the lines of the loop that take what flows in, and let it decay."""
    lines = [f"in_{k} = lane_{k}[i + 0]" for k in range(2)]
    return lines + [f"lane_{k}[i + 0] = kept_{k} * in_{k}" for k in range(2)]


def total(field: str) -> str:
    """Source of what both together give."""
    return f"mul_add({field}_1, in_1, {field}_0 * in_0)"


def choice(alone: Sequence[str], quick: Sequence[str]) -> list[str]:
    """Return the lines for a block: one loop or the other, without or with what flows in."""
    lanes = ["    lanes = apart(lanes, 2)"]
    for k in range(2):
        place = f"index[{AT} + {k * len(FIELDS)}] + block * {LANES}"
        lanes.append(f"    lane_{k} = apart(lanes_at(arena, {place}), {k})")
    return [
        f"if {AT} < 0:",
        *("    " + line for line in alone),
        "else:",
        *lanes,
        *("    " + line for line in quick),
        *hush([f"lane_{k}[i + 0]" for k in range(2)], 4),
        "    if hits > 0:",
        f"        for i in range({LANES}):",
        f"            lanes[i + {PREVIOUS * LANES}] = {EARLIER}[i]",
    ]


def hush(cells: Sequence[str], indent: int = 0) -> list[str]:
    """Return the lines that make what has become too small to matter zero, now and then."""
    loop = [f"        {cell} = quiet({cell})" for cell in cells]
    lines = [f"if step % {HUSHED} == 0:", f"    for i in range({LANES}):", *loop] if cells else []
    return [" " * indent + line for line in lines]
