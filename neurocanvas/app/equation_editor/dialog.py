"""The window in which people write equations of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from neurocanvas.app.equation_editor import checking, drafts
from neurocanvas.app.equation_editor.drafts import EQUATIONS, Draft
from neurocanvas.app.equation_editor.form import Form
from neurocanvas.app.equation_editor.guesses import guess
from neurocanvas.app.equation_editor.offers import Offers
from neurocanvas.app.equation_editor.parameter_table import ParameterTable
from neurocanvas.app.equation_editor.preview import Preview
from neurocanvas.app.equation_editor.problems import (
    PARAMETERS,
    SYMBOL,
    TITLE,
    Examination,
    Problem,
)
from neurocanvas.app.equation_editor.text_field import EquationField
from neurocanvas.app.equation_editor.words import Words
from neurocanvas.app.widgets import label, restyle, rule
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.kinds import Kind, NeuronKind
from neurocanvas.model.own_kinds import name_for

SIZE = QSize(1120, 760)
FRAME = QSize(16, 48)
"""What the window system may put around it."""
REST_MS = 80
"""How long typing must rest before the text is looked at."""
SYMBOL_WIDTH = 56
TITLE_WIDTH = 220
EXAMPLE = "dv/dt = (E_L - v)/tau_m + I/C_m   # mV: Membrane potential"


class EquationDialog(QDialog):
    """Equations with their parameters, judged while they are typed, and what they do.

    Args:
        kind: What to begin with.
        kinds: All kinds, to guess what parameters mean.
        taken: Names that a new kind can't have; None if the kind keeps its name.
        dt_ms: Time step of the circuit.

    Signals:
        done_with: The kind, when OK is pressed.
        kept: The kind, when it is to be kept for all circuits.
        exported: The kind, when it is to be written to a file.
        import_wanted: A kind is to be read from a file.
    """

    done_with = Signal(object)
    kept = Signal(object)
    exported = Signal(object)
    import_wanted = Signal()

    def __init__(
        self,
        kind: NeuronKind,
        kinds: Iterable[Kind],
        taken: Iterable[str] | None,
        dt_ms: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setSizeGripEnabled(True)
        self._base, self._kinds = kind, tuple(kinds)
        self._taken = None if taken is None else frozenset(taken)
        self.found = Examination()
        self._trouble = ""
        self.title, self.symbol, self.doc = QLineEdit(), QLineEdit(), QLineEdit()
        self.equations = EquationField("Equations", 8, EXAMPLE, grows=True)
        self.words = Words()
        self.form = Form()
        self.table = ParameterTable()
        self.offers = Offers()
        self.preview = Preview(dt_ms)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.examine)
        self._lay_out()
        self._connect()
        self.show_kind(kind)
        self._unchanged = self.draft()
        self.resize(SIZE.boundedTo(self.screen().availableSize() - FRAME))

    # -- building --------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addLayout(self._left(), 10)
        columns.addLayout(self._right(), 10)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 14)
        layout.setSpacing(12)
        layout.addLayout(self._head())
        layout.addWidget(rule())
        layout.addLayout(columns, 1)
        layout.addWidget(rule())
        layout.addLayout(self._buttons())

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for field, word, width, tip in (
            (self.title, "Name", TITLE_WIDTH, "As shown in the palette."),
            (self.symbol, "Symbol", SYMBOL_WIDTH, "One to four letters drawn on the canvas."),
            (self.doc, "What it is", 0, "A sentence, shown in the palette and the inspector."),
        ):
            row.addWidget(label(word, "dim"))
            field.setAccessibleName(word)
            field.setToolTip(tip)
            if width:
                field.setFixedWidth(width)
            row.addWidget(field, 0 if width else 1)
            row.addSpacing(8)
        return row

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(label("EQUATIONS", "heading"))
        head.addStretch(1)
        head.addWidget(label("in ms, mV, pA, nS, pF; I flows in; xi is white noise", "faint"))
        column.addLayout(head)
        column.addWidget(self.equations, 1)
        column.addWidget(self.words)
        column.addWidget(self.form)
        return column

    def _right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self.preview, 1)
        column.addSpacing(6)
        column.addWidget(self.offers)
        column.addWidget(self.table, 1)
        return column

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.keep_button = QPushButton("Save as user kind")
        self.keep_button.setToolTip("Keeps it in the palette of every circuit.")
        self.import_button, self.export_button = (
            QPushButton("Import\u2026"),
            QPushButton("Export\u2026"),
        )
        self.cancel_button, self.ok_button = QPushButton("Cancel"), QPushButton("OK")
        for button in (self.keep_button, self.import_button, self.export_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.cancel_button, self.ok_button):
            button.setMinimumWidth(88)
            row.addWidget(button)
        self.cancel_button.setAutoDefault(False)
        # Enter in a field of one line must not close the window.
        self.ok_button.setAutoDefault(False)
        return row

    def _connect(self) -> None:
        for line in (self.title, self.symbol, self.doc):
            line.textChanged.connect(self._changed)
        self.equations.textChanged.connect(self._changed)
        self.form.changed.connect(self._changed)
        self.table.rows.changed.connect(self._changed)
        self.words.clicked.connect(self.go_to_first_problem)
        self.offers.wanted.connect(self.declare)
        self.offers.unwanted.connect(self.take_away)
        self.keep_button.clicked.connect(lambda _=False: self._hand_on(self.kept))
        self.export_button.clicked.connect(lambda _=False: self._hand_on(self.exported))
        self.import_button.clicked.connect(lambda _=False: self.import_wanted.emit())
        self.ok_button.clicked.connect(lambda _=False: self.accept())
        self.cancel_button.clicked.connect(lambda _=False: self.reject())

    # -- the draft -------------------------------------------------------------------------------

    def show_kind(self, kind: NeuronKind) -> None:
        """Show another kind in all fields."""
        self._base = kind if self._taken is not None else replace(kind, name=self._base.name)
        draft = drafts.draft_of(kind)
        self.title.setText(draft.title)
        self.symbol.setText(draft.symbol)
        self.doc.setText(draft.doc)
        for line in (self.title, self.doc):
            line.setCursorPosition(0)
        self.equations.show_text(draft.text(EQUATIONS))
        self.form.show_texts(dict(draft.texts), draft.accepts)
        self.table.rows.show_rows(draft.rows)
        self.examine()

    def draft(self) -> Draft:
        """Return what stands in the fields."""
        title = self.title.text()
        base = self._base
        if self._taken is not None:
            base = replace(base, name=name_for(title, self._taken))
        texts = {EQUATIONS: self.equations.toPlainText(), **self.form.texts()}
        rows = tuple(self.table.rows.rows)
        return Draft(
            base, title, self.symbol.text(), self.doc.text(), texts, self.form.accepts, rows
        )

    @property
    def changed(self) -> bool:
        """Whether anything differs from what it began with, or from what was last handed on."""
        return self.draft() != self._unchanged

    def _changed(self, *_: object) -> None:
        self.ok_button.setEnabled(False)
        self._rest.start()

    # -- judging ---------------------------------------------------------------------------------

    def examine(self) -> None:
        """Look at the text now, and show what there is to say."""
        self._rest.stop()
        self.found = checking.examine(self.draft())
        self._trouble = ""
        words = self._integrator() if self.found.kind is not None else ""
        self._show_problems()
        self._say(words)
        self.offers.offer(self.found.undeclared, self.found.unused)
        possible = self.found.kind is not None and not self._trouble
        for button in (self.ok_button, self.keep_button, self.export_button):
            button.setEnabled(possible)
        self.setWindowTitle(f"{self.title.text() or 'Own equations'} \u2013 equations")
        if possible and self.found.kind is not None:
            self.preview.show_kind(self.found.kind)
        else:
            self.preview.show_nothing()

    def _integrator(self) -> str:
        """Say which integrator the kind gets and why; note what the engine can't carry out."""
        from neurocanvas.sim import integrators

        assert self.found.kind is not None
        try:
            return integrators.describe(self.found.kind)
        except NeuroCanvasError as error:
            self._trouble = str(error).removeprefix(f"{self.found.kind.title}: ")
            return ""

    def _show_problems(self) -> None:
        found = self.found
        self.equations.show_problems(found.of(EQUATIONS))
        for name, field in self.form.fields.items():
            field.show_problems(found.of(name))
        parameters = {row.name for row in self.table.rows.rows}
        for field in (self.equations, *self.form.fields.values()):
            field.highlighter.set_parameters(parameters)
        self.table.rows.judge(found.of(PARAMETERS), found.unused)
        for line, name in ((self.title, TITLE), (self.symbol, SYMBOL)):
            restyle(line, refused=bool(found.of(name)))

    def _say(self, integrator: str) -> None:
        problem = self._first_problem()
        if problem is None:
            text = self._trouble or integrator
            self.words.say(text, "reason" if self._trouble else "dim", False)
            return
        count = len(self.found.problems) - 1
        more = f" (and {count} more)" if count else ""
        name = "warn" if problem.undeclared else "reason"
        self.words.say(f"{self._place(problem)}{problem.words}{more}", name, True)

    def _first_problem(self) -> Problem | None:
        """Return what to say first: what is broken, then what is only undeclared."""
        return min(self.found.problems, key=lambda p: bool(p.undeclared), default=None)

    def _place(self, problem: Problem) -> str:
        if problem.field == PARAMETERS:
            return ""
        if problem.field == EQUATIONS and problem.length:
            return f"Line {problem.line + 1}: "
        field = self.form.fields.get(problem.field)
        return f"{field.accessibleName()}: " if field is not None else ""

    def go_to_first_problem(self) -> None:
        """Put the cursor where the first problem is."""
        problem = self._first_problem()
        if problem is None:
            return
        if problem.field == PARAMETERS:
            index = self.table.rows.index(problem.line, problem.column)
            self.table.setCurrentIndex(index)
            self.table.setFocus()
        elif problem.field in (TITLE, SYMBOL):
            (self.title if problem.field == TITLE else self.symbol).setFocus()
        else:
            if (
                problem.field in self.form.fields
                and not self.form.fields[problem.field].isVisible()
            ):
                self.form.open_more()
            self.form.fields.get(problem.field, self.equations).go_to(problem)

    # -- parameters ------------------------------------------------------------------------------

    def declare(self, names: Iterable[str]) -> None:
        """Add parameters for names that the text uses."""
        for name in names:
            row = guess(name, self._kinds)
            in_ms = name in (self.form.texts()["refractory"], self.form.texts()["interval"])
            if in_ms and not row.default.endswith("ms"):
                row = replace(row, default="2 ms", minimum="0 ms")
            self.table.rows.add(row)
        self.examine()

    def take_away(self, names: Iterable[str]) -> None:
        """Take parameters away that nothing uses."""
        unwanted = set(names)
        rows = self.table.rows
        rows.remove(i for i, row in enumerate(rows.rows) if row.name in unwanted)
        self.examine()

    # -- closing ---------------------------------------------------------------------------------

    def _hand_on(self, signal) -> bool:
        """Emit the kind as it stands now; returns whether there is one."""
        self.examine()
        if self.found.kind is None or self._trouble:
            self.go_to_first_problem()
            return False
        signal.emit(self.found.kind)
        return True

    def settle(self) -> None:
        """Take what stands in the fields as what was handed on."""
        self._unchanged = self.draft()

    def say_trouble(self, words: str) -> None:
        """Say why the circuit or the disk does not take the kind."""
        self.words.say(words, "reason", False)

    def accept(self) -> None:
        self._hand_on(self.done_with)

    def finish(self) -> None:
        """Close after the kind was taken."""
        self.settle()
        self.close()

    def reject(self) -> None:
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self._rest.stop()
        self.preview.close_worker()
        # QDialog would ask reject() instead, which closes the window.
        event.accept()

    def may_close(self) -> bool:
        """Ask what becomes of changes, if there are any; returns whether it may be closed."""
        return not self.changed or self._may_discard()

    def _may_discard(self) -> bool:
        buttons = QMessageBox.StandardButton
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("NeuroCanvas")
        box.setText(f"Discard the changes of {self.title.text() or 'these equations'}?")
        box.setStandardButtons(buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Cancel)
        return box.exec() == buttons.Discard
