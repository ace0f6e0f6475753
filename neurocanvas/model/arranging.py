"""Places for nodes that nobody has placed: those of a circuit that a script has written."""

from __future__ import annotations

import math
from collections import defaultdict

from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import MoveNodes

ACROSS, DOWN = 200.0, 150.0
"""From one node to the next, in scene pixels."""
FEWEST_ROWS = 6
"""So many stand in a column before there is a second one."""


def arrange(circuit: Circuit) -> None:
    """Move nodes apart that are all in one place; others are left where they are.

    Whoever gets no input stands on the left, then in columns those that it reaches in one step,
    in two, and so on: as a circuit is drawn by hand.
    """
    nodes = list(circuit.nodes())
    if len(nodes) < 2 or len({(node.x, node.y) for node in nodes}) > 1:
        return
    rows = max(FEWEST_ROWS, math.isqrt(len(nodes)))
    places: dict[str, tuple[float, float]] = {}
    column = 0
    for layer in _layers(circuit):
        for first in range(0, len(layer), rows):
            some = layer[first : first + rows]
            top = -DOWN * (len(some) - 1) / 2
            places |= {node: (ACROSS * column, top + DOWN * k) for k, node in enumerate(some)}
            column += 1
    circuit.apply(MoveNodes(places))


def _layers(circuit: Circuit) -> list[list[str]]:
    """Return nodes by how many links they are away from those without input."""
    import networkx

    graph = circuit.graph
    reached = {post for pre, post in graph.edges() if pre != post}
    left = dict.fromkeys(graph)
    starts = [node for node in left if node not in reached]
    found: defaultdict[int, list[str]] = defaultdict(list)
    while left:
        # Of a ring nobody is without input: whoever came first begins.
        for depth, layer in enumerate(networkx.bfs_layers(graph, starts or [next(iter(left))])):
            new = [node for node in layer if node in left]
            found[depth] += new
            for node in new:
                del left[node]
        starts = []
    return [found[depth] for depth in sorted(found)]
