"""The cells of the table of parameters: text that is read as numbers with units."""

from __future__ import annotations

from collections.abc import Iterator

from neurocanvas.app.equation_editor.drafts import Row
from neurocanvas.app.equation_editor.problems import DEFAULT, MAXIMUM, MINIMUM, PARAMETERS, Problem
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model import declarations
from neurocanvas.model.parameters import Parameter
from neurocanvas.model.quantity import DIMENSIONLESS, parse_quantity, parse_with_unit


def row_problems(row: Row) -> Iterator[Problem]:
    """Yield what is wrong with the numbers of a parameter."""
    unit, default = DIMENSIONLESS, 0.0
    try:
        default, unit = parse_with_unit(row.default, row.name)
    except NeuroCanvasError as error:
        yield Problem(PARAMETERS, str(error), column=DEFAULT)
    for column, text in ((MINIMUM, row.minimum), (MAXIMUM, row.maximum)):
        try:
            _bound(text, unit, row.name, 0.0)
        except NeuroCanvasError as error:
            yield Problem(PARAMETERS, str(error), column=column)
            return
    try:
        declarations.check_parameter(_parameter_of(row, default, unit), row.name)
    except NeuroCanvasError as error:
        yield Problem(PARAMETERS, str(error).removeprefix(f"{row.name}: "), column=DEFAULT)


def parameter_of(row: Row) -> Parameter:
    """Return the parameter that a row declares.

    Raises:
        QuantityError: A value that is none.
    """
    return _parameter_of(row, *parse_with_unit(row.default, row.name))


def _parameter_of(row: Row, default: float, unit: str) -> Parameter:
    low = _bound(row.minimum, unit, row.name, float("-inf"))
    high = _bound(row.maximum, unit, row.name, float("inf"))
    strict = row.minimum.lstrip().startswith(">") and ">=" not in row.minimum
    slider = row.slider
    if slider is not None and not (low <= slider[0] <= default <= slider[1] <= high):
        slider = None
    title = row.title if row.title != row.name else ""
    return Parameter(row.name, default, unit, row.doc.strip(), title, low, high, strict, slider)


def _bound(text: str, unit: str, name: str, missing: float) -> float:
    plain = text.strip().removeprefix(">").removeprefix("=").strip()
    return parse_quantity(plain, unit, name) if plain else missing
