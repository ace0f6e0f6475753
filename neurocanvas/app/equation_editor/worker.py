"""The thread that computes previews: always the newest question, never in the window's thread.

When the text has rested for a while, the same thread compiles its kernel: then OK finds it ready.
"""

from __future__ import annotations

import logging
import threading

from PySide6.QtCore import QObject, Signal

from neurocanvas.app.equation_editor.response import Question, Response, Stopped, answer
from neurocanvas.errors import NeuroCanvasError

PREPARE_AFTER_S = 1.5
"""How long a text must rest before its kernel is compiled."""

log = logging.getLogger(__name__)


class Worker(QObject):
    """Answers questions one at a time; a newer one takes the place of those before.

    Signals:
        answered: A ``Response``; emitted in the thread, so connections to widgets are queued.
    """

    answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed = threading.Condition()
        self._waiting: Question | None = None
        self._newest = 0
        self._open = True
        self._thread: threading.Thread | None = None

    def ask(self, question: Question) -> None:
        """Have a question answered, and none before it."""
        with self._changed:
            self._waiting, self._newest = question, question.number
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="neurocanvas-preview", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def forget(self, number: int) -> None:
        """Stop working on questions before this number."""
        with self._changed:
            self._waiting, self._newest = None, number
            self._changed.notify()

    def close(self) -> None:
        """End the thread as soon as it looks up."""
        with self._changed:
            self._open, self._waiting = False, None
            self._changed.notify()

    def wait(self, timeout_s: float = 30.0) -> None:
        """Wait until the thread has ended after ``close``."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._open and self._waiting is None:
                    self._changed.wait()
                question, self._waiting = self._waiting, None
            if question is None or not self._open:
                return
            if self._answer(question) and self._rests(question):
                _prepare(question)

    def _rests(self, question: Question) -> bool:
        """Wait a while; returns whether the question is still the newest."""
        with self._changed:
            return not self._changed.wait_for(lambda: not self._wanted(question), PREPARE_AFTER_S)

    def _answer(self, question: Question) -> bool:
        """Answer a question; returns whether the equations could be carried out."""
        try:
            response = answer(question, lambda: self._wanted(question))
        except Stopped:
            return False
        except NeuroCanvasError as error:
            response = Response(question, trouble=str(error))
        except Exception as error:
            log.exception("the preview could not be computed")
            response = Response(question, trouble=f"this could not be computed: {error}")
        if self._wanted(question):
            self.answered.emit(response)
        return not response.trouble

    def _wanted(self, question: Question) -> bool:
        return self._open and question.number == self._newest


def _prepare(question: Question) -> None:
    """Compile the kernel that the circuit will ask for first."""
    from neurocanvas.sim.kernels import compile_all
    from neurocanvas.sim.writing.codegen import KindKey, Variant, generate

    try:
        compile_all([generate(KindKey(question.kind), Variant())])
    except Exception:  # what can't be compiled is named when it is used
        log.exception("the kernel of %s could not be made ready", question.kind.name)
