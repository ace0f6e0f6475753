"""A part of a circuit as text: what copy puts on the clipboard and paste reads from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from neurocanvas.errors import FileError, NeuroCanvasError
from neurocanvas.formats import files
from neurocanvas.formats import records as rec
from neurocanvas.formats.decode import decode_json
from neurocanvas.formats.elements import (
    add_placeholders,
    build_link,
    build_node,
    link_json,
    node_json,
)
from neurocanvas.formats.own_kinds import build_kinds, kind_json
from neurocanvas.formats.records import Raw, ShapeError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddLink, AddNode, Compound, SetOwnKind
from neurocanvas.model.elements import Node
from neurocanvas.model.kinds import Kind, Registry
from neurocanvas.model.own_kinds import name_for, with_kinds

FORMAT = "neurocanvas-fragment"
SOURCE = "the clipboard"


def to_fragment(circuit: Circuit, ids: Iterable[str]) -> str:
    """Return nodes, and the links among them, as text.

    Args:
        circuit: What they are in.
        ids: Ids of nodes and links; every link between two of the nodes is taken, no other is.
    """
    wanted = set(ids)
    nodes = [node for node in circuit.nodes() if node.id in wanted]
    inside = {node.id for node in nodes}
    links = [link for link in circuit.links() if {link.pre, link.post} <= inside]
    used = {node.kind for node in nodes} | {link.kind for link in links}
    own = [kind for name, kind in circuit.own_kinds.items() if name in used]
    document: Raw = {
        "format": FORMAT,
        "version": rec.VERSION,
        "kinds": [kind_json(kind) for kind in own],
        "nodes": [node_json(node, circuit.kinds) for node in nodes],
        "links": [link_json(link, circuit.kinds) for link in links],
    }
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise FileError(files.one_line(f"this can't be copied as JSON: {error}")) from None


Place = tuple[float, float]
"""Where a node lies, or how far it is moved: across and down, in scene pixels."""


def stays(places: Sequence[Place]) -> Place:
    """Return how far a fragment is moved that lands where it was."""
    return 0.0, 0.0


def paste_edit(
    circuit: Circuit, text: str, shift: Callable[[Sequence[Place]], Place] = stays
) -> Compound:
    """Return the edit that adds a fragment to a circuit, under new ids and free labels.

    Args:
        circuit: Where it goes; kinds that it does not know become placeholders, but for those
            that the fragment brings along.
        text: What ``to_fragment`` gave.
        shift: Given the old places of its nodes, returns how far from there it lands.

    Raises:
        FileError: The text is no fragment, or has values that are not possible.
    """
    try:
        raw = decode_json(text)
        if not isinstance(raw, dict) or raw.get("format") != FORMAT:
            raise ShapeError("this is no part of a circuit; copy one first")
        record = rec.read_record(raw, rec.FragmentRecord)
        if record.version > rec.VERSION:
            raise ShapeError("this was copied from a newer NeuroCanvas")
        own = _own_kinds(circuit, record, raw)
        record = _renamed(record, own)
        kinds = _known_kinds(circuit, record, own)
        by = shift([(node.x, node.y) for node in record.nodes])
        nodes = _new_nodes(circuit, record, raw, kinds, by)
        new_ids = {old: node.id for old, node in nodes.items()}
        links = _new_links(circuit, record, raw, kinds, new_ids)
    except (NeuroCanvasError, ShapeError) as error:
        raise files.file_error(SOURCE, str(error)) from None
    steps: list[Any] = [
        SetOwnKind(kind.name, kind) for kind in own.values() if kind.name not in circuit.kinds
    ]
    steps += [AddNode(node) for node in nodes.values()]
    return Compound((*steps, *links), "paste")


def _own_kinds(circuit: Circuit, record: rec.FragmentRecord, raw: Raw) -> dict[str, Kind]:
    """Return name in the fragment -> kind, under a name that means the same in the circuit."""
    found = {}
    taken = {kind.name for kind in circuit.kinds}
    for kind in build_kinds(record.kinds, raw.get("kinds", ())):
        here = circuit.own_kinds.get(kind.name)
        same = here is not None and kind_json(here) == kind_json(kind)
        name = kind.name
        if name in taken and not same:
            name = name_for(kind.title, taken)
        taken.add(name)
        found[kind.name] = replace(kind, name=name)
    return found


def _renamed(record: rec.FragmentRecord, own: Mapping[str, Kind]) -> rec.FragmentRecord:
    """Return the fragment with the names that its kinds have in the circuit."""
    new = {old: kind.name for old, kind in own.items() if old != kind.name}
    if not new:
        return record
    change = msgspec.structs.replace
    return change(
        record,
        nodes=[change(n, kind=new.get(n.kind, n.kind)) for n in record.nodes],
        links=[change(k, kind=new.get(k.kind, k.kind)) for k in record.links],
    )


def _known_kinds(circuit: Circuit, record: rec.FragmentRecord, own: Mapping[str, Kind]) -> Registry:
    """Return the kinds of the circuit and those brought along; placeholders for all others."""
    brought = {kind.name for kind in own.values()}
    add_placeholders(
        circuit.kinds,
        [node for node in record.nodes if node.kind not in brought],
        [link for link in record.links if link.kind not in brought],
    )
    return with_kinds(circuit.kinds, own.values())


def _new_nodes(
    circuit: Circuit,
    record: rec.FragmentRecord,
    raw: Raw,
    kinds: Registry,
    by: Place,
) -> dict[str, Node]:
    """Return old id -> new node."""
    labels = circuit.label_maker()
    found: dict[str, Node] = {}
    for node_record, source in zip(record.nodes, raw.get("nodes", ()), strict=True):
        if node_record.id in found:
            raise ShapeError(f"the id {node_record.id!r} is there twice")
        found[node_record.id] = build_node(
            node_record,
            source,
            kinds,
            id=circuit.new_id("n"),
            label=labels(node_record.label or node_record.id),
            x=node_record.x + by[0],
            y=node_record.y + by[1],
        )
    return found


def _new_links(
    circuit: Circuit,
    record: rec.FragmentRecord,
    raw: Raw,
    kinds: Registry,
    new_ids: Mapping[str, str],
) -> list[AddLink]:
    found = []
    for link_record, source in zip(record.links, raw.get("links", ()), strict=True):
        owner = f"link {rec.brief(link_record.id)}"
        pre, post = new_ids.get(link_record.pre), new_ids.get(link_record.post)
        if pre is None or post is None:
            raise ShapeError(f"{owner}: one of its nodes is missing")
        new_id = circuit.new_id("l")
        link = build_link(link_record, source, kinds, owner, id=new_id, pre=pre, post=post)
        found.append(AddLink(link))
    return found
