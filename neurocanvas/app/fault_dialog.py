"""The dialog that says that something went wrong."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QMessageBox

from neurocanvas.app.faults import log_path, words


class FaultDialog(QMessageBox):
    """Says that something went wrong and where the details are; the program goes on."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(QApplication.activeWindow())
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle("NeuroCanvas")
        self.setText("Something went wrong. The circuit is as it was; you can go on and save it.")
        self.setInformativeText(f"{words(error)}\n\nDetails: {log_path()}")
        self.setModal(False)
