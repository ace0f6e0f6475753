"""What functions of equation text are called in generated kernels."""

from neurocanvas.model.expressions import LINOID
from neurocanvas.sim.evaluate import PHI

LANES = 64
"""Columns in a block, and so numbers in a row of it."""

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

APART = {"exp_": "exp_lanes", "phi": "phi_lanes"}
"""Functions that loops over a block are cut at -> what takes them of all lanes."""
