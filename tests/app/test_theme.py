"""Colours: legible in both themes, and probes that colour-blind eyes can tell apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from neurocanvas.app import theme
from neurocanvas.app.fonts import mono_font, ui_font
from neurocanvas.app.theme import DARK, LIGHT, Theme

both = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=lambda t: t.name)

TEXT_CONTRAST = 4.5
"""WCAG 2.1, success criterion 1.4.3, level AA."""
GRAPHICS_CONTRAST = 3.0
"""WCAG 2.1, success criterion 1.4.11."""
TELLABLE = 15.0
"""Distance in CIE L*a*b* of colours that are told apart at a glance; 2.3 is just noticeable."""

# Machado, Oliveira & Fernandes 2009, IEEE Trans. Vis. Comput. Graph. 15:1291, severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868],
         [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968],
         [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    """Linear sRGB of a colour."""
    c = np.array(QColor(colour).getRgbF()[:3])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """Contrast ratio after WCAG 2.1."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted((linear(a) @ weights, linear(b) @ weights))
    return float((high + 0.05) / (low + 0.05))


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear sRGB."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375],
         [0.2126729, 0.7151522, 0.0721750],
         [0.0193339, 0.1191920, 0.9503041]]
    )  # fmt: skip
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@both
@pytest.mark.parametrize("role", ["text", "text_dim", "accent", "good", "warning", "bad"])
def test_words_are_legible_on_every_panel(colours: Theme, role: str) -> None:
    for ground in ("window", "canvas", "status", "field"):
        shown = contrast(getattr(colours, role), getattr(colours, ground))
        assert shown >= TEXT_CONTRAST, (role, ground, shown)


@both
@pytest.mark.parametrize(
    ("role", "ground"),
    [
        ("text_faint", "window"), ("text_faint", "field"), ("text_faint", "canvas"),
        ("scope_text", "scope"), ("pill_text", "pill"), ("on_accent", "accent"),
        ("on_accent", "good"), ("neuron_text", "neuron"), ("on_rest", "rest"),
        ("on_spike", "spike"), ("source", "source_fill"), ("text", "highlight"),
        ("code_number", "field"), ("code_name", "field"), ("code_function", "field"),
        ("code_comment", "field"),
    ],
)  # fmt: skip
def test_words_are_legible_on_their_ground(colours: Theme, role: str, ground: str) -> None:
    assert contrast(getattr(colours, role), getattr(colours, ground)) >= TEXT_CONTRAST


@both
@pytest.mark.parametrize("role", ["excitatory", "inhibitory", "injection", "neutral", "selection"])
def test_lines_stand_out_from_the_canvas(colours: Theme, role: str) -> None:
    assert contrast(getattr(colours, role), colours.canvas) >= GRAPHICS_CONTRAST


@both
def test_traces_stand_out_from_the_scope(colours: Theme) -> None:
    for colour in colours.probes:
        assert contrast(colour, colours.scope) >= GRAPHICS_CONTRAST, colour
        assert contrast(colour, colours.on_probe) >= GRAPHICS_CONTRAST, colour


@both
@pytest.mark.parametrize("vision", VISION)
def test_probes_are_told_apart_by_every_eye(colours: Theme, vision: str) -> None:
    assert len(colours.probes) >= 8
    seen = {c: lab(VISION[vision] @ linear(c)) for c in colours.probes}
    for a, b in combinations(colours.probes, 2):
        assert np.linalg.norm(seen[a] - seen[b]) >= TELLABLE, (a, b)


@both
def test_every_name_in_the_style_sheet_is_a_colour(qapp: QApplication, colours: Theme) -> None:
    assert "@" not in theme.style_sheet(colours)


def test_probe_colours_repeat_after_the_last(dark: None) -> None:
    count = len(DARK.probes)
    assert [theme.probe_colour(n) for n in (1, 2, count + 1)] == [
        DARK.probes[0],
        DARK.probes[1],
        DARK.probes[0],
    ]


def test_the_environment_forces_a_theme(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, wanted in (("light", LIGHT), ("dark", DARK)):
        monkeypatch.setenv(theme.ENVIRONMENT, name)
        theme.apply(qapp)
        assert theme.current() is wanted
        assert qapp.palette().window().color() == QColor(wanted.window)


def test_it_follows_the_system_until_one_is_chosen(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(theme.ENVIRONMENT, "system")
    system = Qt.ColorScheme.Unknown
    monkeypatch.setattr(theme, "_system_scheme", lambda: system)
    theme.apply(qapp)
    for system, wanted in ((Qt.ColorScheme.Light, LIGHT), (Qt.ColorScheme.Dark, DARK)):
        with qtbot.waitSignal(theme.changed) as signal:
            QGuiApplication.styleHints().colorSchemeChanged.emit(system)
        assert signal.args == [wanted]
        assert theme.current() is wanted
    theme.choose("light")
    system = Qt.ColorScheme.Dark
    QGuiApplication.styleHints().colorSchemeChanged.emit(system)
    assert theme.current() is LIGHT
    assert theme.preferences.text(theme.SETTING) == "light"


def test_a_picture_can_be_painted_in_another_theme(dark: None) -> None:
    with theme.forced(LIGHT):
        assert theme.current() is LIGHT
    assert theme.current() is DARK


def test_the_fonts_come_with_the_program(qapp: QApplication) -> None:
    assert QFontInfo(ui_font()).family() == "Inter"
    assert QFontInfo(mono_font()).family() == "JetBrains Mono"
