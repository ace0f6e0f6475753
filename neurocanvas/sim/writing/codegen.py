"""From a kind to the source text of its kernel."""

from __future__ import annotations

from functools import lru_cache

from neurocanvas.errors import SimulationError
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind
from neurocanvas.sim.writing.kernel_source import LANES, KernelSource, Variant
from neurocanvas.sim.writing.kernel_writer import Writer
from neurocanvas.sim.writing.neuron_writer import NeuronWriter
from neurocanvas.sim.writing.source_writer import SourceWriter
from neurocanvas.sim.writing.synapse_writer import SynapseWriter, index_width, split_current

__all__ = [
    "LANES",
    "KernelSource",
    "KindKey",
    "Variant",
    "generate",
    "index_width",
    "split_current",
]


class KindKey:
    """A kind as a dictionary key, by its name and equations."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._key = repr(kind)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KindKey) and other._key == self._key


@lru_cache(maxsize=512)
def generate(kind_key: KindKey, variant: Variant) -> KernelSource:
    """Return the kernel of a kind (cached: a kind's text never changes)."""
    kind = kind_key.kind
    match kind:
        case NeuronKind():
            writer: Writer = NeuronWriter(kind, variant)
        case SynapseKind():
            writer = SynapseWriter(kind, variant)
        case SourceKind():
            writer = SourceWriter(kind, variant)
        case _:
            raise SimulationError(f"{kind.title} can't be simulated")
    return writer.finish()
