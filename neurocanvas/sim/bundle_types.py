"""What the bundles are to numba."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.np.numpy_support import from_dtype

from neurocanvas.sim.bundles import (
    ENTRY,
    SPIKE,
    Found,
    Learners,
    Log,
    Pool,
    Probes,
    Stream,
    Wires,
    Work,
)

_F8, _F4 = types.Array(types.float64, 1, "C"), types.Array(types.float32, 1, "C")
_I8, _I4 = types.Array(types.int64, 1, "C"), types.Array(types.int32, 1, "C")
_U4, _U8 = types.Array(types.uint32, 1, "C"), types.Array(types.uint64, 1, "C")
_F8_2, _I8_2 = types.Array(types.float64, 2, "C"), types.Array(types.int64, 2, "C")


def _type(bundle: Any, *fields: Any) -> Any:
    return types.NamedTuple(fields, bundle)


INTEGERS = _I8
WORK = _type(
    Work, _I8, _I8_2, _I8, _I8_2, _I8, _I8, _I8_2, _I8, types.int64, types.int64,
    _F8, _I8, _U8, _I8, _F8, _I8,
)  # fmt: skip
WIRES = _type(Wires, _U4, _F4, _U4, _I4, _I8, types.Array(types.uint32, 2, "C"))
ENTRIES = types.Array(from_dtype(ENTRY), 1, "C")
SPIKES = types.Array(from_dtype(SPIKE), 1, "C")
CHUNKS = _I8_2
STREAM = _type(Stream, _F4, _I8_2, _I8_2)
POOL = _type(Pool, _I8_2, CHUNKS, ENTRIES, _I8)
LEARNERS = _type(
    Learners, _I8, _I8, _I8, _I8, _I8, _I8, _I8, _I8_2, _I8
)  # fmt: skip
FOUND = _type(Found, _I8_2, _I8_2, _F8_2, _I8_2, _I8, _I8_2)
LOG = _type(Log, _I8, SPIKES, _I8)
PROBES = _type(Probes, _I8, _I8_2, _U8, _I8_2, _F8_2)
