"""Makes the kernels of the whole library ready beforehand, so that no edit waits for a compiler."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from neurocanvas.model.kinds import Kind, NeuronKind, Registry

if TYPE_CHECKING:
    from neurocanvas.sim.writing.codegen import KernelSource

DELAY_S = 3.0
"""Time left to the open circuit before the rest is compiled."""

log = logging.getLogger(__name__)


class Warmer:
    """A thread that compiles one kernel after the other, and stops between two when asked.

    Args:
        kinds: Whose kernels.
        delay_s: How long it waits first: two compilers at once would only take turns.
    """

    def __init__(self, kinds: Registry, delay_s: float = DELAY_S) -> None:
        self._kinds = [kind for kind in kinds if not kind.placeholder]
        self._delay = delay_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="neurocanvas-warmer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the kernel that is being compiled, and wait for that."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        if self._stop.wait(self._delay):
            return
        _yield_to_others()
        from neurocanvas.sim.kernels import compile_kernel
        from neurocanvas.sim.writing.codegen import KindKey, Variant, generate

        for kind, conductance in [(k, g) for k in self._kinds for g in _variants(k)]:
            if self._stop.is_set():
                return
            try:
                compile_kernel(generate(KindKey(kind), Variant(conductance=conductance)))
            except Exception:  # a kind that can't be compiled is named when it is used
                log.exception("the kernel of %s could not be made ready", kind.name)


def _yield_to_others() -> None:
    """Lower the priority of this thread, where the system lets a thread have one of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


class Preparation:
    """A thread that compiles the kernels of one circuit while another goes on running.

    Args:
        sources: The kernels.
        tell: Told (done, total) before each and after the last.
        ready: Called when all are there, or with the error that stopped it.
    """

    def __init__(
        self,
        sources: list[KernelSource],
        tell: Callable[[int, int], None],
        ready: Callable[[Exception | None], None],
    ) -> None:
        self._sources, self._tell, self._ready = sources, tell, ready
        self._thread = threading.Thread(target=self._work, name="neurocanvas-kernels", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait until it is done."""
        self._thread.join()

    def _work(self) -> None:
        from neurocanvas.sim.kernels import compile_all

        try:
            compile_all(self._sources, self._tell)
        except Exception as error:  # noqa: BLE001
            self._ready(error)
        else:
            self._ready(None)


def _variants(kind: Kind) -> tuple[bool, ...]:
    return (False, True) if isinstance(kind, NeuronKind) else (False,)
