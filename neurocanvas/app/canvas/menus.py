"""The menu under the right button, by what is under the cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from neurocanvas.app.canvas import hand
from neurocanvas.app.canvas.picking import Hit, Part
from neurocanvas.app.canvas.popup import placeable
from neurocanvas.model.channels import channel_variables
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.edits import SetLink
from neurocanvas.model.elements import Link
from neurocanvas.model.kinds import Kind, SynapseKind
from neurocanvas.model.rules import why_not

if TYPE_CHECKING:
    from neurocanvas.app.canvas.view import CanvasView


def build(view: CanvasView, hit: Hit, at: QPointF) -> QMenu:
    """Return the menu for what is under the cursor; it deletes itself when it closes."""
    menu = QMenu(view)
    menu.aboutToHide.connect(menu.deleteLater)
    if hit.part in (Part.NODE, Part.RING):
        _for_node(menu, view, hit.id)
    elif hit.part is Part.LINK:
        _for_link(menu, view, hit.id)
    else:
        _for_canvas(menu, view, at)
    return menu


def _add(menu: QMenu, text: str, call, shortcut: str = "") -> QAction:
    """An entry with the key that does the same; the key itself is handled by the canvas."""
    action = menu.addAction(f"{text}\t{shortcut}" if shortcut else text)
    action.triggered.connect(lambda _checked=False: call())
    return action


def _for_node(menu: QMenu, view: CanvasView, node_id: str) -> None:
    session = view.session
    _add_probes(menu, view, node_id)
    if hand.touchable(view, Hit(Part.NODE, view.scene.node_row[node_id], node_id)):
        _add(menu, "Make it fire", lambda: hand.fire(view, node_id))
    menu.addSeparator()
    _add(menu, "Parameters", lambda: view.inspect_requested.emit(node_id), "Double-click")
    _add(menu, "Rename", lambda: view.rename(node_id), "F2")
    menu.addSeparator()
    _add(menu, "Cut", lambda: view.guarded(session.cut), "Ctrl+X")
    _add(menu, "Copy", lambda: view.guarded(session.copy), "Ctrl+C")
    _add(menu, "Duplicate", lambda: view.guarded(session.duplicate), "Ctrl+D")
    _add(menu, "Delete", lambda: view.guarded(session.remove_selection), "Del")


def _add_probes(menu: QMenu, view: CanvasView, element_id: str) -> None:
    session = view.session
    variables = channel_variables(session.circuit, session.circuit.element(element_id))
    adding = menu.addMenu("Add probe of")
    for variable in variables.values():
        words = f"{variable.name}  \u2013  {variable.doc}" if variable.doc else variable.name
        _add(adding, words, lambda name=variable.name: view.guarded(
            lambda: session.add_probe(element_id, name)))  # fmt: skip
    adding.setEnabled(bool(variables))
    for probe in session.circuit.bench.probes:
        if probe.node == element_id:
            words = f"Remove probe {probe.number} ({probe.variable})"
            _add(menu, words, lambda number=probe.number: view.guarded(
                lambda: session.remove_probe(number)))  # fmt: skip


def _for_link(menu: QMenu, view: CanvasView, link_id: str) -> None:
    session = view.session
    circuit = session.circuit
    link = circuit.link(link_id)
    kinds = menu.addMenu("Synapse kind")
    group = QActionGroup(kinds)
    for kind in one_of_each_form(possible_kinds(circuit, link), link.kind):
        action = _add(kinds, kind.title, lambda k=kind: view.attempt(with_kind(circuit, link, k)))
        action.setCheckable(True)
        action.setChecked(kind.name == link.kind)
        group.addAction(action)
    opposite = counterpart(circuit, link)
    if opposite is not None:
        word = "inhibitory" if opposite.sign < 0 else "excitatory"
        edit = with_kind(circuit, link, opposite)
        _add(menu, f"Make {word} ({opposite.title})", lambda: view.attempt(edit))
    menu.addSeparator()
    _add_probes(menu, view, link_id)
    menu.addSeparator()
    _add(menu, "Parameters", lambda: view.inspect_requested.emit(link_id), "Double-click")
    _add(menu, "Delete", lambda: view.guarded(session.remove_selection), "Del")


def _for_canvas(menu: QMenu, view: CanvasView, at: QPointF) -> None:
    session = view.session
    place = menu.addMenu("Place")
    x, y = view.camera.to_scene(at)
    for kind in placeable(session.offered()):
        _add(place, kind.title, lambda name=kind.name: view.place(name, QPointF(x, y)))
    _add(menu, "Paste", lambda: view.guarded(lambda: session.paste((x, y))), "Ctrl+V")
    _add(menu, "Select all", session.select_all, "Ctrl+A")
    menu.addSeparator()
    _add(menu, "Fit in window", view.fit, "F")
    _add(menu, "Zoom to 100 %", view.zoom_to_full, "0")
    snap = _add(menu, "Snap to grid", lambda: view.set_snap(not view.snap))
    snap.setCheckable(True)
    snap.setChecked(view.snap)


# -- kinds of links ------------------------------------------------------------------------------


def possible_kinds(circuit: Circuit, link: Link) -> list[SynapseKind]:
    """Return the synapse kinds that a link could be of."""
    return [
        kind
        for kind in circuit.kinds
        if isinstance(kind, SynapseKind)
        and not kind.placeholder
        and why_not(circuit, link.pre, link.post, kind.name) is None
    ]


def counterpart(circuit: Circuit, link: Link) -> SynapseKind | None:
    """Return the kind of the opposite sign whose weight has the same unit, or None.

    Of several, it is one of the same form.
    """
    kind = circuit.kind_of(link)
    if not isinstance(kind, SynapseKind) or not kind.sign:
        return None
    found = [
        other
        for other in possible_kinds(circuit, link)
        if other.sign == -kind.sign and _unit(other, "weight") == _unit(kind, "weight")
    ]
    alike = [other for other in found if other.variant == kind.variant]
    return next(iter([*alike, *found]), None)


def one_of_each_form(kinds: list[SynapseKind], present: str) -> list[SynapseKind]:
    """Return the first of the forms of each thing, but the present one among its own."""
    shown = {kind.group or kind.name: kind for kind in reversed(kinds)}
    shown |= {kind.group or kind.name: kind for kind in kinds if kind.name == present}
    return [kind for kind in kinds if shown[kind.group or kind.name] is kind]


def _unit(kind: Kind, name: str) -> str:
    return next((p.unit for p in kind.parameters if p.name == name), "")


def with_kind(circuit: Circuit, link: Link, kind: SynapseKind) -> SetLink:
    """Return the edit that gives a link another kind; weight and delay stay where they can.

    A reversal potential or a time constant belongs to the kind: those get the new defaults.
    """
    old = circuit.kind_of(link)
    kept = {
        name: value
        for name, value in link.parameters.items()
        if name in ("weight", "delay") and _unit(old, name) == _unit(kind, name) != ""
    }
    return SetLink(link.id, kind.name, replace(link.rule), kept)
