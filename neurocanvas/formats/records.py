"""The shape of a ``.neuro`` file as records: the first of the two phases of loading.

The records hold what a file may say and nothing else knows; whether it makes sense (kinds, units,
ranges, labels) is decided when a circuit is built from them. The JSON Schema in
``resources/neuro.schema.json`` is made from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import Meta

from neurocanvas.formats.kind_records import KindRecord
from neurocanvas.model.forms import METHODS

FORMAT = "neurocanvas"
VERSION = 1

Quantity = str | float
"""Text with a unit, ``"20 ms"``, or a number in the unit of the thing."""

Raw = dict[str, Any]


def _about(text: str) -> Meta:
    return Meta(description=text)


def _of_each(text: str, item: Raw) -> Meta:
    """Describe an object of alike values, which are checked when elements are built."""
    return Meta(description=text, extra_json_schema={"additionalProperties": item})


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which neurons of the one node a link connects with which of the other."""

    name: Annotated[str, _about("Name of the connection rule.")] = "all_to_all"
    values: Annotated[dict[str, Any], _about("Parameters of the rule.")] = {}
    self_links: Annotated[bool, _about("Whether a neuron may reach itself.")] = False


class NodeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A neuron, a source, or a population of alike ones."""

    id: Annotated[str, _about("Unique among nodes and links; random streams are keyed by it.")]
    kind: Annotated[str, _about("Name of a neuron or source kind.")]
    label: Annotated[str, _about("As shown, unique among nodes; the id if missing.")] = ""
    size: Annotated[
        int, Meta(description="Number of neurons.", extra_json_schema={"minimum": 1})
    ] = 1
    x: Annotated[float, _about("Centre on the canvas, in scene pixels.")] = 0
    y: Annotated[float, _about("Centre on the canvas, in scene pixels; grows downward.")] = 0
    parameters: Annotated[
        dict[str, Any],
        _about('Values that differ from the default: "200 pF", or a number in the declared unit.'),
    ] = {}
    texts: Annotated[
        dict[str, Any],
        _of_each("Expressions that differ from the default.", {"type": "string"}),
    ] = {}
    data: Annotated[
        dict[str, Any],
        _of_each(
            "Lists of numbers, in the declared unit or with a unit each.",
            {"type": "array", "items": {"type": ["number", "string"]}},
        ),
    ] = {}
    integrator: Annotated[
        str,
        Meta(
            description="Method for its equations; their form decides if missing.",
            extra_json_schema={"enum": ["", *METHODS]},
        ),
    ] = ""


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A connection from one node to another."""

    id: Annotated[str, _about("Unique among nodes and links.")]
    pre: Annotated[str, _about("Id of the node it comes from.")]
    post: Annotated[str, _about("Id of the node it goes to.")]
    kind: Annotated[str, _about("Name of a synapse kind.")]
    parameters: Annotated[
        dict[str, Any],
        _about('Values that differ from the default: "5 nS", or a number in the declared unit.'),
    ] = {}
    texts: Annotated[
        dict[str, Any],
        _of_each("Expressions and choices that differ from the default.", {"type": "string"}),
    ] = {}
    rule: RuleRecord = RuleRecord()
    features: Annotated[
        dict[str, Any],
        _of_each("Plasticity it carries, with the values that are set.", {"type": "object"}),
    ] = {}


class CircuitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes and links, and the kinds that the circuit brings along."""

    kinds: list[KindRecord] = []
    nodes: list[NodeRecord] = []
    links: list[LinkRecord] = []


class SimulationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How the circuit is simulated."""

    dt: Annotated[Quantity, _about("Time step.")] = "0.025 ms"
    seed: Annotated[
        int, Meta(description="Seed of every random stream.", extra_json_schema={"minimum": 0})
    ] = 1
    speed: Annotated[
        Quantity, _about("Model time shown per second; 0 ms is as fast as it can.")
    ] = "20 ms"
    duration: Annotated[Quantity, _about("Model time of a run if nothing else is asked for.")] = (
        "500 ms"
    )
    dale: Annotated[
        bool, _about("Whether to warn of neurons that both excite and inhibit (Dale's principle).")
    ] = False


class InstrumentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A display below the canvas."""

    id: Annotated[str, _about("Unique among instruments.")] = "scope"
    kind: Annotated[str, _about("What sort of display it is.")] = "oscilloscope"
    settings: Annotated[dict[str, Any], _about("What the display keeps for itself.")] = {}


class ProbeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A numbered tag on a node: what an instrument shows."""

    number: Annotated[
        int,
        Meta(
            description="From 1, unique; gives the tag its colour.",
            extra_json_schema={"minimum": 1},
        ),
    ]
    node: Annotated[str, _about("Id of the node.")]
    variable: Annotated[str, _about("Name of a recordable variable of its kind.")] = "v"
    index: Annotated[
        int, Meta(description="Which neuron of the node.", extra_json_schema={"minimum": 0})
    ] = 0
    instrument: Annotated[str, _about("Id of the instrument that shows it.")] = "scope"


class BenchRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Instruments and probes around the circuit."""

    instruments: list[InstrumentRecord] = msgspec.field(
        default_factory=lambda: [InstrumentRecord()]
    )
    probes: list[ProbeRecord] = []


class NotesRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The words that come with a circuit."""

    title: str = ""
    lesson: Annotated[str | list[str], _about("Text, or its lines one by one.")] = ""


class FileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A NeuroCanvas circuit."""

    format: Annotated[str, Meta(extra_json_schema={"const": FORMAT})]
    version: Annotated[int, Meta(extra_json_schema={"const": VERSION})]
    circuit: CircuitRecord = CircuitRecord()
    simulation: SimulationRecord = SimulationRecord()
    bench: BenchRecord = BenchRecord()
    notes: NotesRecord = NotesRecord()


class FragmentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a circuit on its way through the clipboard."""

    format: str
    version: int
    kinds: list[KindRecord] = []
    nodes: list[NodeRecord] = []
    links: list[LinkRecord] = []


class ShapeError(Exception):
    """A file whose shape is wrong: which element, which value and what would be right."""


R = TypeVar("R", bound=msgspec.Struct)


def read_record(raw: object, record: type[R]) -> R:
    """Read plain JSON values as a record.

    Raises:
        ShapeError: Something is missing or of the wrong type.
    """
    try:
        return msgspec.convert(raw, record)
    except msgspec.ValidationError as error:
        raise ShapeError(_in_words(str(error), raw)) from None


_ERROR = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?\Z", re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z_]+)|\[(\d+)\]")
_RIGHT = {
    "int": "a whole number such as 3",
    "float": "a number such as 0.5",
    "bool": "true or false",
    "str": "text in quotes",
    "array": "a list: [...]",
    "object": "an object: {...}",
}


def _in_words(message: str, raw: object) -> str:
    """Turn "Expected `int`, got `str` - at `$.circuit.nodes[3].size`" into words for a person."""
    match = _ERROR.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    place, value = _follow(raw, path)
    missing = re.search(r"required field `(\w+)`", what)
    if missing:
        return f"{place}: {missing[1]!r} is missing" if place else f"{missing[1]!r} is missing"
    wanted = re.search(r"Expected `([^`]+)`", what)
    types = wanted[1].split(" | ") if wanted else []
    right = " or ".join(_RIGHT[t] for t in types if t in _RIGHT)
    shown = f"{brief(value)} is not possible"
    reason = f"{shown}; {right} would be right" if right else f"{shown}: {what}"
    return f"{place}: {reason}" if place else reason


def _follow(raw: object, path: str) -> tuple[str, object]:
    """Return the words for a place in the file, and the value that stands there."""
    words: list[str] = []
    value: Any = raw
    section = ""
    for key, index in _STEP.findall(path):
        if key:
            value, section = value[key], key
            words.append(key)
            continue
        value = value[int(index)]
        if section in ("nodes", "links", "instruments", "probes", "kinds"):
            words = [element_name(section[:-1], value, int(index))]
        elif section in ("parameters", "variables"):
            words[-1] = element_name(section[:-1], value, int(index))
        else:
            words.append(f"item {int(index) + 1}")
    return ": ".join(words), value


def element_name(word: str, raw: object, index: int) -> str:
    """Return what to call an element of a file: ``node "A"``, or its number if it has no name."""
    if isinstance(raw, dict):
        for key in ("label", "id", "number", "name"):
            name = raw.get(key)
            if isinstance(name, (str, int)) and name:
                return f"{word} {brief(name)}"
    return f"{word} number {index + 1}"


def brief(value: object, limit: int = 60) -> str:
    """Return a value as JSON shows it, cut where it is long."""
    if isinstance(value, (dict, list)):
        return "{...}" if isinstance(value, dict) else "[...]"
    text = msgspec.json.encode(value).decode("utf-8", "replace")
    return text if len(text) <= limit else f"{text[: limit - 1]}\u2026"


def unknown_keys(raw: Mapping[str, Any], record: type[msgspec.Struct]) -> Raw:
    """Return what an object of a file says beyond what its record knows."""
    known = _keys(record)
    return {} if raw.keys() <= known else {k: v for k, v in raw.items() if k not in known}


@cache
def _keys(record: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(record.__struct_fields__)


def unknown_places(raw: Raw, record: type[msgspec.Struct], place: str) -> dict[str, set[str]]:
    """Return key -> places for the unknown keys of an object that fits its record, and below it."""
    found: dict[str, set[str]] = {}
    _note_unknown(raw, record, place, found)
    return found


def _note_unknown(
    raw: Raw, record: type[msgspec.Struct], place: str, found: dict[str, set[str]]
) -> None:
    for key in raw.keys() - set(record.__struct_fields__):
        found.setdefault(key, set()).add(place)
    for key, inner in _objects_below(record).items():
        below = raw.get(key, {})
        for item in below if isinstance(below, list) else (below,):
            _note_unknown(item, inner, key, found)


@cache
def _objects_below(record: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """Return key -> record for the objects, and lists of objects, that a record holds."""
    found = {}
    for field in msgspec.structs.fields(record):
        inner = field.type if isinstance(field.type, type) else (*get_args(field.type), None)[0]
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            found[field.name] = inner
    return found


def schema_text() -> str:
    """Return the JSON Schema of the file, as it is published in ``resources``."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= {"title": "NeuroCanvas circuit"} | msgspec.json.schema(FileRecord)
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
