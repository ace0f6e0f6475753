"""Has functions compiled that are not there yet, in processes of their own.

A compiler holds Python's lock for long stretches; in a thread it would make the window and the
running circuit stumble, and numba itself takes over a second to come up. Several processes also
use several processors. One that has nothing to do ends by itself.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict

from neurocanvas.errors import SimulationError
from neurocanvas.sim.native import objects
from neurocanvas.sim.native.items import Exported, Item, Text
from neurocanvas.sim.native.objects import Function

MOST = 4
"""So many processes compile at a time, where there are so many processors."""

BELOW_NORMAL = 0x00004000
NO_WINDOW = 0x08000000
"""Flags of a process on Windows: behind the window, and without a console."""

Tell = Callable[[int, int], None]

log = logging.getLogger(__name__)


class Cancelled(SimulationError):
    """Compiling was ended before everything was there."""


def made(item: Item) -> Function:
    """Return a function from memory, from disk or from the compiler."""
    found = objects.loaded(item.name)
    if found is None:
        Making([item]).run()
        found = objects.loaded(item.name)
    # Where nothing can be kept on disk, it is made here and now.
    return found if found is not None else _make_here(item)


def missing(items: Iterable[Item]) -> list[Item]:
    """Return what has to be compiled, each once; what is on disk is loaded."""
    unique = {item.name: item for item in items}
    return [item for item in unique.values() if objects.loaded(item.name) is None]


class Making:
    """Compiles some functions and loads them.

    Args:
        items: Which ones; those that are there already are passed over.
        tell: Told (done, total) before each and after the last.
    """

    def __init__(self, items: Iterable[Item], tell: Tell | None = None) -> None:
        todo = sorted(missing(items), key=lambda item: -item.weight)
        self._todo = deque(todo)
        self._total, self._done = len(todo), 0
        self._tell = tell or (lambda done, total: None)
        self._lock = threading.Lock()
        self._working: list[_Compiler] = []
        self._errors: list[SimulationError] = []
        self._cancelled = False

    def run(self) -> None:
        """Compile them all.

        Raises:
            SimulationError: One of them can't be compiled, or it was cancelled.
        """
        if not self._total:
            return
        self._tell(0, self._total)
        count = min(self._total, os.cpu_count() or 1, MOST)
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count - 1)]
        for thread in threads:
            thread.start()
        self._work()
        for thread in threads:
            thread.join()
        if self._cancelled:
            raise Cancelled("compiling was ended")
        if self._errors:
            raise self._errors[0]

    def cancel(self) -> None:
        """End it soon, from another thread."""
        with self._lock:
            self._cancelled = True
            for compiler in self._working:
                compiler.kill()

    def _work(self) -> None:
        while (item := self._next()) is not None:
            try:
                self._make(item)
            except SimulationError as error:
                self._errors.append(error)
            with self._lock:
                self._done += 1
                done = self._done
            self._tell(done, self._total)

    def _next(self) -> Item | None:
        with self._lock:
            return None if self._cancelled or not self._todo else self._todo.popleft()

    def _make(self, item: Item) -> None:
        compiler = _take_compiler()
        with self._lock:
            self._working.append(compiler)
        try:
            compiler.make(item)
        except OSError:
            compiler.kill()
            if not self._cancelled:
                log.warning("%s is compiled here", item.name, exc_info=True)
                _make_here(item)
        else:
            _idle.append(compiler)
            objects.loaded(item.name)
        finally:
            with self._lock:
                self._working.remove(compiler)


def _make_here(item: Item) -> Function:
    """Compile in this process, where no other can be started or nothing be kept on disk."""
    from neurocanvas.sim.native import build

    header, code = build.of_item(item)
    objects.write(item.name, header, code)
    return objects.take(item.name, header, code)


class _Compiler:
    """A process that compiles one item after the other and keeps them on disk."""

    def __init__(self) -> None:
        flags = BELOW_NORMAL | NO_WINDOW if sys.platform == "win32" else 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "neurocanvas.sim.native.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            creationflags=flags, text=True, encoding="utf-8",
        )  # fmt: skip

    @property
    def alive(self) -> bool:
        """Whether it still waits for work."""
        return self._process.poll() is None

    def make(self, item: Item) -> None:
        """Have one item compiled.

        Raises:
            SimulationError: It can't be compiled.
            OSError: The process has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(order_of(item) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise BrokenPipeError("the compiler has ended")
        error = json.loads(answer)["error"]
        if error:
            raise SimulationError(f"{item.name} can't be compiled: {error}")

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


_idle: deque[_Compiler] = deque()


def _take_compiler() -> _Compiler:
    """Return a compiler that has nothing to do, a new one if there is none."""
    while _idle:
        try:
            found = _idle.pop()
        except IndexError:
            break
        if found.alive:
            return found
        found.kill()
    return _Compiler()


def dismiss() -> None:
    """End all processes that wait for work."""
    while _idle:
        _idle.pop().kill()


def order_of(item: Item) -> str:
    """Write an item as a line."""
    return json.dumps(asdict(item))


def item_of(order: str) -> Item:
    """Read an item from a line."""
    found = json.loads(order)
    return Text(**found) if "text" in found else Exported(**found)
