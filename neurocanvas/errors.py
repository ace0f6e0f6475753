"""What can go wrong, as a small tree of exceptions.

::

    NeuroCanvasError            every error this program raises on purpose
     |-- QuantityError          a value that is no number, has the wrong unit or is out of range
     |-- EquationError          equation text that is refused, with line and column
     |-- CircuitError           an edit the circuit refuses: unknown element, kind or parameter
     |    `-- ConnectionRefused two elements that may not be connected, with the reason
     |-- FileError              a file that can't be read or written, with path and element
     |-- SimulationError        a circuit that can't be compiled or run
     |    `-- NotFinite         a variable became NaN or infinite: where and when
     `-- Cancelled              something long that a person stopped; nothing of it is left

Each message is one line that names the element, the value and what would be right; the window and
the command line show the same text.
"""

from __future__ import annotations


class NeuroCanvasError(Exception):
    """Base of all errors raised on purpose; its text is one line for the person at the bench."""


class QuantityError(NeuroCanvasError):
    """A value that is no number, carries the wrong unit or lies outside its range."""


class EquationError(NeuroCanvasError):
    """Equation text that is refused.

    Args:
        reason: What is wrong and what would be right, without the place.
        line: Line of the text, counted from 1.
        column: Column in that line, counted from 1.
        source: Name of what the text belongs to, such as a kind.
    """

    def __init__(self, reason: str, line: int = 1, column: int = 1, source: str = "") -> None:
        where = f"{source}: " if source else ""
        super().__init__(f"{where}line {line}, column {column}: {reason}")
        self.reason = reason
        self.line = line
        self.column = column
        self.source = source


class CircuitError(NeuroCanvasError):
    """An edit that the circuit refuses; the circuit is as it was before."""


class ConnectionRefused(CircuitError):
    """Two elements that may not be connected this way; the text says why."""


class FileError(NeuroCanvasError):
    """A file that can't be read or written; the text names the file and the place in it."""


class SimulationError(NeuroCanvasError):
    """A circuit that can't be compiled or advanced."""


class NotFinite(SimulationError):
    """A variable became NaN or infinite.

    Args:
        element: Label of the node or link.
        variable: Name of the variable in its equations.
        time_ms: Model time at which it was first seen.
    """

    def __init__(self, element: str, variable: str, time_ms: float) -> None:
        super().__init__(
            f"{element}: {variable} is not a finite number at {time_ms:.4g} ms; "
            "a smaller time step or smaller currents would keep it finite"
        )
        self.element = element
        self.variable = variable
        self.time_ms = time_ms


class Cancelled(NeuroCanvasError):
    """Something long was stopped at the wish of the person; nothing of it is left behind.

    Args:
        what: What was being done, in words.
        part: The part of it that was done, from 0 to 1.
    """

    def __init__(self, what: str, part: float) -> None:
        super().__init__(f"{what} was stopped, {part:.0%} done")
        self.what = what
        self.part = part
