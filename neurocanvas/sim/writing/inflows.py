"""Synapses that only decay, and electrodes, in the loop of the neurons that they act on.

What excites and what inhibits the neurons of a large network is most often of this kind: a variable
that jumps at a spike, decays, and gives a multiple of itself. A step of one takes two products; to
fetch its row and that of the neurons' input from the cache, and to bring both back, takes longer.
So a cheap neuron has a second kernel that does one or two such groups as well, and behind them what
one source gives all neurons alike: this never leaves the registers, and the rows of what flows in
and of the potential a step ago are not touched.

It gives the same bits, and is taken where nobody else adds to these neurons or looks at what they
were a step ago; see ``plans``.
"""

from __future__ import annotations

from collections.abc import Sequence

from neurocanvas.sim.writing.kernel_source import LANES, PREVIOUS

NAME = "flowing"
"""Name of the second kernel, beside ``kernel``."""

AT = "link"
"""Its argument that tells where the index says which groups flow in."""

MOST = 2
FIELDS = ("lane", "kept", "current", "conductance")
"""What the index says of each of them: where its columns lie, and its constants; -1 for none.

Behind them it says of what all get alike where the source's output lies, and the constant.
"""
SENT = MOST * len(FIELDS)

EARLIER = "earlier"
"""Pointer to the potentials of a block before the step, which are needed where it has a spike."""

HUSHED = 64
"""In every so many steps small numbers are made zero: nothing gets sooner from 1e-106, the least
that ``quiet`` lets be, to the subnormal numbers below 1e-308, unless it decays by seven time
constants a step. To do it in each step would be a third of the work of a synapse."""


def prelude() -> list[str]:
    """Return the lines before the loop over blocks."""
    lines = [f"    {EARLIER} = room_for({LANES})", f"    nothing = zeros_for({LANES})"]
    for k in range(MOST):
        for number, field in enumerate(FIELDS[1:], 1):
            at = k * len(FIELDS) + number
            lines.append(f"    {field}_{k} = stated(arena, index[{AT} + {at}])")
    factors = (f"stated(arena, index[{AT} + {SENT + k}])" for k in range(2))
    return [*lines, f"    sent = {' * '.join(factors)}"]


def entered() -> list[str]:
    """Return the lines that find what flows into a block."""
    lines = ["lanes = apart(lanes, 0)"]
    for k in range(MOST):
        at = f"index[{AT} + {k * len(FIELDS)}]"
        place = f"lanes_at(arena, {at} + block * {LANES}) if {at} >= 0 else nothing"
        lines += [f"place_{k} = {place}", f"lane_{k} = apart(place_{k}, {k + 1})"]
    return lines


def taken() -> list[str]:
    """Return the lines of the loop that take what flows in, and let it decay."""
    lines = [f"in_{k} = lane_{k}[i + 0]" for k in range(MOST)]
    return lines + [f"lane_{k}[i + 0] = kept_{k} * in_{k}" for k in range(MOST)]


def total(field: str) -> str:
    """Source of what all together give."""
    sent = " + sent" if field == "current" else ""
    return f"mul_add({field}_1, in_1, {field}_0 * in_0){sent}"


def left() -> list[str]:
    """Return the lines behind the loop: what spikes are looked for with, and what is too small."""
    return [
        *hush([f"lane_{k}[i + 0]" for k in range(MOST)]),
        "if hits > 0:",
        f"    for i in range({LANES}):",
        f"        lanes[i + {PREVIOUS * LANES}] = {EARLIER}[i]",
    ]


def hush(cells: Sequence[str]) -> list[str]:
    """Return the lines that make what has become too small to matter zero, now and then."""
    loop = [f"        {cell} = quiet({cell})" for cell in cells]
    return [f"if step % {HUSHED} == 0:", f"    for i in range({LANES}):", *loop] if cells else []
