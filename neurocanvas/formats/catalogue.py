"""What there is to say of a kind: as text for a person, as JSON for a program."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from textwrap import dedent, indent, wrap

from neurocanvas.formats.elements import number_json
from neurocanvas.formats.records import Raw
from neurocanvas.model.kinds import (
    Column,
    Kind,
    NeuronKind,
    Parameter,
    SourceKind,
    SynapseKind,
    Text,
    Variable,
)
from neurocanvas.model.plasticity import PlasticityKind
from neurocanvas.model.quantity import DIMENSIONLESS, to_text

WIDTH = 96
INDENT = "  "
_HEADINGS = {"neuron": "Neurons", "synapse": "Synapses", "source": "Sources"}
_SIGNS = {1: "excitatory", -1: "inhibitory", 0: "neither excitatory nor inhibitory"}


def kind_json(kind: Kind, integrator: str) -> Raw:
    """Return all that a kind declares, as JSON values.

    Args:
        kind: The kind.
        integrator: Which integrator it gets and why, in words.
    """
    found: Raw = {
        "name": kind.name,
        "family": kind.family,
        "title": kind.title,
        "symbol": kind.symbol,
        "doc": kind.doc,
        "source": kind.source,
        "equations": equation_text(kind),
        "initial": dict(kind.initial),
        "parameters": [_parameter_json(p) for p in kind.parameters],
        "variables": [
            {"name": v.name, "unit": v.unit, "doc": v.doc} for v in kind.recordable.values()
        ],
        "texts": [_text_json(text) for text in kind.texts],
        "data": [_column_json(column) for column in kind.data],
        "presets": {name: dict(values) for name, values in kind.presets.items()},
        "group": kind.group,
        "variant": kind.variant,
        "integrator": integrator,
    }
    return found | dict(_particulars(kind))


def _particulars(
    kind: Kind,
) -> Iterator[tuple[str, str | int | float | list[str] | dict[str, str]]]:
    """Yield what only the family of this kind declares."""
    match kind:
        case NeuronKind():
            yield "main", kind.main
            yield "threshold", kind.threshold
            yield "reset", kind.reset
            yield "refractory", kind.refractory
            yield "update", kind.update
            yield "interval", kind.interval
            yield "accepts", kind.accepts
            yield "output", kind.output
            yield "drive", number_json(kind.drive)
        case SynapseKind():
            yield "sign", kind.sign
            yield "on_spike", kind.on_spike
            yield "carries", kind.carries
            yield "gives", kind.gives
            yield "symmetric", kind.symmetric
        case SourceKind():
            yield "events", kind.events
            yield "output", "" if kind.events else kind.output
            yield "gives", "spikes" if kind.events else kind.gives
            yield "table", list(kind.table)
            yield "breakpoints", list(kind.breakpoints)
        case PlasticityKind():
            yield "sides", dict(kind.sides)
            yield "on_pre", kind.on_pre
            yield "release", kind.release
            yield "after", kind.after
            yield "on_post", kind.on_post


def _parameter_json(parameter: Parameter) -> Raw:
    return {
        "name": parameter.name,
        "title": parameter.title or parameter.name,
        "unit": parameter.unit,
        "default": number_json(parameter.default),
        "minimum": _bound(parameter.minimum),
        "maximum": _bound(parameter.maximum),
        "above_minimum": parameter.strict,
        "doc": parameter.doc,
    }


def _text_json(text: Text) -> Raw:
    return {
        "name": text.name,
        "title": text.title or text.name,
        "default": text.default,
        "unit": text.unit,
        "choices": list(text.choices),
        "doc": text.doc,
    }


def _column_json(column: Column) -> Raw:
    return {
        "name": column.name,
        "title": column.title or column.name,
        "unit": column.unit,
        "default": [number_json(value) for value in column.default],
        "doc": column.doc,
    }


def _bound(value: float) -> int | float | None:
    return number_json(value) if math.isfinite(value) else None


def equation_text(kind: Kind) -> str:
    """Return the equations as they were written, without their indentation."""
    return dedent(kind.equations).strip()


def kind_text(kind: Kind, integrator: str) -> str:
    """Return all that a kind declares, as lines for a person; see ``kind_json``."""
    parts = [f"{kind.title} ({kind.name}, {_family(kind)})", *_wrapped(kind.doc), ""]
    parts += _section("Equations", _dynamics(kind))
    parts += _section("Parameters", _table([_parameter_row(p) for p in kind.parameters]))
    parts += _section("To set beside them", _table([_text_row(text) for text in kind.texts]))
    parts += _section("Lists to give", _table([_column_row(column) for column in kind.data]))
    variables = [_variable_row(v) for v in kind.recordable.values()]
    parts += _section("Recordable variables", _table(variables))
    parts += _section("Presets", _table([_preset_row(kind, name) for name in kind.presets]))
    parts += [*_wrapped(integrator), "", *_wrapped(f"Source: {kind.source}")]
    return "\n".join(parts)


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, break_on_hyphens=False, break_long_words=False)


def _preset_row(kind: Kind, name: str) -> tuple[str, ...]:
    values = kind.presets[name].items()
    return name, ", ".join(f"{n} {to_text(value, kind.parameter(n).unit)}" for n, value in values)


def _family(kind: Kind) -> str:
    if isinstance(kind, SynapseKind) and kind.sign:
        return f"{_SIGNS[kind.sign]} synapse"
    return kind.family


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, *(indent(line, INDENT) for line in lines), ""] if lines else []


def _dynamics(kind: Kind) -> list[str]:
    words = {
        "threshold": "spike when",
        "reset": "at a spike",
        "refractory": "then held for",
        "update": "after every step",
        "interval": "or only after every",
        "on_spike": "at a spike",
        "events": "spikes",
        "on_pre": "at a spike of the source",
        "release": "part of the weight that it carries",
        "after": "after its release",
        "on_post": "at a spike of the target",
    }
    lines = equation_text(kind).splitlines()
    lines += [f"{text.name} = {text.default}" for text in kind.texts if not text.choices]
    lines += [f"{name}(0) = {text}" for name, text in kind.initial.items()]
    for key, value in _particulars(kind):
        if key in words and value:
            lines += [f"{words[key]}: {part.strip()}" for part in str(value).strip().splitlines()]
    if isinstance(kind, NeuronKind) and kind.drive:
        lines += [f"fires repeatedly with: {to_text(kind.drive, 'pA')}"]
    return lines


def _parameter_row(parameter: Parameter) -> tuple[str, ...]:
    bounded = parameter.minimum > -math.inf or parameter.maximum < math.inf
    allowed = f" ({parameter.allowed()})" if bounded else ""
    value = parameter.default_text()
    return parameter.name, value, f"{parameter.doc.rstrip('.')}{allowed}"


def _text_row(text: Text) -> tuple[str, ...]:
    return text.name, text.default, text.doc.rstrip(".")


def _column_row(column: Column) -> tuple[str, ...]:
    return column.name, column.unit, column.doc.rstrip(".")


def _variable_row(variable: Variable) -> tuple[str, ...]:
    unit = "" if variable.unit == DIMENSIONLESS else variable.unit
    return variable.name, unit, variable.doc.rstrip(".")


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  ".join(
            [*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]
        ).rstrip()
        for row in rows
    ]


def overview(kinds: list[Kind]) -> str:
    """Return name, title and first sentence of each kind, by family."""
    families: dict[str, list[Kind]] = {}
    for kind in kinds:
        families.setdefault(kind.family, []).append(kind)
    parts = []
    for family, members in families.items():
        width = max(len(kind.name) for kind in members)
        lines = [line for kind in members for line in _entry(kind, width)]
        parts += _section(_HEADINGS.get(family, family.capitalize()), lines)
    return "\n".join(parts).rstrip()


def _entry(kind: Kind, width: int) -> Iterator[str]:
    """Yield the lines of a kind in the overview: its name, and words wrapped beside it."""
    words = f"{kind.title}: {first_sentence(kind.doc)}"
    room = WIDTH - len(INDENT) - width - len(INDENT)
    for k, text in enumerate(wrap(words, room, break_on_hyphens=False)):
        yield f"{'' if k else kind.name:{width}}{INDENT}{text}"


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, without its full stop."""
    for mark in (": ", "; ", ". "):
        text = text.split(mark)[0]
    return text.rstrip(".")
