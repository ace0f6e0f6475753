"""What a declared kind must fulfil that was typed, or that came with a file.

A declaration of the library is trusted; one from elsewhere is not. The parser sees to it that
equations are arithmetic; here is the rest: names, units, ranges, words and sizes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from neurocanvas.errors import CircuitError, EquationError, SimulationError
from neurocanvas.model.equations import MAX_NAME
from neurocanvas.model.expressions import FUNCTIONS, Expr, names
from neurocanvas.model.forms import NOISE, noise_of
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind
from neurocanvas.model.parameters import Column, Parameter, Text, Variable
from neurocanvas.model.quantity import is_unit

FAMILIES: tuple[type[Kind], ...] = (NeuronKind, SynapseKind, SourceKind)
"""What a circuit may have of its own."""

MAX_ITEMS = 100
"""Parameters, variables, presets, expressions or lists that a kind may declare."""
MAX_CHARACTERS = 20_000
"""Length of all texts of a declaration together."""
MAX_TITLE = 60
MAX_SYMBOL = 4

INPUTS = frozenset({"t", "dt", "I", "xi", "out", "arrived", "sample", "I_in", "G_in"})
"""Names that mean something by themselves and can't be those of parameters."""
_NOT_VARIABLES = INPUTS - {"I"}
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_KIND_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
_GLYPH = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9eE+\-., \t\n]{0,2000}")

_WORDS = {
    "accepts": ("current", "rate"),
    "carries": ("spikes", "current", "rate", "v", "command"),
    "gives": ("current", "rate", "command", "modulation"),
    "sign": (-1, 0, 1),
    "symmetric": (False, True),
}
"""Attributes that are one of a few words."""

_PARTS = (
    ("equations", "system"),
    ("initial values", "initial_values"),
    ("threshold", "spike_condition"),
    ("reset", "reset_statements"),
    ("update", "update_statements"),
    ("on_spike", "spike_statements"),
    ("events", "event_rule"),
    ("breakpoints", "breakpoint_series"),
)
"""What the parser reads of a declaration: in words, and the attribute that has it read."""


def check(kind: Kind) -> None:
    """Refuse a declaration that can't be carried out or that could do anything but arithmetic.

    Raises:
        EquationError: One of its texts, with its name, line and column.
        CircuitError: Names, units, words or numbers that are not possible.
        QuantityError: A default outside its range.
    """
    if not isinstance(kind, FAMILIES):
        raise CircuitError(f"{kind.family} can't be declared in a circuit; neurons, links can")
    _check_name(kind.name)
    _check_size(kind)
    _check_words(kind)
    _check_names_of_parameters(kind)
    for parameter in kind.parameters:
        check_parameter(parameter, kind.name)
    _check_texts(kind)
    _check_variables(kind)
    kind.check()
    _check_noise(kind)
    _check_presets(kind)


def _check_name(name: str) -> None:
    # Kernels are files of this name.
    if len(name) > 2 * MAX_NAME or not _KIND_NAME.fullmatch(name):
        raise CircuitError(f"{_brief(name)} is no name of a kind; small letters, digits, _ are")


def _brief(text: str) -> str:
    return repr(text) if len(text) <= MAX_NAME else f"{text[:MAX_NAME]!r}..."


def _check_size(kind: Kind) -> None:
    for word in ("parameters", "variables", "presets", "texts", "data", "initial"):
        count = len(getattr(kind, word))
        if count > MAX_ITEMS:
            limit = f"{MAX_ITEMS} are possible"
            raise CircuitError(f"{kind.name}: {count} {word} are too many; {limit}")
    length = sum(map(len, _all_text(kind)))
    if length > MAX_CHARACTERS:
        limit = f"at most {MAX_CHARACTERS} characters are possible"
        raise CircuitError(f"{kind.name}: its texts are too long: {length} characters; {limit}")


