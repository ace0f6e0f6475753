"""Where the files lie that come with the window: fonts, icons, the style sheet."""

from __future__ import annotations

from pathlib import Path

# Not by importlib.resources, which loads what reads packages out of archives as well.
FOLDER = Path(__file__).parent.parent / "resources"
