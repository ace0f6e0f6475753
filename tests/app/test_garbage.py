"""Garbage is collected, and by nobody but the window's thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from neurocanvas.app import garbage


class Witness:
    """Part of a cycle; notes the thread that it is deleted in."""

    def __init__(self, deleted_in: list[threading.Thread]) -> None:
        self.itself = self
        self.deleted_in = deleted_in

    def __del__(self) -> None:
        self.deleted_in.append(threading.current_thread())


@pytest.fixture
def kept(qtbot: QtBot) -> Iterator[QObject]:
    """Who garbage is collected for."""
    thresholds = gc.get_threshold()
    parent = QObject()
    garbage.keep(parent)
    yield parent
    parent.deleteLater()
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("kept")
def test_another_thread_makes_garbage_and_this_one_collects_it(qtbot: QtBot):
    deleted_in: list[threading.Thread] = []

    def litter() -> None:
        for _ in range(20):
            Witness(deleted_in)
        rubbish = [[] for _ in range(3 * garbage.MANY)]
        rubbish.clear()

    kept_alive = [[] for _ in range(garbage.MANY)]
    other = threading.Thread(target=litter)
    other.start()
    other.join()
    assert not deleted_in
    qtbot.waitUntil(lambda: len(deleted_in) == 20)
    assert set(deleted_in) == {threading.current_thread()}
    assert len(kept_alive) == garbage.MANY


@pytest.mark.usefixtures("kept")
def test_nothing_is_looked_through_before_there_is_much(qtbot: QtBot):
    deleted_in: list[threading.Thread] = []
    Witness(deleted_in)
    garbage.collect_what_is_due()
    assert not deleted_in
    gc.collect()
    assert len(deleted_in) == 1


def test_all_generations_get_their_turn(kept: QObject):
    ages = []
    gc.callbacks.append(lambda phase, info: ages.append(info["generation"]))
    try:
        for _ in range(150):
            more = [[] for _ in range(garbage.MANY + 100)]
            garbage.collect_what_is_due()
            del more
    finally:
        gc.callbacks.pop()
    assert ages.count(0) > ages.count(1) > ages.count(2) > 0
