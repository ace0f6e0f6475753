"""The process that compiles: it reads items from its input, a line each, and answers each.

It ends when nobody has wanted anything for a while, or with the program it works for.
"""

from __future__ import annotations

import gc
import json
import queue
import re
import sys
import threading
from importlib import import_module

from neurocanvas.sim.native import objects
from neurocanvas.sim.native.making import item_of

PATIENCE_S = 30.0
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def main() -> None:
    """Work until the input ends."""
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    # Numba does without scipy where there is none; to load it takes half as long as numba itself.
    sys.modules["scipy"] = None  # type: ignore[assignment]
    import_module("neurocanvas.sim.native.build")
    # To look for garbage takes a tenth of the time, and somebody waits.
    gc.disable()
    while True:
        try:
            order = orders.get(timeout=PATIENCE_S)
        except queue.Empty:
            return
        if not order:
            return
        print(json.dumps({"error": _make(order)}), flush=True)
        if orders.empty():
            gc.collect()


def _read(orders: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        orders.put(line)
    orders.put("")


def _make(order: str) -> str:
    """Compile one item and keep it; return what went wrong."""
    from neurocanvas.sim.native import build

    item = item_of(order)
    try:
        objects.write(item.name, *build.of_item(item))
    except Exception as error:  # noqa: BLE001
        # Numba colours its words.
        return " ".join(_COLOUR.sub("", f"{type(error).__name__}: {error}").split())
    return ""


if __name__ == "__main__":
    main()
