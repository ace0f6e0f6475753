"""What a parameter probably is, from its name: a start that people can correct."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from neurocanvas.app.equation_editor.drafts import Row
from neurocanvas.model.kinds import Kind, NeuronKind, Parameter
from neurocanvas.model.quantity import to_text

_ABOVE_ZERO = "> 0"
_BY_NAME = (
    (r"C|C_.*", Row("", "100 pF", f"{_ABOVE_ZERO} pF", doc="Capacitance.")),
    (r"g_.*|g[A-Z]\w*", Row("", "10 nS", "0 nS", doc="Conductance.")),
    (r"tau.*", Row("", "10 ms", f"{_ABOVE_ZERO} ms", doc="Time constant.")),
    (r"t_.*|T_?ref|delay", Row("", "2 ms", "0 ms", doc="Duration.")),
    (r"E_.*|E[A-Z]\w*", Row("", "-70 mV", doc="Potential at which no current flows.")),
    (r"[Vv]_?th\w*|[Vv]_T|theta", Row("", "-50 mV", doc="Threshold.")),
    (r"V_?\w*|v_(?:r|reset|rest|peak|half|0)\w*", Row("", "-65 mV", doc="Potential.")),
    (r"Delta.*|k_?[VT]\w*", Row("", "5 mV", f"{_ABOVE_ZERO} mV", doc="Slope.")),
    (r"I_.*|i_.*", Row("", "100 pA", doc="Current.")),
    (r"rate|f_.*|nu.*", Row("", "10 Hz", "0 Hz", doc="Rate.")),
)
"""What names usually stand for where no kind of the library has them."""
_PLAIN = "1"


def guess(name: str, kinds: Iterable[Kind]) -> Row:
    """Return a row for a name that the equations use.

    A parameter of the same name in the library is the best guess, if most kinds that have it agree
    on its unit.

    Args:
        name: As in the equations.
        kinds: Where to look.
    """
    known = [p for k in kinds if isinstance(k, NeuronKind) for p in k.parameters if p.name == name]
    units = Counter(p.unit for p in known)
    if units:
        unit, count = units.most_common(1)[0]
        if count * 2 > len(known):
            return _row_of(next(p for p in known if p.unit == unit))
    for pattern, row in _BY_NAME:
        if re.fullmatch(pattern, name):
            return Row(name, row.default, row.minimum, row.maximum, row.doc)
    return Row(name, _PLAIN)


def _row_of(parameter: Parameter) -> Row:
    low = ""
    if parameter.minimum == 0.0:
        low = ("> " if parameter.strict else "") + to_text(0.0, parameter.unit)
    default = to_text(parameter.default, parameter.unit)
    return Row(parameter.name, default, low, "", parameter.doc, parameter.title)
