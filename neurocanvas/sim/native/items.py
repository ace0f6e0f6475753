"""What can be compiled, and the names under which it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

from neurocanvas.sim.native.objects import digest, source_of

_USED = re.compile(r"^(?:from|import) (neurocanvas\.sim[\w.]*)", re.M)


@dataclass(frozen=True)
class Text:
    """A function of a generated text.

    Attributes:
        source: Name of the text, another one for every other text.
        text: Python source.
        function: Name of the function: ``kernel``, ``event`` or ``observe``.
    """

    source: str
    text: str
    function: str

    @property
    def name(self) -> str:
        """The name under which it is kept."""
        return f"{self.source}.{self.function}"

    @property
    def weight(self) -> int:
        """How long it takes to compile, roughly."""
        return len(self.text)


@dataclass(frozen=True)
class Exported:
    """A function of a module that is marked there as exported.

    Attributes:
        module: Full name of the module, which is not imported for this.
        function: Name of the function.
    """

    module: str
    function: str

    @cached_property
    def name(self) -> str:
        """The name under which it is kept: another one when its text changes, or what it uses."""
        return f"{self.module.rpartition('.')[2]}.{self.function}-{_version(self.module)}"

    @property
    def weight(self) -> int:
        """How long it takes to compile, roughly."""
        return len(source_of(self.module))


Item = Text | Exported


@cache
def _version(module: str) -> str:
    """Name the text of a module and of the simulator's modules that it imports."""
    text = source_of(module)
    used = sorted({found.group(1) for found in _USED.finditer(text)})
    return digest("\n".join([text, *map(source_of, used)]))