def _all_text(kind: Kind) -> Iterator[str]:
    """Yield every text of a declaration."""
    for name in kind.__dataclass_fields__:
        if name != "extras":
            yield from _texts_in(getattr(kind, name))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts_in(key)
            yield from _texts_in(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _texts_in(inner)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _texts_in(getattr(value, name))


def _check_words(kind: Kind) -> None:
    shown = ((kind.title, "title", MAX_TITLE), (kind.symbol, "symbol", MAX_SYMBOL))
    for text, word, limit in shown:
        if not text.strip() or len(text) > limit or not text.isprintable():
            reason = f"1 to {limit} characters are"
            raise CircuitError(f"{kind.name}: {word} {_brief(text)} is not possible; {reason}")
    lines = [kind.hint, kind.group, kind.variant, *kind.presets, kind.doc, kind.source]
    lines += [text for p in kind.parameters for text in (p.title, p.doc)]
    lines += [v.doc for v in kind.variables]
    bad = next((line for line in lines if not line.replace("\n", "").isprintable()), None)
    if bad is not None:
        raise CircuitError(f"{kind.name}: {_brief(bad)} holds characters that can't be shown")
    if not _GLYPH.fullmatch(kind.glyph):
        raise CircuitError(f"{kind.name}: the glyph is no path of a drawing")
    for attribute, possible in _WORDS.items():
        value = getattr(kind, attribute, possible[0])
        if value not in possible:
            known = ", ".join(map(str, possible))
            raise CircuitError(f"{kind.name}: {attribute} {value!r} is not possible; {known} are")


def _check_names_of_parameters(kind: Kind) -> None:
    seen: set[str] = set()
    items: list[Parameter | Text | Column] = [*kind.parameters, *kind.texts, *kind.data]
    for name in (item.name for item in items):
        reason = why_no_name(name) or (f"{name!r} is declared twice" if name in seen else "")
        if reason:
            raise CircuitError(f"{kind.name}: {reason}")
        seen.add(name)


def why_no_name(name: str) -> str:
    """Say why this can't be the name of a parameter; empty if it can."""
    if name in FUNCTIONS:
        return f"{name!r} is a function and can't be the name of a parameter"
    if name in INPUTS:
        return f"{name!r} has a meaning of its own and can't be the name of a parameter"
    too_long = len(name) > MAX_NAME
    if too_long or not _NAME.fullmatch(name) or name.endswith("_") or "__" in name:
        usual = f"up to {MAX_NAME} letters, digits and single _ can"
        return f"{_brief(name)} can't be the name of a parameter; {usual}"
    return ""


def check_parameter(parameter: Parameter, owner: str) -> None:
    """Refuse an impossible unit, range or default.

    Raises:
        CircuitError: With the reason.
        QuantityError: A default outside the range.
    """
    what = f"{owner}: {parameter.name}"
    if not is_unit(parameter.unit):
        raise CircuitError(f"{what}: {_brief(parameter.unit)} is no unit; mV, pA, nS/mV or 1 are")
    if math.isnan(parameter.minimum) or math.isnan(parameter.maximum):
        raise CircuitError(f"{what}: its range is no range of numbers")
    if parameter.minimum > parameter.maximum:
        raise CircuitError(f"{what}: its minimum is above its maximum")
    parameter.parse(parameter.default, owner)
    slider = parameter.slider
    if slider is not None and not (all(map(math.isfinite, slider)) and slider[0] < slider[1]):
        raise CircuitError(f"{what}: the slider must span from a number to a larger one")
    if parameter.word is not None:
        word, value = parameter.word
        if not (word.isascii() and word.isalpha() and word.islower() and len(word) <= MAX_NAME):
            raise CircuitError(f"{what}: {_brief(word)} is no word; one in small letters is")
        parameter.parse(value, owner)


def _check_texts(kind: Kind) -> None:
    """Have every text read, and name the one that is refused."""
    for words, attribute in _PARTS:
        try:
            getattr(kind, attribute, None)
        except EquationError as error:
            owner = f"{kind.name}: {words}"
            raise EquationError(error.reason, error.line, error.column, owner) from None


def _check_variables(kind: Kind) -> None:
    taken = _NOT_VARIABLES | ({"I"} if isinstance(kind, NeuronKind) else set())
    found = taken & (kind.system.derivatives.keys() | kind.system.definitions.keys())
    if found:
        name = min(found)
        line = kind.system.lines[name]
        raise EquationError(f"{name} has a meaning of its own", line, 1, f"{kind.name}: equations")
    if isinstance(kind, NeuronKind) and kind.main not in kind.system.states:
        raise CircuitError(f"{kind.name}: there is no equation d{kind.main}/dt; write one")
    declared: list[Variable | Text | Column] = [*kind.variables, *kind.texts, *kind.data]
    for variable in declared:
        if not is_unit(variable.unit):
            unit = _brief(variable.unit)
            raise CircuitError(f"{kind.name}: {variable.name}: {unit} is no unit; mV or 1 are")


def _check_noise(kind: Kind) -> None:
    """Refuse white noise wherever it would need a value: it is only ever added to a rate."""
    place = "belongs into a differential equation, added, times parameters: + sigma*xi"
    reason = f"{NOISE} has no value of its own; it {place}"
    for name, definition in kind.system.definitions.items():
        if NOISE in names(definition):
            raise EquationError(reason, kind.system.lines[name], 1, f"{kind.name}: equations")
    for state in kind.system.states:
        try:
            noise_of(kind, state)
        except SimulationError:
            line = kind.system.lines[state]
            raise EquationError(reason, line, 1, f"{kind.name}: equations") from None
    for words, expr in _other_expressions(kind):
        if NOISE in names(expr):
            raise EquationError(reason, 1, 1, f"{kind.name}: {words}")


def _other_expressions(kind: Kind) -> Iterator[tuple[str, Expr]]:
    """Yield what is computed outside the equations, each with the text it stands in."""
    for expr in kind.initial_values.values():
        yield "initial values", expr
    if isinstance(kind, NeuronKind):
        if kind.spike_condition is not None:
            yield "threshold", kind.spike_condition.level
        for words, statements in (
            ("reset", kind.reset_statements),
            ("update", kind.update_statements),
        ):
            yield from ((words, statement.expr) for statement in statements)
    if isinstance(kind, SourceKind) and kind.event_rule is not None:
        yield "events", kind.event_rule[1]


def _check_presets(kind: Kind) -> None:
    for title, values in kind.presets.items():
        for name, value in values.items():
            kind.parameter(name).parse(value, f"{kind.name}: {title}")
