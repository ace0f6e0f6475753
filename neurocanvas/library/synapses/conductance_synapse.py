"""Synapses that open a conductance, in every shape, excitatory and inhibitory."""

from neurocanvas.library.common import CONDUCTANCE, CURRENT, delay, reversal, weight
from neurocanvas.library.shapes import AREA, SHAPES, Shape
from neurocanvas.model.kinds import SynapseKind

ORDER = 60

NAME = "conductance_synapse"


def _kind(shape: Shape, sign: int) -> SynapseKind:
    """Return the synapse of one shape and sign."""
    excites = sign > 0
    word = "excitatory" if excites else "inhibitory"
    form = "" if shape.name == "exponential" else f", {shape.name}"
    unit = "nS ms" if shape.weight is AREA else "nS"
    return SynapseKind(
        name=NAME + shape.suffix + ("" if excites else "_inhibitory"),
        title=f"Conductance, {word}{form}",
        symbol=f"g{'+' if excites else chr(0x2212)}{shape.mark}",
        doc=(
            f"Each spike opens a conductance that {shape.words}. It pulls the target "
            f"{'up towards 0' if excites else 'down towards -80'} mV, the less the nearer it is."
        ),
        source=shape.source,
        parameters=(
            weight(5.0, unit, shape.weight),
            delay(),
            *shape.parameters(5.0 if excites else 10.0),
            reversal(0.0 if excites else -80.0),
        ),
        equations=f"""
        {shape.equations.format(x="g")}
        I = g*(E_rev - v)
    """,
        variables=(*shape.variables(CONDUCTANCE), CURRENT),
        sign=sign,
        on_spike=shape.on_spike.format(x="g"),
        group=NAME if excites else f"{NAME}_inhibitory",
        variant=shape.name,
    )


KINDS = tuple(_kind(shape, sign) for sign in (1, -1) for shape in SHAPES)
