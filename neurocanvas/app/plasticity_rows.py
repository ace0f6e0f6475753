"""The part of the inspector for what synapses carry: a switch for each plasticity, its values."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from neurocanvas.app import bindings, features
from neurocanvas.app.choice_rows import Switch
from neurocanvas.app.parts import kind_tooltip
from neurocanvas.app.rows import ParameterRow
from neurocanvas.app.session import Session
from neurocanvas.app.widgets import label
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.edits import SetFeature
from neurocanvas.model.plasticity import PlasticityKind


class FeatureSwitch(Switch):
    """Whether links carry a plasticity; turned off, its values are forgotten (undo knows them)."""

    def __init__(self, session: Session, ids: tuple[str, ...], kind: PlasticityKind) -> None:
        super().__init__(kind.title, kind_tooltip(kind))
        self._session, self._ids, self._kind = session, ids, kind
        self.refresh()

    def present(self) -> bool:
        circuit = self._session.circuit
        return all(self._kind.name in circuit.link(i).features for i in self._ids if i in circuit)

    def change(self, on: bool) -> None:
        circuit, name = self._session.circuit, self._kind.name
        edits = [
            features.adding(circuit, i, name) if on else SetFeature(i, name, None)
            for i in self._ids
            if (name in circuit.link(i).features) != on
        ]
        try:
            self._session.do(bindings.together(edits))
        except NeuroCanvasError as error:
            self._session.message.emit(str(error))


class PlasticitySection(QWidget):
    """All that links may carry; the values of what they do carry.

    Args:
        session: Where edits go.
        ids: Links of one kind.
        kinds: The plasticity that such links can carry.
    """

    def __init__(self, session: Session, ids: tuple[str, ...], kinds: list[PlasticityKind]) -> None:
        super().__init__()
        self.switches = {kind.name: FeatureSwitch(session, ids, kind) for kind in kinds}
        self.rows = {kind.name: _rows(session, ids, kind) for kind in kinds}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        heading = label("PLASTICITY", "heading")
        heading.setContentsMargins(16, 2, 0, 4)
        layout.addWidget(heading)
        for name, switch in self.switches.items():
            layout.addWidget(switch)
            for row in self.rows[name].values():
                layout.addWidget(row)
        self.refresh()

    def refresh(self) -> None:
        """Show what is carried now."""
        for name, switch in self.switches.items():
            switch.refresh()
            for row in self.rows[name].values():
                row.setVisible(switch.box.isChecked())
                row.refresh()


def _rows(session: Session, ids: tuple[str, ...], kind: PlasticityKind) -> dict[str, ParameterRow]:
    found = bindings.feature_parameters(session, ids, kind)
    return {binding.parameter.name: ParameterRow(session, binding) for binding in found}
