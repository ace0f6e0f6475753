"""What a tooltip says of an element: its kind, and what of it differs from the default."""

from __future__ import annotations

from html import escape

from neurocanvas.model.circuit import Circuit
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.projections import RULES
from neurocanvas.model.signs import dale_violations

_MOST = 8


def tooltip(circuit: Circuit, element_id: str) -> str:
    """Return rich text about a node or link; empty if there is none with this id."""
    if element_id not in circuit:
        return ""
    element = circuit.element(element_id)
    kind = circuit.kind_of(element)
    if isinstance(element, Node):
        head = f"<b>{escape(element.label)}</b> \u00b7 {escape(kind.title)}"
        size = f"{element.size} cells" if element.size > 1 else ""
        lines = [size] if size else []
    else:
        pre, post = circuit.node(element.pre), circuit.node(element.post)
        ends = f"{escape(pre.label)} \u2192 {escape(post.label)}"
        head = f"<b>{ends}</b> \u00b7 {escape(kind.title)}"
        lines = [RULES[element.rule.name].title] if max(pre.size, post.size) > 1 else []
    if kind.placeholder:
        lines.append(f"This program does not know the kind {escape(element.kind)}.")
    else:
        lines += _changed(circuit, element_id)
    if circuit.settings.dale and element_id in (found := dale_violations(circuit)):
        lines.append(f"<b>{escape(found[element_id])}</b>")
    return "<br>".join([head, *lines])


def _changed(circuit: Circuit, element_id: str) -> list[str]:
    """A line for each parameter that differs from its default."""
    kind = circuit.kind_of(element_id)
    element = circuit.element(element_id)
    lines = [f"<tt>{escape(name)} = {escape(text)}</tt>" for name, text in element.texts.items()]
    if isinstance(element, Link):
        lines += [escape(circuit.kinds.get(name).title) for name in element.features]
    for parameter in kind.parameters:
        value = circuit.value(element_id, parameter.name)
        if value == parameter.default:
            continue
        shown = parameter.show(value)
        lines.append(f"{escape(parameter.title or parameter.name)}: {escape(shown)}")
    if len(lines) > _MOST:
        lines = [*lines[:_MOST], f"and {len(lines) - _MOST} more"]
    return lines
