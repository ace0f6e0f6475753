"""What any circuit takes to run, loaded while the first one is being read."""

from __future__ import annotations

import logging
from importlib import import_module

log = logging.getLogger(__name__)

MODULES = ("runner", "compiling.compiler", "simulation", "teams", "viewer")
"""What the engine imports when it gets its first circuit."""


def get_ready() -> None:
    """Load the functions that every run needs, or begin to compile them, and import the engine."""
    try:
        from neurocanvas.sim.kernels import RUNNING
        from neurocanvas.sim.native.making import begin

        begin(RUNNING)
        for name in MODULES:
            import_module(f"neurocanvas.sim.{name}")
    except Exception:
        # Who runs a circuit will say what is wrong.
        log.exception("the engine could not be loaded ahead")
