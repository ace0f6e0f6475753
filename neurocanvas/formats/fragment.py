"""A part of a circuit as text: what copy puts on the clipboard and paste reads from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

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
from neurocanvas.formats.records import Raw, ShapeError
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import AddLink, AddNode, Compound
from neurocanvas.model.elements import Node

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
    document: Raw = {
        "format": FORMAT,
        "version": rec.VERSION,
        "nodes": [node_json(node, circuit.kinds) for node in nodes],
        "links": [link_json(link, circuit.kinds) for link in links],
    }
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise FileError(files.one_line(f"this can't be copied as JSON: {error}")) from None


def paste_edit(circuit: Circuit, text: str, dx: float = 0.0, dy: float = 0.0) -> Compound:
    """Return the edit that adds a fragment to a circuit, under new ids and free labels.

    Args:
        circuit: Where it goes; kinds that it does not know become placeholders.
        text: What ``to_fragment`` gave.
        dx, dy: How far from its old place it lands, in scene pixels.

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
        add_placeholders(circuit.kinds, record.nodes, record.links)
        nodes = _new_nodes(circuit, record, raw, dx, dy)
        links = _new_links(circuit, record, raw, {old: node.id for old, node in nodes.items()})
    except (NeuroCanvasError, ShapeError) as error:
        raise files.file_error(SOURCE, str(error)) from None
    steps: list[Any] = [AddNode(node) for node in nodes.values()]
    return Compound((*steps, *links), "paste")


def _new_nodes(
    circuit: Circuit, record: rec.FragmentRecord, raw: Raw, dx: float, dy: float
) -> dict[str, Node]:
    """Return old id -> new node."""
    labels = circuit.label_maker()
    found: dict[str, Node] = {}
    for node_record, source in zip(record.nodes, raw.get("nodes", ()), strict=True):
        node = build_node(node_record, source, circuit.kinds)
        if node.id in found:
            raise ShapeError(f"the id {node.id!r} is there twice")
        new_id = circuit.new_id("n")
        label = labels(node.label)
        found[node.id] = replace(node, id=new_id, label=label, x=node.x + dx, y=node.y + dy)
    return found


def _new_links(
    circuit: Circuit, record: rec.FragmentRecord, raw: Raw, new_ids: dict[str, str]
) -> list[AddLink]:
    found = []
    for link_record, source in zip(record.links, raw.get("links", ()), strict=True):
        if not {link_record.pre, link_record.post} <= new_ids.keys():
            raise ShapeError(f"link {rec.brief(link_record.id)}: one of its nodes is missing")
        owner = f"link {rec.brief(link_record.id)}"
        link = build_link(link_record, source, circuit.kinds, owner)
        pre, post = new_ids[link.pre], new_ids[link.post]
        found.append(AddLink(replace(link, id=circuit.new_id("l"), pre=pre, post=post)))
    return found
