"""Colours and fonts of the window, dark and light, following the system.

Everything that paints asks ``current()`` at the moment it paints, and repaints on ``changed``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache, lru_cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from neurocanvas.app import preferences, resources
from neurocanvas.app.fonts import mono_font, ui_font

__all__ = [
    "DARK",
    "LIGHT",
    "Theme",
    "apply",
    "changed",
    "choice",
    "choose",
    "current",
    "forced",
    "made",
    "mono_font",
    "palette",
    "probe_colour",
    "qcolor",
    "style_sheet",
    "ui_font",
]

CHOICES = ("system", "light", "dark")
ENVIRONMENT = "NEUROCANVAS_THEME"
SETTING = "theme"
STYLE = "Fusion"


@dataclass(frozen=True)
class Theme:
    """All colours, as ``#rrggbb`` or ``#aarrggbb``; ``qcolor`` makes a QColor of one.

    Attributes:
        name: ``"dark"`` or ``"light"``.
        window: Panels, bars and dialogs.
        canvas, canvas_dot, canvas_group: The drawing area, its grid, and frames of parts on it.
        status: The strip at the bottom.
        field, field_hover, field_active: What can be typed into or pressed.
        border, border_strong: Lines between panels; edges of fields.
        groove: The part of a slider that is not reached.
        knob: The handle of a slider.
        text, text_dim, text_faint: Words: to read, secondary, hints; all legible on ``window``.
        disabled: Words of what can't be used now.
        accent, on_accent: What is chosen or active, and words on it.
        highlight: The background of a chosen row.
        good, warning, bad: States: runs, takes care, failed.
        excitatory, inhibitory, injection, neutral: Lines of links.
        source, source_fill, source_edge: Sources: their glyph, box and its edge.
        instrument: Glyphs of instruments.
        neuron, neuron_ring, neuron_text: The badge of a neuron where it shows no potential.
        rest, depolarized, spike: Fill of a live neuron from rest over threshold to a spike.
        on_rest, on_spike: Words on such a fill, dark or bright.
        selection, selection_fill: Ring around what is selected; the rubber band.
        pill, pill_text: Small labels on links.
        scope, scope_grid, scope_axis, scope_text: Instruments.
        code_number, code_name, code_function, code_comment: Equation text.
        probes: Colours of probes, in the order of their numbers; distinct for colour-blind eyes.
        on_probe: Words on a probe's colour.
    """

    name: str
    window: str
    canvas: str
    canvas_dot: str
    canvas_group: str
    status: str
    field: str
    field_hover: str
    field_active: str
    border: str
    border_strong: str
    groove: str
    knob: str
    text: str
    text_dim: str
    text_faint: str
    disabled: str
    accent: str
    on_accent: str
    highlight: str
    good: str
    warning: str
    bad: str
    excitatory: str
    inhibitory: str
    injection: str
    neutral: str
    source: str
    source_fill: str
    source_edge: str
    instrument: str
    neuron: str
    neuron_ring: str
    neuron_text: str
    rest: str
    depolarized: str
    spike: str
    on_rest: str
    on_spike: str
    selection: str
    selection_fill: str
    pill: str
    pill_text: str
    scope: str
    scope_grid: str
    scope_axis: str
    scope_text: str
    code_number: str
    code_name: str
    code_function: str
    code_comment: str
    probes: tuple[str, ...]
    on_probe: str


DARK = Theme(
    name="dark",
    window="#181d25",
    canvas="#12161c",
    canvas_dot="#252c37",
    canvas_group="#161c24",
    status="#0e1217",
    field="#1e242e",
    field_hover="#252d39",
    field_active="#2d3644",
    border="#242b36",
    border_strong="#343d4b",
    groove="#2a323e",
    knob="#e8edf4",
    text="#d7dee8",
    text_dim="#9aa5b4",
    text_faint="#7f8b9c",
    disabled="#5b6675",
    accent="#7aa2f7",
    on_accent="#0d1014",
    highlight="#253149",
    good="#57c98b",
    warning="#f0a13a",
    bad="#f2777a",
    excitatory="#f0a13a",
    inhibitory="#5fb3ea",
    injection="#94c37f",
    neutral="#b39ddb",
    source="#a9e08e",
    source_fill="#1d2a22",
    source_edge="#55734d",
    instrument="#e3d48a",
    neuron="#2b3442",
    neuron_ring="#7c8ca3",
    neuron_text="#e3e9f1",
    rest="#2d3c5c",
    depolarized="#8f8f86",
    spike="#f4de73",
    on_rest="#eef2f7",
    on_spike="#11151b",
    selection="#7aa2f7",
    selection_fill="#297aa2f7",
    pill="#151a22",
    pill_text="#9aa5b4",
    scope="#0f1318",
    scope_grid="#1d242d",
    scope_axis="#343d4a",
    scope_text="#8d98a8",
    code_number="#f4c95d",
    code_name="#d7dee8",
    code_function="#7aa2f7",
    code_comment="#7f8b9c",
    probes=(
        "#f4c95d", "#7fd1c8", "#ee5592", "#6d8fdc", "#f1ffa9", "#b8742a", "#a55cf0", "#60ae62",
        "#f7fcff", "#8db2d7",
    ),
    on_probe="#11151b",
)  # fmt: skip

LIGHT = Theme(
    name="light",
    window="#f5f6f8",
    canvas="#fcfcfd",
    canvas_dot="#d9dde4",
    canvas_group="#f4f6f9",
    status="#e9ecf0",
    field="#ffffff",
    field_hover="#eceff4",
    field_active="#dfe5ee",
    border="#dadfe6",
    border_strong="#c3cad4",
    groove="#d3d9e1",
    knob="#ffffff",
    text="#1c2430",
    text_dim="#4f5a69",
    text_faint="#626d7c",
    disabled="#9aa3af",
    accent="#2c62cf",
    on_accent="#ffffff",
    highlight="#dde7fb",
    good="#1c7a47",
    warning="#9c5a00",
    bad="#c22f35",
    excitatory="#cf7410",
    inhibitory="#1c7fc2",
    injection="#4f8f38",
    neutral="#7a5bb8",
    source="#33741f",
    source_fill="#e9f4e3",
    source_edge="#8dbb7a",
    instrument="#8a6d00",
    neuron="#e3e8f0",
    neuron_ring="#6c7a8f",
    neuron_text="#1c2430",
    rest="#c9d6ee",
    depolarized="#e3dcb6",
    spike="#ffc62b",
    on_rest="#1c2430",
    on_spike="#1c2430",
    selection="#2c62cf",
    selection_fill="#242c62cf",
    pill="#ffffff",
    pill_text="#4f5a69",
    scope="#ffffff",
    scope_grid="#e8ebf0",
    scope_axis="#b9c1cc",
    scope_text="#5a6574",
    code_number="#8a5a00",
    code_name="#1c2430",
    code_function="#2c62cf",
    code_comment="#626d7c",
    probes=(
        "#9d8410", "#0c604b", "#9d1f88", "#385ee4", "#f13b88", "#331405", "#5719ff", "#51682a",
        "#1e253a", "#2e88d5",
    ),
    on_probe="#ffffff",
)  # fmt: skip


class _Notifier(QObject):
    changed = Signal(object)


class _State:
    """The theme in use; there is one window system, so there is one of these."""

    def __init__(self) -> None:
        self.choice = "system"
        self.theme = DARK
        self.notifier = _Notifier()
        self.following = False
        self.styled = False


_state = _State()

changed = _state.notifier.changed
"""Emitted with the new ``Theme`` whenever it changes."""


def current() -> Theme:
    """Return the theme in use."""
    return _state.theme


def choice() -> str:
    """Return what was chosen: ``"system"``, ``"light"`` or ``"dark"``."""
    return _state.choice


def probe_colour(number: int) -> str:
    """Return the colour of a probe by its number (from 1); they repeat after the last."""
    probes = _state.theme.probes
    return probes[(number - 1) % len(probes)]


@lru_cache(maxsize=512)
def qcolor(text: str) -> QColor:
    """Return a shared QColor for a colour of the theme; treat it as constant."""
    return QColor(text)


def made() -> QApplication:
    """Return an application in the style that all themes colour.

    ``setStyle`` would do, but Python first makes all that a style has, before the first paint.
    """
    _state.styled = True
    return QApplication([*sys.argv[:1], "-style", STYLE])


def apply(app: QApplication) -> None:
    """Style the application once at the start, and follow the system from then on."""
    if not _state.styled:
        app.setStyle(STYLE)
    app.setFont(ui_font())
    _state.choice = _remembered_choice()
    if not _state.following:
        _state.following = True
        QGuiApplication.styleHints().colorSchemeChanged.connect(_system_changed)
    _use(_resolved(), force=True)


def choose(name: str) -> None:
    """Use ``"system"``, ``"light"`` or ``"dark"`` from now on and remember it."""
    _state.choice = name
    preferences.put(SETTING, name)
    _use(_resolved())


@contextmanager
def forced(theme: Theme) -> Iterator[None]:
    """Paint with another theme for a moment, as for a picture on paper; tells nobody."""
    before, _state.theme = _state.theme, theme
    try:
        yield
    finally:
        _state.theme = before


def _remembered_choice() -> str:
    wanted = os.environ.get(ENVIRONMENT, "") or preferences.text(SETTING, "system")
    return wanted if wanted in CHOICES else "system"


def _resolved() -> Theme:
    if _state.choice == "system":
        return LIGHT if _system_scheme() == Qt.ColorScheme.Light else DARK
    return LIGHT if _state.choice == "light" else DARK


def _system_scheme() -> Qt.ColorScheme:
    return QGuiApplication.styleHints().colorScheme()


def _system_changed() -> None:
    if _state.choice == "system":
        _use(_resolved())


def _use(theme: Theme, force: bool = False) -> None:
    if theme is _state.theme and not force:
        return
    _state.theme = theme
    app = QApplication.instance()
    if isinstance(app, QApplication):
        app.setPalette(palette(theme))
        app.setStyleSheet(style_sheet(theme))
    _state.notifier.changed.emit(theme)


def palette(theme: Theme) -> QPalette:
    """Return the Qt palette of a theme, for what the style sheet does not reach."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window, role.WindowText: theme.text, role.Base: theme.field,
        role.AlternateBase: theme.window, role.Text: theme.text, role.Button: theme.field,
        role.ButtonText: theme.text, role.BrightText: theme.text, role.ToolTipBase: theme.field,
        role.ToolTipText: theme.text, role.PlaceholderText: theme.text_faint,
        role.Highlight: theme.accent, role.HighlightedText: theme.on_accent,
        role.Link: theme.accent, role.LinkVisited: theme.accent, role.Light: theme.field_active,
        role.Midlight: theme.field_hover, role.Mid: theme.border, role.Dark: theme.border,
        role.Shadow: theme.canvas,
    }  # fmt: skip
    result = QPalette()
    for key, value in colours.items():
        result.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.disabled))
    return result


def style_sheet(theme: Theme) -> str:
    """Return the application's style sheet: the template with the theme's colours put in."""
    text = _template()
    values = {k: v for k, v in asdict(theme).items() if isinstance(v, str)}
    values["ui_family"] = ui_font().family()
    values["mono_family"] = mono_font().family()
    # Longest names first, so that @text_dim is not read as @text.
    for key in sorted(values, key=len, reverse=True):
        text = text.replace(f"@{key}", values[key])
    return text


@cache
def _template() -> str:
    return (resources.FOLDER / "style.qss").read_text("utf-8")
