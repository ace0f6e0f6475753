"""Plasticity as edits: what a link can carry, and with which values it begins."""

from __future__ import annotations

from dataclasses import replace

from neurocanvas.app.session import Session
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model import rules
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import Compound, SetFeature
from neurocanvas.model.elements import Link
from neurocanvas.model.plasticity import PlasticityKind

ROOM = 2.0
"""A weight that learns may grow to this many times what it begins with."""


def carriable(circuit: Circuit, link: Link) -> list[PlasticityKind]:
    """Return the plasticity that a link can carry."""
    kinds = [kind for kind in circuit.kinds if isinstance(kind, PlasticityKind)]
    return [kind for kind in kinds if why_not(circuit, link, kind) is None]


def why_not(circuit: Circuit, link: Link, kind: PlasticityKind) -> str | None:
    """Say why a link can't carry a plasticity, or None if it can."""
    if circuit.kind_of(link).placeholder:
        return "a link of an unknown kind can't carry anything"
    try:
        rules.check_features(circuit, replace(link, features={kind.name: {}}))
    except NeuroCanvasError as error:
        return str(error)
    return None


def starting_values(circuit: Circuit, link: Link, kind: PlasticityKind) -> dict[str, float]:
    """Return the values that a link begins with: the defaults, with room above its weight."""
    weight = circuit.values(link).get("weight", 0.0)
    limits = {p.name: p.default for p in kind.parameters if p.name == "w_max"}
    return {name: ROOM * weight for name, usual in limits.items() if 0 < weight != usual / ROOM}


def adding(circuit: Circuit, link_id: str, name: str) -> SetFeature:
    """Return the edit that gives a link a plasticity it does not carry yet."""
    link, kind = circuit.link(link_id), circuit.kinds.get(name)
    if name in link.features or not isinstance(kind, PlasticityKind):
        return SetFeature(link_id, name, link.features.get(name, {}))
    return SetFeature(link_id, name, starting_values(circuit, link, kind))


def give_to_selection(session: Session, name: str) -> None:
    """Give the selected links a plasticity; say so where there are none."""
    circuit = session.circuit
    links = [i for i in session.selection if isinstance(circuit.element(i), Link)]
    edits = tuple(adding(circuit, i, name) for i in links)
    if not edits:
        session.message.emit("Select a link first, or drag it onto one")
        return
    try:
        session.do(edits[0] if len(edits) == 1 else Compound(edits, edits[0].text))
    except NeuroCanvasError as error:
        session.message.emit(str(error))
