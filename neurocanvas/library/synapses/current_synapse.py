"""Synapses that give their target a current, whatever its potential, in every shape."""

from neurocanvas.library.common import CURRENT, delay, weight
from neurocanvas.library.shapes import AREA, SHAPES, Shape
from neurocanvas.model.kinds import SynapseKind, Variable

ORDER = 61

NAME = "current_synapse"
SIZE = Variable("i", "pA", "Size of the synaptic current.")


def _kind(shape: Shape, sign: int) -> SynapseKind:
    """Return the synapse of one shape and sign."""
    excites = sign > 0
    word = "excitatory" if excites else "inhibitory"
    form = "" if shape.name == "exponential" else f", {shape.name}"
    jump = " A pulse of 200 fC makes a cell of 200 pF jump by 1 mV." if shape.weight is AREA else ""
    return SynapseKind(
        name=NAME + shape.suffix + ("" if excites else "_inhibitory"),
        title=f"Current, {word}{form}",
        symbol=f"I{'+' if excites else chr(0x2212)}{shape.mark}",
        doc=(
            f"Each spike makes {'an inward' if excites else 'an outward'} current that "
            f"{shape.words}. It flows whatever the potential of the target.{jump}"
        ),
        source=shape.source,
        parameters=(
            weight(500.0, "fC", shape.weight) if jump else weight(100.0, "pA", shape.weight),
            delay(),
            *shape.parameters(5.0),
        ),
        equations=f"""
        {shape.equations.format(x="i")}
        I = {"i" if excites else "-i"}
    """,
        variables=(*shape.variables(SIZE), CURRENT),
        sign=sign,
        on_spike=shape.on_spike.format(x="i"),
        group=NAME if excites else f"{NAME}_inhibitory",
        variant=shape.name,
    )


KINDS = tuple(_kind(shape, sign) for sign in (1, -1) for shape in SHAPES)
