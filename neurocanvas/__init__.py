"""NeuroCanvas: a desktop bench for neural circuits.

::

    import neurocanvas as nc

    c = nc.Circuit(seed=1)
    a = c.add("lif", label="A")
    c.connect(c.add("step_current", amplitude="300 pA", start="50 ms"), a)
    r = nc.simulate(c, "500 ms")
    r.spikes("A")                       # ms

Importing this costs nothing: what is behind a name is imported when the name is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurocanvas.api import (
        Circuit,
        NeuroCanvasError,
        Sample,
        kinds,
        load,
        samples,
        save,
        simulate,
    )

    __version__: str

__all__ = [
    "Circuit",
    "NeuroCanvasError",
    "Sample",
    "__version__",
    "kinds",
    "load",
    "samples",
    "save",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in __all__:
        from neurocanvas import api

        return getattr(api, name)
    raise AttributeError(f"module 'neurocanvas' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("neurocanvas")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0+unknown"
