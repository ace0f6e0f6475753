"""The tab with everything about an element that can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from PySide6.QtWidgets import QVBoxLayout, QWidget

from neurocanvas.app import bindings, features
from neurocanvas.app.check_dialog import CheckedWords
from neurocanvas.app.choice_rows import (
    EditChoice,
    FormChoice,
    KindChoice,
    PresetChoice,
    RuleChoice,
    RuleSwitch,
    SelfLinks,
    Switch,
    forms_of,
)
from neurocanvas.app.method_row import AUTOMATIC, MethodChoice, choices, method_words
from neurocanvas.app.plasticity_rows import PlasticitySection
from neurocanvas.app.rows import ParameterRow
from neurocanvas.app.session import Session
from neurocanvas.app.text_rows import TextChoice, TextRow
from neurocanvas.app.widgets import label, rule, scroll_area
from neurocanvas.model.elements import Link, Node
from neurocanvas.model.projections import RULES

if TYPE_CHECKING:
    from neurocanvas.app.data_rows import DataRows

Row = Union[EditChoice, PresetChoice, Switch, TextRow, "DataRows", PlasticitySection]
"""What shows a part of an element, besides its parameters."""


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
        self.choices: dict[str, Row] = {}
        content = QWidget()
        self._content = QVBoxLayout(content)
        self._content.setContentsMargins(0, 8, 0, 12)
        self._content.setSpacing(0)
        self._kind = session.circuit.kind_of(ids[0])
        if isinstance(session.circuit.element(ids[0]), Link):
            self._fill_link()
        else:
            self._fill_node()
        self._add_rule()
        self._add_words()
        self._content.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll_area(content))

    def _fill_node(self) -> None:
        self._add_form()
        self._add_values()
        if self._kind.data and not self._kind.placeholder:
            from neurocanvas.app.data_rows import DataRows

            self._add("data", DataRows(self._session, self._ids, self._kind.data))
        if self._content.count():
            self._add_rule()
        self._add_rows([bindings.size(self._session, self._ids)])
        if choices(self._kind):
            self._add("integrator", MethodChoice(self._session, self._ids, self._kind))

    def _fill_link(self) -> None:
        session, ids = self._session, self._ids
        self._add("kind", KindChoice(session, ids))
        self._add_form()
        self._add_connection()
        self._add_rule()
        self._add_values()
        links = [session.circuit.link(i) for i in ids]
        kinds = features.carriable(session.circuit, links[0])
        if kinds:
            self._add_rule()
            self._add("plasticity", PlasticitySection(session, ids, kinds))

    def _add_form(self) -> None:
        if forms_of(self._session.circuit.kinds, self._kind):
            self._add("form", FormChoice(self._session, self._ids))

    def _add_connection(self) -> None:
        session, ids = self._session, self._ids
        self._add("rule", RuleChoice(session, ids))
        links = [session.circuit.link(i) for i in ids]
        names = {link.rule.name for link in links}
        switches = RULES[names.pop()].switches if len(names) == 1 else ()
        found = bindings.rule_parameters(session, ids)
        self._add_rows([b for b in found if b.parameter.name not in switches])
        for name in switches:
            self._add(name, RuleSwitch(session, ids, links[0].rule.name, name))
        loops = tuple(link.id for link in links if link.pre == link.post)
        if loops:
            self._add("self_links", SelfLinks(session, loops))

    def _add_values(self) -> None:
        session, ids = self._session, self._ids
        if self._kind.presets:
            self._add("preset", PresetChoice(session, ids, self._kind))
        for text in self._kind.texts:
            row = TextChoice if text.choices else TextRow
            self._add(text.name, row(session, ids, text))
        self._add_rows(bindings.parameters(session, ids))

    def _add(self, name: str, row: Row) -> None:
        self.choices[name] = row
        self._content.addWidget(row)

    def _add_rows(self, found: list[bindings.Binding]) -> None:
        for binding in found:
            row = ParameterRow(self._session, binding)
            self.rows[binding.parameter.name] = row
            self._content.addWidget(row)

    def _add_rule(self) -> None:
        self._content.addSpacing(6)
        self._content.addWidget(rule())
        self._content.addSpacing(6)

    def _add_words(self) -> None:
        self._method = label("", "dim", wrap=True)
        source = label(self._kind.source, "faint", wrap=True)
        for words in (self._method, source):
            words.setContentsMargins(16, 4, 16, 4)
        self._content.addWidget(self._method)
        if len(self._ids) == 1 and isinstance(self._session.circuit.element(self._ids[0]), Node):
            self._content.addWidget(CheckedWords(self._session.check, self._ids[0]))
        self._content.addWidget(source)
        self._show_method()

    def _show_method(self) -> None:
        circuit = self._session.circuit
        found = [circuit.element(i) for i in self._ids if i in circuit]
        wanted = {e.integrator for e in found if isinstance(e, Node)} or {AUTOMATIC}
        # Of several that differ, what they would have if nothing were asked for.
        method = wanted.pop() if len(wanted) == 1 else AUTOMATIC
        words = method_words(self._kind, circuit.settings.dt, method)
        self._method.setText(words)
        self._method.setVisible(bool(words))

    def refresh(self) -> None:
        """Show the present values."""
        for row in (*self.rows.values(), *self.choices.values()):
            row.refresh()
        self._show_method()

    def focus(self, name: str) -> None:
        """Let the person type a value for a parameter."""
        if name in self.rows:
            self.rows[name].focus_field()
