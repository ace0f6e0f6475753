"""The ``.neuro`` file: a circuit as JSON that reads well in a diff and loses nothing.

Keys stand in a fixed order and each node or link on a line of its own; only values that differ from
their default are stored, with their unit. Loading has two phases: the text is read into records,
then a circuit is built from them, edit by edit, under the same rules as at the mouse. Unknown kinds
become placeholders, unknown keys survive.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from neurocanvas.errors import FileError, NeuroCanvasError
from neurocanvas.formats import files
from neurocanvas.formats import records as rec
from neurocanvas.formats.decode import decode_json
from neurocanvas.formats.elements import (
    Optional,
    add_placeholders,
    assemble,
    build_link,
    build_node,
    link_json,
    node_json,
    quantity_json,
    unknown_features,
)
from neurocanvas.formats.own_kinds import build_kinds, kind_json
from neurocanvas.formats.records import Raw, ShapeError, unknown_keys
from neurocanvas.model import edits
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Bench, Instrument, Notes, Probe, Settings
from neurocanvas.model.kinds import Registry
from neurocanvas.model.quantity import parse_quantity

SUFFIX = ".neuro"

COUNTED = 64
"""So many elements are read between two words of how far it is."""

Make = Callable[[Registry], Circuit]
Count = Callable[[int, int], None]


# -- loading -------------------------------------------------------------------------------------


def load(
    path: str | os.PathLike[str],
    registry: Registry,
    *,
    make: Make = Circuit,
    tell: files.Tell | None = None,
) -> tuple[Circuit, tuple[str, ...]]:
    """Read a circuit from a file.

    Args:
        path: The file.
        registry: The kinds that are known; it stays as it is.
        make: Makes the empty circuit over a registry of its own.
        tell: Told how many nodes and links have been read.

    Returns:
        The circuit, and a line for each thing that this version does not know.

    Raises:
        FileError: Naming the file, the element, the value and what would be right.
    """
    name = os.fspath(path)
    return loads(files.read_bytes(path), registry, name=name, make=make, tell=tell)


def loads(
    text: str | bytes,
    registry: Registry,
    *,
    name: str = "circuit",
    make: Make = Circuit,
    tell: files.Tell | None = None,
) -> tuple[Circuit, tuple[str, ...]]:
    """Read a circuit from the text of a file; see ``load``.

    Args:
        text: What the file contains.
        name: What to call it in messages.
    """
    try:
        raw = _checked_format(decode_json(text))
        record = rec.read_record(raw, rec.FileRecord)
        return _build(record, raw, make(_known(registry)), _telling(name, tell))
    except (NeuroCanvasError, ShapeError) as error:
        raise files.file_error(name, str(error)) from None


def _checked_format(raw: object) -> Raw:
    if not isinstance(raw, dict) or raw.get("format") != rec.FORMAT:
        reason = f'"format": "{rec.FORMAT}" is missing'
        raise ShapeError(f"this is no NeuroCanvas circuit: {reason}")
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ShapeError(f"version: {rec.brief(version)} is not possible; {rec.VERSION} is")
    if version > rec.VERSION:
        raise ShapeError(
            f"this file has version {rec.brief(version)} of the format and was written by a newer "
            f"NeuroCanvas; this one reads version {rec.VERSION}, a newer one will open it"
        )
    return raw


def _known(registry: Registry) -> Registry:
    return Registry(kind for kind in registry if not kind.placeholder)


def _telling(name: str, tell: files.Tell | None) -> Count | None:
    """Return what tells how many elements of a file have been read."""
    if tell is None:
        return None
    words = f"opening {os.path.basename(name)}"
    return lambda done, total: tell(words, done, total)


def _build(
    record: rec.FileRecord, raw: Raw, circuit: Circuit, count: Count | None
) -> tuple[Circuit, tuple[str, ...]]:
    section = raw.get("circuit", {})
    for kind in build_kinds(record.circuit.kinds, section.get("kinds", ())):
        _do(circuit, edits.SetOwnKind(kind.name, kind), f"kind {rec.brief(kind.name)}")
    unknown = add_placeholders(circuit.kinds, record.circuit.nodes, record.circuit.links)
    unknown += unknown_features(circuit.kinds, record.circuit.links)
    report = [*unknown, *_unknown_words(raw)]
    circuit.extras = unknown_keys(raw, rec.FileRecord)
    others = unknown_keys(section, rec.CircuitRecord)
    if others:
        circuit.extras |= {"circuit": others}
    build_elements(circuit, record.circuit, section, count)
    _do(
        circuit,
        edits.SetSettings(_settings(record.simulation, raw.get("simulation", {}))),
        "simulation",
    )
    _do(circuit, edits.SetBench(_bench(record.bench, raw.get("bench", {}))), "bench")
    circuit.notes = _notes(record.notes, raw.get("notes", {}))
    return circuit, tuple(report)


def _do(circuit: Circuit, edit: edits.Edit, element: str) -> None:
    """Carry out an edit; name the element if it is refused."""
    try:
        edit.apply(circuit)
    except NeuroCanvasError as error:
        raise ShapeError(f"{element}: {error}") from None


def _unknown_words(raw: Raw) -> list[str]:
    found = rec.unknown_places(raw, rec.FileRecord, "the file")
    return [
        files.one_line(f"{place}: unknown key {rec.brief(key)} is kept as it is")
        for key, places in sorted(found.items())
        for place in sorted(places)
    ]


def build_elements(
    circuit: Circuit,
    record: rec.CircuitRecord | rec.FragmentRecord,
    raw: Raw,
    count: Count | None = None,
) -> None:
    """Add all nodes and links of a file to a circuit.

    Args:
        circuit: Where to.
        record, raw: What the file says of them.
        count: Told (done, total) now and then.

    Raises:
        ShapeError: One of them is refused.
    """
    total = len(record.nodes) + len(record.links)
    for index, node in enumerate(record.nodes):
        if count is not None and index % COUNTED == 0:
            count(index, total)
        source = raw["nodes"][index]
        try:
            edits.AddNode(build_node(node, source, circuit.kinds)).apply(circuit)
        except NeuroCanvasError as error:
            name = rec.element_name("node", source, index)
            reason = str(error).removeprefix(f"{node.label or node.id}: ")
            raise ShapeError(f"{name}: {reason}") from None
    for index, link in enumerate(record.links):
        if count is not None and index % COUNTED == 0:
            count(len(record.nodes) + index, total)
        source = raw["links"][index]
        try:
            _add_link(circuit, link, source)
        except NeuroCanvasError as error:
            name = rec.element_name("link", source, index)
            raise ShapeError(f"{name}: {error}") from None


def _add_link(circuit: Circuit, record: rec.LinkRecord, raw: Raw) -> None:
    owner = f"{circuit.node(record.pre).label} -> {circuit.node(record.post).label}"
    edits.AddLink(build_link(record, raw, circuit.kinds, owner)).apply(circuit)


def _settings(record: rec.SimulationRecord, raw: Raw) -> Settings:
    return Settings(
        dt=parse_quantity(record.dt, "ms", "simulation: dt"),
        seed=record.seed,
        speed=parse_quantity(record.speed, "ms", "simulation: speed"),
        duration=parse_quantity(record.duration, "ms", "simulation: duration"),
        dale=record.dale,
        extras=unknown_keys(raw, rec.SimulationRecord),
    )


def _bench(record: rec.BenchRecord, raw: Raw) -> Bench:
    raw_instruments = raw.get("instruments", [{}] * len(record.instruments))
    instruments = tuple(
        Instrument(i.id, i.kind, i.settings, unknown_keys(source, rec.InstrumentRecord))
        for i, source in zip(record.instruments, raw_instruments, strict=True)
    )
    probes = tuple(
        Probe(
            p.number,
            p.node,
            p.variable,
            p.index,
            p.instrument,
            unknown_keys(source, rec.ProbeRecord),
        )
        for p, source in zip(record.probes, raw.get("probes", []), strict=True)
    )
    return Bench(instruments, probes, unknown_keys(raw, rec.BenchRecord))


def _notes(record: rec.NotesRecord, raw: Raw) -> Notes:
    lesson = record.lesson if isinstance(record.lesson, str) else "\n".join(record.lesson)
    return Notes(record.title, lesson, unknown_keys(raw, rec.NotesRecord))


# -- saving --------------------------------------------------------------------------------------


def save(circuit: Circuit, path: str | os.PathLike[str]) -> None:
    """Write a circuit to a file; if that fails at any point, the old file is as it was.

    Raises:
        FileError: It can't be written.
    """
    data = dumps(circuit).encode()
    with files.atomic_file(path) as file:
        file.write(data)


def dumps(circuit: Circuit) -> str:
    """Return the text of a circuit's file.

    Raises:
        FileError: Settings of an instrument or unknown keys hold what is no JSON.
    """
    try:
        text = _block(_document(circuit), "") + "\n"
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise FileError(files.one_line(f"the circuit can't be written as JSON: {error}")) from None
    return text


class _Lines(tuple[Any, ...]):
    """A JSON array that is written with one item a line."""


class _Block(dict[str, Any]):
    """A JSON object that is written with one key a line, and its lists with one item a line."""


def _document(circuit: Circuit) -> Raw:
    """Return the whole file as JSON values; arrays of elements are ``_Lines``."""
    extras = dict(circuit.extras)
    others = extras.pop("circuit", {})
    own = sorted(circuit.own_kinds.values(), key=lambda kind: kind.name)
    section: Raw = {"kinds": _Lines(_Block(kind_json(kind)) for kind in own)} if own else {}
    section |= {
        "nodes": _Lines(node_json(node, circuit.kinds) for node in circuit.nodes()),
        "links": _Lines(link_json(link, circuit.kinds) for link in circuit.links()),
    }
    section |= {k: v for k, v in _mapping(others).items() if k not in section}
    optional: Optional = {
        "simulation": (_simulation_json(circuit.settings), {}),
        "bench": (_bench_json(circuit.bench), {}),
        "notes": (_notes_json(circuit.notes), {}),
    }
    required = {"format": rec.FORMAT, "version": rec.VERSION, "circuit": section}
    return assemble(rec.FileRecord, required, optional, extras)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _simulation_json(settings: Settings) -> Raw:
    usual = Settings()
    optional: Optional = {
        "dt": (quantity_json(settings.dt, "ms"), quantity_json(usual.dt, "ms")),
        "seed": (settings.seed, usual.seed),
        "speed": (quantity_json(settings.speed, "ms"), quantity_json(usual.speed, "ms")),
        "duration": (quantity_json(settings.duration, "ms"), quantity_json(usual.duration, "ms")),
        "dale": (settings.dale, usual.dale),
    }
    return assemble(rec.SimulationRecord, {}, optional, settings.extras)


def _bench_json(bench: Bench) -> Raw:
    instruments = _Lines(_instrument_json(instrument) for instrument in bench.instruments)
    usual = _Lines(_instrument_json(instrument) for instrument in Bench().instruments)
    probes = _Lines(_probe_json(probe) for probe in bench.probes)
    optional: Optional = {"instruments": (instruments, usual), "probes": (probes, ())}
    return assemble(rec.BenchRecord, {}, optional, bench.extras)


def _instrument_json(instrument: Instrument) -> Raw:
    required = {"id": instrument.id, "kind": instrument.kind}
    optional: Optional = {"settings": (dict(instrument.settings), {})}
    return assemble(rec.InstrumentRecord, required, optional, instrument.extras)


def _probe_json(probe: Probe) -> Raw:
    required = {"number": probe.number, "node": probe.node, "variable": probe.variable}
    optional: Optional = {"index": (probe.index, 0), "instrument": (probe.instrument, "scope")}
    return assemble(rec.ProbeRecord, required, optional, probe.extras)


def _notes_json(notes: Notes) -> Raw:
    lines = notes.lesson.split("\n")
    lesson = _Lines(lines) if len(lines) > 1 else notes.lesson
    optional: Optional = {"title": (notes.title, ""), "lesson": (lesson, "")}
    return assemble(rec.NotesRecord, {}, optional, notes.extras)


_SECTIONS = frozenset({"circuit", "simulation", "bench", "notes"})


def _block(value: Raw, indent: str) -> str:
    """Write an object with one key a line, sections and lists of elements opened further."""
    inner = indent + "  "
    entries = [f"{inner}{_json(key)}: {_entry(key, item, inner)}" for key, item in value.items()]
    return "{\n" + ",\n".join(entries) + f"\n{indent}}}"


def _entry(key: str, value: object, indent: str) -> str:
    if isinstance(value, _Lines):
        return _lines(value, indent)
    if isinstance(value, dict) and len(indent) == 2 and key in _SECTIONS:
        return _block(value, indent)
    return _json(value)


def _lines(items: Iterable[object], indent: str) -> str:
    written = [f"{indent}  {_item(item, indent)}" for item in items]
    return "[\n" + ",\n".join(written) + f"\n{indent}]" if written else "[]"


def _item(item: object, indent: str) -> str:
    if not isinstance(item, _Block):
        return _json(item)
    opened = {k: _Lines(v) if isinstance(v, list) else v for k, v in item.items()}
    return _block(opened, indent + "  ")


_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
