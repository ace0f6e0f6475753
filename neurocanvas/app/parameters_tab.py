"""The tab with everything about an element that can be set."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from neurocanvas.app import bindings
from neurocanvas.app.rows import ChoiceRow, ParameterRow
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import label, rule, scroll_area
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model import rules
from neurocanvas.model.edits import Compound, SetLink, SetParameter
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.kinds import Kind, SynapseKind
from neurocanvas.model.projections import RULES, Rule
from neurocanvas.model.quantity import format_quantity


class ParametersTab(QWidget):
    """Rows for all parameters; for nodes their size, for links their kind and connection rule.

    Args:
        session: The document.
        ids: Elements of one kind.
    """

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        super().__init__()
        self._session, self._ids = session, ids
        self.rows: dict[str, ParameterRow] = {}
        self.choices: list[LinkChoice | PresetChoice] = []
        content = QWidget()
        self._content = QVBoxLayout(content)
        self._content.setContentsMargins(0, 8, 0, 12)
        self._content.setSpacing(0)
        self._kind = session.circuit.kind_of(ids[0])
        self._fill()
        self._content.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll_area(content))

    def _fill(self) -> None:
        if isinstance(self._session.circuit.element(self._ids[0]), Link):
            self._add_link_choices()
            self._add_rows(bindings.rule_parameters(self._session, self._ids))
            self._add_rule()
        if self._kind.presets:
            preset = PresetChoice(self._session, self._ids, self._kind)
            self.choices.append(preset)
            self._content.addWidget(preset)
        self._add_rows(bindings.parameters(self._session, self._ids))
        if isinstance(self._session.circuit.element(self._ids[0]), Node):
            self._add_rule()
            self._add_rows([bindings.size(self._session, self._ids)])
        self._add_rule()
        self._add_words()

    def _add_rows(self, found: list[bindings.Binding]) -> None:
        for binding in found:
            row = ParameterRow(self._session, binding)
            self.rows[binding.parameter.name] = row
            self._content.addWidget(row)

    def _add_rule(self) -> None:
        self._content.addSpacing(6)
        self._content.addWidget(rule())
        self._content.addSpacing(6)

    def _add_link_choices(self) -> None:
        for choice in (KindChoice(self._session, self._ids), RuleChoice(self._session, self._ids)):
            self.choices.append(choice)
            self._content.addWidget(choice)
        loops = [i for i in self._ids if _is_loop(self._session.circuit.link(i))]
        if loops:
            self._content.addWidget(SelfLinks(self._session, tuple(loops)))

    def _add_words(self) -> None:
        self._method = label("", "dim", wrap=True)
        source = label(self._kind.source, "faint", wrap=True)
        for words in (self._method, source):
            words.setContentsMargins(16, 4, 16, 4)
            self._content.addWidget(words)
        self._method.setText(method_words(self._kind, self._session.circuit.settings.dt))

    def refresh(self) -> None:
        """Show the present values."""
        for row in self.rows.values():
            row.refresh()
        for choice in self.choices:
            choice.refresh()
        self._method.setText(method_words(self._kind, self._session.circuit.settings.dt))

    def focus(self, name: str) -> None:
        """Let the person type a value for a parameter."""
        if name in self.rows:
            self.rows[name].focus_field()


def method_words(kind: Kind, dt: float) -> str:
    """Say how the equations of a kind are integrated."""
    from neurocanvas.sim import integrators

    if kind.placeholder:
        return "This kind is unknown here: it is shown and saved, but not simulated."
    plan = integrators.plan(kind)
    if plan.method == integrators.NONE:
        return ""
    how = "exactly" if plan.method == integrators.EXACT else f"with {plan.method}"
    return f"Integrated {how} at {format_quantity(dt, 'ms')}: {plan.reason}."


def _is_loop(link: Link) -> bool:
    return link.pre == link.post


class LinkChoice(ChoiceRow):
    """One of several things that a link can be; what is not possible is refused in words."""

    def __init__(self, session: Session, ids: tuple[str, ...], title: str, tip: str) -> None:
        super().__init__(title, tip)
        self._session, self._ids = session, ids
        self.refresh()
        self.box.activated.connect(self._chosen)

    def refresh(self) -> None:
        """Show the present choice."""
        with QSignalBlocker(self.box):
            self.box.clear()
            for text, data in self.options():
                self.box.addItem(text, data)
            shared = {self.present(link) for link in self._links()}
            self.box.setCurrentIndex(self.box.findData(shared.pop()) if len(shared) == 1 else -1)

    def _links(self) -> list[Link]:
        return [self._session.circuit.link(i) for i in self._ids]

    def options(self) -> list[tuple[str, str]]:
        """What can be chosen: (title, name)."""
        raise NotImplementedError

    def present(self, link: Link) -> str:
        """Name of what a link has now."""
        raise NotImplementedError

    def edit(self, link: Link, name: str) -> SetLink:
        """The edit that makes a link so."""
        raise NotImplementedError

    def _chosen(self, index: int) -> None:
        name = self.box.itemData(index)
        edits = tuple(self.edit(k, name) for k in self._links() if self.present(k) != name)
        if not edits:
            return
        try:
            self._session.do(edits[0] if len(edits) == 1 else Compound(edits, edits[0].text))
        except NeuroCanvasError as error:
            self._session.message.emit(str(error))
            self.refresh()


class KindChoice(LinkChoice):
    """Which synapse the links are."""

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        super().__init__(session, ids, "Kind", "What kind of synapse connects the two.")

    def options(self) -> list[tuple[str, str]]:
        circuit = self._session.circuit
        return [
            (kind.title, kind.name)
            for kind in circuit.kinds
            if isinstance(kind, SynapseKind)
            and all(rules.why_not(circuit, k.pre, k.post, kind.name) is None for k in self._links())
        ]

    def present(self, link: Link) -> str:
        return link.kind

    def edit(self, link: Link, name: str) -> SetLink:
        known = {p.name: p.unit for p in self._session.circuit.kinds.get(name).parameters}
        before = {p.name: p.unit for p in self._session.circuit.kind_of(link).parameters}
        kept = {k: v for k, v in link.parameters.items() if known.get(k) == before[k]}
        return SetLink(link.id, name, link.rule, kept)


class RuleChoice(LinkChoice):
    """Which neurons of the one node reach which of the other."""

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        tip = "<br>".join(f"<b>{r.title}</b>: {r.doc}" for r in RULES.values())
        super().__init__(session, ids, "Connection", tip)

    def options(self) -> list[tuple[str, str]]:
        return [(kind.title, kind.name) for kind in RULES.values()]

    def present(self, link: Link) -> str:
        return link.rule.name

    def edit(self, link: Link, name: str) -> SetLink:
        return bindings.with_rule(link, Rule(name, {}, link.rule.self_links))


class PresetChoice(ChoiceRow):
    """One of the published sets of values of a kind; as one step of undo."""

    OTHER = "other values"

    def __init__(self, session: Session, ids: tuple[str, ...], kind: Kind) -> None:
        super().__init__("Preset", "A published set of values for all parameters.")
        self._session, self._ids, self._kind = session, ids, kind
        self.box.addItems([*kind.presets, self.OTHER])
        self.refresh()
        self.box.activated.connect(self._chosen)

    def refresh(self) -> None:
        """Show which preset the values are, if they are one."""
        with QSignalBlocker(self.box):
            self.box.setCurrentText(self._present() or self.OTHER)

    def _present(self) -> str:
        circuit = self._session.circuit
        for title in self._kind.presets:
            wanted = self._values(title)
            if all(circuit.values(i) == wanted for i in self._ids if i in circuit):
                return title
        return ""

    def _values(self, title: str) -> dict[str, float]:
        return self._kind.defaults() | dict(self._kind.presets[title])

    def _chosen(self, index: int) -> None:
        title = self.box.itemText(index)
        if title not in self._kind.presets:
            self.refresh()
            return
        circuit, defaults, wanted = (
            self._session.circuit,
            self._kind.defaults(),
            self._values(title),
        )
        edits = tuple(
            SetParameter(i, name, None if value == defaults[name] else value)
            for i in self._ids
            for name, value in wanted.items()
            if circuit.values(i)[name] != value
        )
        if edits:
            self._session.do(Compound(edits, f"set {title}"))


class SelfLinks(QCheckBox):
    """Whether neurons of a node that is linked to itself may reach themselves."""

    def __init__(self, session: Session, ids: tuple[str, ...]) -> None:
        super().__init__("Neurons may reach themselves")
        self._session, self._ids = session, ids
        self.setContentsMargins(16, 4, 16, 4)
        self.setChecked(all(session.circuit.link(i).rule.self_links for i in ids))
        self.clicked.connect(self._changed)

    def _changed(self, allowed: bool) -> None:
        edits = []
        for link_id in self._ids:
            link = self._session.circuit.link(link_id)
            changed = Rule(link.rule.name, link.rule.values, allowed)
            edits.append(bindings.with_rule(link, changed))
        self._session.do(edits[0] if len(edits) == 1 else Compound(tuple(edits), edits[0].text))
