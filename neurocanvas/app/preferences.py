"""What the program remembers between two starts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

PROGRAM = "NeuroCanvas"
MAX_RECENT = 8
_RECENT = "recent"


def store() -> QSettings:
    """Return the settings of this user."""
    return QSettings(PROGRAM, PROGRAM)


def text(key: str, default: str = "") -> str:
    """Return a remembered text."""
    return str(store().value(key, default))


def put(key: str, value: object) -> None:
    """Remember a value."""
    store().setValue(key, value)


def data(key: str) -> QByteArray:
    """Return remembered bytes, empty if there are none."""
    value = store().value(key)
    return value if isinstance(value, QByteArray) else QByteArray()


def recent() -> list[Path]:
    """Return the files opened last that still exist, newest first."""
    value = store().value(_RECENT, [])
    names = [value] if isinstance(value, str) else list(value or [])  # type: ignore[call-overload]
    return [Path(name) for name in names if name and Path(name).is_file()]


def add_recent(path: Path) -> None:
    """Put a file at the head of those opened last."""
    path = path.absolute()
    names = [str(path), *(str(p) for p in recent() if p != path)]
    put(_RECENT, names[:MAX_RECENT])
