"""The fonts of the window: Inter for words, JetBrains Mono for numbers and equations.

Both come with the program, so that it looks the same and nothing is clipped on any system.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from neurocanvas.app import resources

UI_PIXELS = 13
MONO_PIXELS = 12
_UI_FAMILY = "Inter"
_MONO_FAMILY = "JetBrains Mono"


def ui_font(pixels: int = UI_PIXELS, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the font for words."""
    return _font(_UI_FAMILY, pixels, weight)


def mono_font(pixels: int = MONO_PIXELS, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the font for numbers, names and equations; all its characters are equally wide."""
    font = _font(_MONO_FAMILY, pixels, weight)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _font(family: str, pixels: int, weight: QFont.Weight) -> QFont:
    load()
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    # Unhinted outlines keep the letters' own weight and widths at every scale of the screen.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@cache
def load() -> None:
    """Make the program's own fonts known to Qt, once."""
    for entry in (resources.FOLDER / "fonts").iterdir():
        if entry.name.endswith((".otf", ".ttf")):
            QFontDatabase.addApplicationFontFromData(entry.read_bytes())
