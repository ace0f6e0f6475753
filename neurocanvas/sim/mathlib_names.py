"""What functions of equation text are called in generated kernels."""

from neurocanvas.model.expressions import LINOID
from neurocanvas.sim.evaluate import PHI

COMPILED = {"exp": "exp_", "tanh": "tanh_", LINOID: "linoid", "linoid_of": "linoid_of", PHI: "phi"}
"""Functions of ``mathlib`` that vectorize."""

NAMES = {
    "log": "math.log",
    "sqrt": "math.sqrt",
    "abs": "abs",
    "sin": "math.sin",
    "cos": "math.cos",
    "floor": "math.floor",
    "min": "min",
    "max": "max",
    **COMPILED,
}
"""All functions: name in equations -> name in kernels."""
