"""Garbage is looked for in the window's thread alone.

Python looks for it in whichever thread has just made an object, and deletes what it finds there.
Among it may be Qt objects: deleted in the runner's thread they take locks of Qt and then wait for
Python's, which the window's thread may hold while it waits for those of Qt; both stand still for
ever. Nor may timers and widgets be deleted anywhere but in their own thread.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

MANY = 20_000
"""So many new objects, more than have gone, until garbage is looked for among them.

It follows all that they refer to. After an edit that is the whole circuit, again and again: at
Python's own 700, a tenth of the time from an edit to the next sample.
"""
LOOK_MS = 250


def keep(parent: QObject) -> None:
    """From now on collect garbage from time to time in this thread, as long as ``parent`` lives.

    What there is already is taken to stay for good, and never looked through again.
    """
    gc.disable()
    gc.set_threshold(MANY)
    gc.freeze()
    timer = QTimer(parent, interval=LOOK_MS)
    timer.timeout.connect(collect_what_is_due)
    timer.start()


def collect_what_is_due() -> None:
    """Collect much as Python would by itself: the oldest generation that has waited long enough.

    Python also lets the oldest objects wait until a quarter as many are new; how many, it keeps
    for itself.
    """
    counts, thresholds = gc.get_count(), gc.get_threshold()
    due = [age for age in range(3) if counts[age] > thresholds[age] > 0]
    if due:
        gc.collect(max(due))
