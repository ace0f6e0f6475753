"""Kinds as JSON: those that a circuit brings along, and those in files of their own.

A kind from a file is text from somebody else: it is read into a record, built, and then checked by
``model.declarations`` before anything asks for its equations.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

import msgspec

from neurocanvas.errors import CircuitError, NeuroCanvasError
from neurocanvas.formats import files
from neurocanvas.formats import kind_records as rec
from neurocanvas.formats.decode import decode_json
from neurocanvas.formats.elements import Optional, assemble, number_json, quantity_json
from neurocanvas.formats.records import Raw, ShapeError, element_name, read_record, unknown_keys
from neurocanvas.model import declarations
from neurocanvas.model.kinds import Kind, NeuronKind, SourceKind, SynapseKind
from neurocanvas.model.parameters import Column, Parameter, Text, Variable
from neurocanvas.model.quantity import parse_quantity

FORMAT = "neurocanvas-kind"
VERSION = 1
SUFFIX = ".json"

MAX_KINDS = 200
"""Kinds that a circuit may bring along."""

_FAMILIES: dict[str, type[Kind]] = {
    family.family: family for family in (NeuronKind, SynapseKind, SourceKind)
}
_PARTICULAR = (
    "threshold", "reset", "refractory", "main", "accepts", "update", "interval", "drive",
    "sign", "on_spike", "carries", "symmetric", "events", "breakpoints", "table", "output", "gives",
)  # fmt: skip
"""What only some families declare."""
_LISTS: dict[str, type[msgspec.Struct]] = {
    "parameters": rec.ParameterRecord,
    "variables": rec.VariableRecord,
    "texts": rec.TextRecord,
    "data": rec.ColumnRecord,
}


# -- reading -------------------------------------------------------------------------------------


def build_kinds(records: Sequence[rec.KindRecord], raw: Sequence[Raw]) -> list[Kind]:
    """Build the kinds of a file from their records.

    Args:
        records: What the file says of them.
        raw: The same as it stood in the file, for the keys that the records do not know.

    Raises:
        ShapeError: Naming the kind and what is wrong with it.
    """
    if len(records) > MAX_KINDS:
        raise ShapeError(f"kinds: {len(records)} are too many; {MAX_KINDS} are possible")
    seen: set[str] = set()
    found = []
    for index, (record, source) in enumerate(zip(records, raw, strict=True)):
        place = element_name("kind", source, index)
        if record.name in seen:
            raise ShapeError(f"{place}: is there twice")
        seen.add(record.name)
        found.append(_checked(record, source, place))
    return found


def _checked(record: rec.KindRecord, raw: Raw, place: str) -> Kind:
    try:
        kind = build_kind(record, raw)
        declarations.check(kind)
    except NeuroCanvasError as error:
        reason = str(error).removeprefix(f"{record.name}: ")
        raise ShapeError(f"{place}: {reason}") from None
    return kind


def build_kind(record: rec.KindRecord, raw: Raw) -> Kind:
    """Build a kind from its record, without checking what it declares.

    Raises:
        NeuroCanvasError: A family that does not exist or does not have this, a value that is none.
    """
    family = _FAMILIES.get(record.family)
    if family is None:
        known = ", ".join(_FAMILIES)
        raise CircuitError(f"family: {record.family!r} is not possible; {known} are")
    return family(
        name=record.name,
        title=record.title or record.name,
        symbol=record.symbol,
        doc=_text(record.doc),
        source=_text(record.source),
        parameters=tuple(_parameter(p) for p in record.parameters),
        equations=_text(record.equations),
        variables=tuple(Variable(v.name, v.unit, v.doc) for v in record.variables),
        initial=record.initial,
        hint=record.hint,
        glyph=record.glyph,
        presets=_presets(record),
        texts=tuple(
            Text(t.name, t.default, t.unit, t.doc, t.title, tuple(t.choices)) for t in record.texts
        ),
        data=tuple(
            Column(c.name, c.unit, c.doc, c.title, tuple(map(float, c.default)))
            for c in record.data
        ),
        extras=_extras(raw),
        **_particular(record, family),
    )


def _text(lines: rec.Lines) -> str:
    return lines if isinstance(lines, str) else "\n".join(lines)


def _particular(record: rec.KindRecord, family: type[Kind]) -> dict[str, Any]:
    """Return what only this family declares; refuse what belongs to others."""
    found = {}
    for name in _PARTICULAR:
        value = getattr(record, name)
        if value is None:
            continue
        if name not in family.__dataclass_fields__:
            raise CircuitError(f"{name} is not possible for a {family.family}")
        is_list = name in ("breakpoints", "table")
        found[name] = tuple(value) if is_list else _text(value) if _is_text(value) else value
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, (str, list))


def _parameter(record: rec.ParameterRecord) -> Parameter:
    def number(value: rec.Quantity | None, missing: float, what: str) -> float:
        owner = f"parameter {record.name}: {what}"
        return missing if value is None else parse_quantity(value, record.unit, owner)

    slider = [number(value, 0.0, "slider") for value in record.slider]
    if len(slider) not in (0, 2):
        raise CircuitError(f"parameter {record.name}: the slider has two ends: from, to")
    worth = number(record.word_value, 0.0, "word_value")
    return Parameter(
        record.name,
        number(record.default, 0.0, "default"),
        record.unit,
        record.doc,
        record.title,
        number(record.minimum, -math.inf, "minimum"),
        number(record.maximum, math.inf, "maximum"),
        record.above_minimum,
        (slider[0], slider[1]) if slider else None,
        (record.word, worth) if record.word else None,
    )


def _presets(record: rec.KindRecord) -> dict[str, dict[str, float]]:
    units = {p.name: p.unit for p in record.parameters}
    return {
        title: {
            name: parse_quantity(value, units.get(name, "1"), f"preset {title}: {name}")
            for name, value in values.items()
        }
        for title, values in record.presets.items()
    }


def _extras(raw: Raw) -> Raw:
    """Return the unknown keys; those of items in lists by the name of the item."""
    found = unknown_keys(raw, rec.KindRecord)
    for key, shape in _LISTS.items():
        below = {item["name"]: unknown_keys(item, shape) for item in raw.get(key, ())}
        kept = {name: extras for name, extras in below.items() if extras}
        if kept:
            found[key] = kept
    return found


# -- writing -------------------------------------------------------------------------------------


def kind_json(kind: Kind) -> Raw:
    """Return a kind as a JSON object with its keys in a fixed order.

    Raises:
        CircuitError: It is of a family that files do not declare.
    """
    if kind.family not in _FAMILIES:
        raise CircuitError(f"{kind.title} can't be written: {kind.family} is declared nowhere")
    usual = _FAMILIES[kind.family].__dataclass_fields__
    texts: Optional = {
        "title": (kind.title, kind.name),
        "symbol": (kind.symbol, "dv"),
        "hint": (kind.hint, ""),
        "doc": (_lines(kind.doc), ""),
        "source": (_lines(kind.source), ""),
        "equations": (_lines(kind.equations), ""),
        "initial": (dict(kind.initial), {}),
    }
    particular: Optional = {
        name: (_plain(getattr(kind, name)), _plain(usual[name].default))
        for name in _PARTICULAR
        if name in usual
    }
    rest: Optional = {
        "parameters": ([_parameter_json(p, kind) for p in kind.parameters], []),
        "variables": ([_variable_json(v, kind) for v in kind.variables], []),
        "texts": ([_text_json(t, kind) for t in kind.texts], []),
        "data": ([_column_json(c, kind) for c in kind.data], []),
        "presets": (_presets_json(kind), {}),
        "glyph": (kind.glyph, ""),
    }
    required = {"name": kind.name, "family": kind.family}
    extras = {key: value for key, value in kind.extras.items() if key not in _LISTS}
    return assemble(rec.KindRecord, required, {**texts, **particular, **rest}, extras)


def _lines(text: str) -> str | list[str]:
    """Return text as lines, without the indentation they share; one line as it is."""
    lines = [line.rstrip() for line in dedent(text).strip("\n").splitlines()]
    return lines if len(lines) > 1 else "".join(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _lines(value)
    return list(value) if isinstance(value, tuple) else value


def _parameter_json(parameter: Parameter, kind: Kind) -> Raw:
    unit = parameter.unit

    def bound(value: float) -> str | int | float | None:
        return quantity_json(value, unit) if math.isfinite(value) else None

    default = quantity_json(parameter.default, unit)
    word, worth = parameter.word or ("", 0.0)
    optional: Optional = {
        "unit": (unit, "1"),
        "title": (parameter.title, ""),
        "doc": (parameter.doc, ""),
        "minimum": (bound(parameter.minimum), None),
        "maximum": (bound(parameter.maximum), None),
        "above_minimum": (parameter.strict, False),
        "slider": ([quantity_json(v, unit) for v in parameter.slider or ()], []),
        "word": (word, ""),
        "word_value": (quantity_json(worth, unit) if word else None, None),
    }
    required = {"name": parameter.name, "default": default}
    extras = _extras_of(kind, "parameters", parameter.name)
    return assemble(rec.ParameterRecord, required, optional, extras)


def _variable_json(variable: Variable, kind: Kind) -> Raw:
    optional: Optional = {"unit": (variable.unit, "1"), "doc": (variable.doc, "")}
    extras = _extras_of(kind, "variables", variable.name)
    return assemble(rec.VariableRecord, {"name": variable.name}, optional, extras)


def _text_json(text: Text, kind: Kind) -> Raw:
    optional: Optional = _of_item(text) | {"choices": (list(text.choices), [])}
    required = {"name": text.name, "default": text.default}
    return assemble(rec.TextRecord, required, optional, _extras_of(kind, "texts", text.name))


def _column_json(column: Column, kind: Kind) -> Raw:
    default = [number_json(value) for value in column.default]
    optional: Optional = _of_item(column) | {"default": (default, [])}
    extras = _extras_of(kind, "data", column.name)
    return assemble(rec.ColumnRecord, {"name": column.name}, optional, extras)


def _of_item(item: Text | Column) -> dict[str, tuple[object, object]]:
    return {"unit": (item.unit, "1"), "title": (item.title, ""), "doc": (item.doc, "")}


def _extras_of(kind: Kind, key: str, name: str) -> Mapping[str, object]:
    below = kind.extras.get(key)
    found = below.get(name) if isinstance(below, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _presets_json(kind: Kind) -> Raw:
    units = {p.name: p.unit for p in kind.parameters}
    return {
        title: {name: quantity_json(value, units[name]) for name, value in values.items()}
        for title, values in kind.presets.items()
    }


# -- files of their own --------------------------------------------------------------------------


def save_kind(kind: Kind, path: str | os.PathLike[str]) -> None:
    """Write a kind to a file of its own.

    Raises:
        NeuroCanvasError: It can't be written.
    """
    document = {"format": FORMAT, "version": VERSION, "kind": kind_json(kind)}
    data = msgspec.json.format(msgspec.json.encode(document), indent=2)
    with files.atomic_file(path) as file:
        file.write(data + b"\n")


def load_kind(path: str | os.PathLike[str]) -> Kind:
    """Read a kind from a file of its own.

    Raises:
        FileError: Naming the file, the place in it and what would be right.
    """
    try:
        raw = decode_json(files.read_bytes(path))
        if not isinstance(raw, dict) or raw.get("format") != FORMAT:
            raise ShapeError(f'this is no kind: "format": "{FORMAT}" is missing')
        record = read_record(raw, rec.KindFileRecord)
        if record.version > VERSION:
            raise ShapeError("this kind was written by a newer NeuroCanvas")
        return _checked(record.kind, raw["kind"], element_name("kind", raw["kind"], 0))
    except ShapeError as error:
        raise files.file_error(os.fspath(path), str(error)) from None
