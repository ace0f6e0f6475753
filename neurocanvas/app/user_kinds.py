"""The kinds that a user keeps for all circuits, as the window knows them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from neurocanvas.model.kinds import Kind


class UserKinds(QObject):
    """Read from the user's folder when asked to; every change is written at once.

    Signals:
        changed: Others are there now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kinds: tuple[Kind, ...] = ()

    def __contains__(self, name: object) -> bool:
        return any(kind.name == name for kind in self.kinds)

    def get(self, name: str) -> Kind | None:
        """Return the kind of this name, or None."""
        return next((kind for kind in self.kinds if kind.name == name), None)

    def load(self) -> list[str]:
        """Read the folder; returns a line for each file that is refused."""
        from neurocanvas.formats import user_kinds

        found, refused = user_kinds.load()
        if tuple(found) != self.kinds:
            self.kinds = tuple(found)
            self.changed.emit()
        return refused

    def save(self, kind: Kind) -> None:
        """Keep a kind, in the place of one of the same name.

        Raises:
            NeuroCanvasError: It can't be written.
        """
        from neurocanvas.formats import user_kinds

        user_kinds.save(kind)
        self.load()

    def remove(self, name: str) -> None:
        """Forget a kind; circuits that use it have their own copy.

        Raises:
            NeuroCanvasError: Its file can't be removed.
        """
        from neurocanvas.formats import user_kinds

        user_kinds.remove(name)
        self.load()
