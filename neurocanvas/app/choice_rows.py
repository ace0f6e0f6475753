"""Rows in which one of several things is chosen: form, synapse kind, connection rule, preset."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QWidget

from neurocanvas.app import bindings
from neurocanvas.app.rows import RIGHT, ChoiceRow, TickBox
from neurocanvas.app.session import Session
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model import rules
from neurocanvas.model.circuit import Circuit
from neurocanvas.model.distributions import Value
from neurocanvas.model.edits import Compound, Edit, SetKind, SetLink, SetParameter
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, Registry, SynapseKind
from neurocanvas.model.projections import RULES, Rule

Option = tuple[str, str]
"""What can be chosen: its title and its name."""


class EditChoice(ChoiceRow):
    """One of several things that elements can be; what is not possible is refused in words."""

    def __init__(self, session: Session, ids: tuple[str, ...], title: str, tip: str) -> None:
        super().__init__(title, tip)
        self._session, self._ids = session, ids
        self.refresh()
        self.box.activated.connect(self._chosen)

    def refresh(self) -> None:
        """Show the present choice."""
        with QSignalBlocker(self.box):
            self.box.clear()
            for text, name in self.options():
                self.box.addItem(text, name)
            shared = {self.present(element) for element in self._elements()}
            self.box.setCurrentIndex(self.box.findData(shared.pop()) if len(shared) == 1 else -1)
        self.fit()

    def _elements(self) -> list[Node | Link]:
        circuit = self._session.circuit
        return [circuit.element(i) for i in self._ids if i in circuit]

    def options(self) -> list[Option]:
        """What can be chosen."""
        raise NotImplementedError

    def present(self, element: Node | Link) -> str:
        """Name of what an element has now."""
        raise NotImplementedError

    def edit(self, element: Node | Link, name: str) -> Edit:
        """The edit that makes an element so."""
        raise NotImplementedError

    def _chosen(self, index: int) -> None:
        name = self.box.itemData(index)
        edits = [self.edit(e, name) for e in self._elements() if self.present(e) != name]
        if not edits:
            return
        try:
            self._session.do(bindings.together(edits))
        except NeuroCanvasError as error:
            self._session.message.emit(str(error))
            self.refresh()


def forms_of(kinds: Registry, kind: Kind) -> list[Kind]:
    """Return the forms of one thing that a kind is one of; none if it is alone."""
    forms = [k for k in kinds if kind.group and k.group == kind.group and not k.placeholder]
    return forms if len(forms) > 1 else []


def shared_values(circuit: Circuit, element: Node | Link, name: str) -> dict[str, Value]:
    """Return those values of an element that another kind has a parameter of the same unit for."""
    units = {p.name: p.unit for p in circuit.kinds.get(name).parameters}
    before = {p.name: p.unit for p in circuit.kind_of(element).parameters}
    return {k: v for k, v in element.parameters.items() if units.get(k) == before[k]}


def changed_kind(circuit: Circuit, element: Node | Link, name: str) -> SetKind | SetLink:
    """Return the edit that gives an element another kind; it keeps the values that both have."""
    kept = shared_values(circuit, element, name)
    if isinstance(element, Link):
        return SetLink(element.id, name, element.rule, kept)
    return SetKind(element.id, name, kept)


class FormChoice(EditChoice):
    """Which form of its kind an element is, such as the transfer function of a rate unit."""

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        self._forms = forms_of(session.circuit.kinds, session.circuit.kind_of(ids[0]))
        tip = "<br>".join(f"<b>{k.variant}</b>: {k.title}" for k in self._forms)
        super().__init__(session, ids, "Form", tip)

    def options(self) -> list[Option]:
        return [(kind.variant, kind.name) for kind in self._forms]

    def present(self, element: Node | Link) -> str:
        return element.kind

    def edit(self, element: Node | Link, name: str) -> Edit:
        return changed_kind(self._session.circuit, element, name)


class KindChoice(EditChoice):
    """Which synapse links are; forms of one thing are one entry."""

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        super().__init__(session, ids, "Kind", "What kind of synapse connects the two.")

    def options(self) -> list[Option]:
        found: dict[str, Option] = {}
        chosen = {element.kind for element in self._elements()}
        for kind in self._possible():
            group = kind.group or kind.name
            title = found[group][0] if group in found else kind.title
            if group not in found or kind.name in chosen:
                found[group] = title, kind.name
        return list(found.values())

    def _possible(self) -> Iterable[Kind]:
        """The synapse kinds that all of the links could be, and those that they are."""
        circuit = self._session.circuit
        links = [e for e in self._elements() if isinstance(e, Link)]
        present = {link.kind for link in links}
        for kind in circuit.kinds:
            if not isinstance(kind, SynapseKind) or kind.placeholder:
                possible = kind.name in present
            else:
                refused = (rules.why_not(circuit, k.pre, k.post, kind.name) for k in links)
                possible = not any(refused)
            if possible:
                yield kind

    def present(self, element: Node | Link) -> str:
        return element.kind

    def edit(self, element: Node | Link, name: str) -> Edit:
        return changed_kind(self._session.circuit, element, name)


class RuleChoice(EditChoice):
    """Which neurons of the one node reach which of the other."""

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        tip = "<br>".join(f"<b>{r.title}</b>: {r.doc}" for r in RULES.values())
        super().__init__(session, ids, "Connection", tip)

    def options(self) -> list[Option]:
        return [(kind.title, kind.name) for kind in RULES.values()]

    def present(self, element: Node | Link) -> str:
        return element.rule.name if isinstance(element, Link) else ""

    def edit(self, element: Node | Link, name: str) -> Edit:
        assert isinstance(element, Link)
        rule = element.rule
        return bindings.with_rule(element, Rule(name, {}, rule.self_links, rule.extras))


class PresetChoice(ChoiceRow):
    """One of the published sets of values of a kind; as one step of undo."""

    CUSTOM = "custom"

    def __init__(self, session: Session, ids: tuple[str, ...], kind: Kind) -> None:
        super().__init__("Preset", "A published set of values for all parameters.")
        self._session, self._ids, self._kind = session, ids, kind
        self.box.addItems([*kind.presets, self.CUSTOM])
        self.refresh()
        self.box.activated.connect(self._chosen)

    def refresh(self) -> None:
        """Show which preset the values are, if they are one."""
        with QSignalBlocker(self.box):
            self.box.setCurrentText(self._present() or self.CUSTOM)
        self.fit()

    def _present(self) -> str:
        circuit = self._session.circuit
        there = [i for i in self._ids if i in circuit]
        for title in self._kind.presets:
            wanted = self._values(title).items()
            if all(circuit.value(i, name) == value for i in there for name, value in wanted):
                return title
        return ""

    def _values(self, title: str) -> dict[str, float]:
        return self._kind.defaults() | dict(self._kind.presets[title])

    def _chosen(self, index: int) -> None:
        title = self.box.itemText(index)
        if title not in self._kind.presets:
            self.refresh()
            return
        circuit, defaults = self._session.circuit, self._kind.defaults()
        edits = tuple(
            SetParameter(i, name, None if value == defaults[name] else value)
            for i in self._ids
            for name, value in self._values(title).items()
            if circuit.value(i, name) != value
        )
        if edits:
            self._session.do(Compound(edits, f"set {title}"))


class Switch(QWidget):
    """Something that is so or not, of all of some elements.

    Args:
        text: What is so when it is on.
        tip: Rich text on what that means.
    """

    def __init__(self, text: str, tip: str = "") -> None:
        super().__init__()
        self.box = TickBox(text)
        self.box.setToolTip(tip)
        self.box.clicked.connect(self._clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 5, RIGHT, 5)
        row.addWidget(self.box)
        row.addStretch(1)

    def refresh(self) -> None:
        """Show how it is now."""
        with QSignalBlocker(self.box):
            self.box.setChecked(self.present())

    def present(self) -> bool:
        """Whether it is on."""
        raise NotImplementedError

    def change(self, on: bool) -> None:
        """Turn it on or off; errors are shown in the status bar."""
        raise NotImplementedError

    def _clicked(self, on: bool) -> None:
        self.change(on)
        self.refresh()


class LinkSwitch(Switch):
    """Something that is so or not in the connection rule of links."""

    def __init__(self, session: Session, ids: tuple[str, ...], text: str, tip: str = "") -> None:
        super().__init__(text, tip)
        self._session, self._ids = session, ids
        self.refresh()

    def present(self) -> bool:
        circuit = self._session.circuit
        return all(self.of(circuit.link(i).rule) for i in self._ids if i in circuit)

    def change(self, on: bool) -> None:
        links = [self._session.circuit.link(i) for i in self._ids]
        edits = [bindings.with_rule(k, self.changed(k.rule, on)) for k in links]
        try:
            self._session.do(bindings.together(edits))
        except NeuroCanvasError as error:
            self._session.message.emit(str(error))

    def of(self, rule: Rule) -> bool:
        """Whether it is so in a rule."""
        raise NotImplementedError

    def changed(self, rule: Rule, on: bool) -> Rule:
        """Return the rule with it on or off."""
        raise NotImplementedError


class SelfLinks(LinkSwitch):
    """Whether neurons of a node that is linked to itself may reach themselves."""

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        super().__init__(session, ids, "Neurons may reach themselves")

    def of(self, rule: Rule) -> bool:
        return rule.self_links

    def changed(self, rule: Rule, on: bool) -> Rule:
        return Rule(rule.name, rule.values, on, rule.extras)


class RuleSwitch(LinkSwitch):
    """A parameter of a connection rule that is 0 or 1."""

    def __init__(self, session: Session, ids: tuple[str, ...], rule: str, name: str) -> None:
        self._default = RULES[rule].parameter(name).default
        self._name = name
        parameter = RULES[rule].parameter(name)
        super().__init__(session, ids, parameter.title, parameter.doc)

    def of(self, rule: Rule) -> bool:
        return rule.values.get(self._name, self._default) > 0.5

    def changed(self, rule: Rule, on: bool) -> Rule:
        values = {k: v for k, v in rule.values.items() if k != self._name}
        if float(on) != self._default:
            values[self._name] = float(on)
        return Rule(rule.name, values, rule.self_links, rule.extras)
