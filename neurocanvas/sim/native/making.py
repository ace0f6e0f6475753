"""Has functions compiled that are not there yet, in processes of their own.

A compiler holds Python's lock for long stretches; in a thread it would make the window and the
running circuit stumble, and numba itself takes over a second to come up. Several processes also
use several processors. One that has nothing to do ends by itself.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from neurocanvas.errors import SimulationError
from neurocanvas.sim.native import memory, objects
from neurocanvas.sim.native.calls import Function
from neurocanvas.sim.native.items import Exported, Item, Text

MOST = 4
"""So many processes compile at a time, where there are so many processors."""

BELOW_NORMAL = 0x00004000
NO_WINDOW = 0x08000000
"""Flags of a process on Windows: behind the window, and without a console."""

POLL_S = 0.1
"""How often who waits is asked whether it is still wanted."""

Tell = Callable[[int, int], None]

log = logging.getLogger(__name__)


def made(item: Item) -> Function:
    """Return a function from memory, from disk or from the compiler."""
    found = memory.loaded(item.name)
    if found is None:
        Making([item]).run()
        found = memory.loaded(item.name)
    # Where nothing can be kept on disk, it is made here and now.
    return found if found is not None else _make_here(item)


def missing(items: Iterable[Item]) -> list[Item]:
    """Return what has to be compiled, each once and in order; what is on disk is loaded."""
    unique = {item.name: item for item in items}
    return [item for item in unique.values() if memory.loaded(item.name) is None]


def longest_first(items: Iterable[Item]) -> list[Item]:
    """Put items in the order in which several processes are done soonest."""
    return sorted(items, key=lambda item: -item.weight)


class Making:
    """Compiles some functions and loads them.

    Args:
        items: Which ones, the most urgent ones first; those that are there are passed over.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = list(items)
        self._todo: deque[Item] = deque()
        self._total = 0
        self._lock = threading.Lock()
        self._working: list[_Compiler] = []
        self._answers: queue.SimpleQueue[SimulationError | None] = queue.SimpleQueue()
        self._cancelled = False

    def run(self, tell: Tell | None = None) -> None:
        """Compile them all.

        Args:
            tell: Told (done, total) from time to time; may raise to end it.

        Raises:
            SimulationError: One of them can't be compiled.
        """
        self._todo.extend([] if self._cancelled else missing(self._items))
        self._total = len(self._todo)
        count = min(self._total, os.cpu_count() or 1, MOST)
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        try:
            for thread in threads:
                thread.start()
            self._wait(tell or (lambda done, total: None))
        except BaseException:
            self.kill()
            raise
        finally:
            for thread in threads:
                thread.join()

    def cancel(self) -> None:
        """Begin nothing new; what is being compiled will be there for others."""
        with self._lock:
            self._todo.clear()
            self._cancelled = True

    def kill(self) -> None:
        """End it at once."""
        self.cancel()
        with self._lock:
            for compiler in self._working:
                compiler.kill()

    def _wait(self, tell: Tell) -> None:
        done = 0
        while done < self._total:
            tell(done, self._total)
            if self._cancelled:
                return
            try:
                error = self._answers.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            done += 1
        if self._total:
            tell(done, done)

    def _work(self) -> None:
        while (item := self._next()) is not None:
            try:
                self._make(item)
            except SimulationError as error:
                self._answers.put(error)
            except Exception as error:
                log.exception("%s can't be compiled", item.name)
                self._answers.put(SimulationError(f"{item.name} can't be compiled: {error}"))
            else:
                self._answers.put(None)

    def _next(self) -> Item | None:
        with self._lock:
            return None if self._cancelled or not self._todo else self._todo.popleft()

    def _make(self, item: Item) -> None:
        """Have an item compiled, or wait for who has it compiled already."""
        mine = threading.Event()
        while (other := _under_way.setdefault(item.name, mine)) is not mine:
            if self._cancelled:
                return
            other.wait(POLL_S)
        try:
            if memory.loaded(item.name) is None:
                self._compile(item)
        finally:
            del _under_way[item.name]
            mine.set()

    def _compile(self, item: Item) -> None:
        try:
            compiler = _take_compiler()
        except OSError:
            _make_here(item)
            return
        with self._lock:
            self._working.append(compiler)
        try:
            compiler.make(item)
        except OSError:
            if not self._cancelled:
                log.warning("%s is compiled here", item.name, exc_info=True)
                _make_here(item)
        finally:
            with self._lock:
                self._working.remove(compiler)
            _put_back(compiler)
        memory.loaded(item.name)


def _make_here(item: Item) -> Function:
    """Compile in this process, where no other can be started or nothing be kept on disk."""
    from neurocanvas.sim.native import build

    header, code = build.of_item(item)
    objects.write(item.name, header, code)
    return memory.take(item.name, header, code)


def in_python(program: str) -> list[str]:
    """Return the command that runs a program with this very package, wherever it is started."""
    root = str(Path(__file__).parents[3])
    return [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {root!r}); {program}"]


class _Compiler:
    """A process that compiles one item after the other and keeps them on disk."""

    def __init__(self) -> None:
        flags = BELOW_NORMAL | NO_WINDOW if sys.platform == "win32" else 0
        self._process = subprocess.Popen(
            in_python("from neurocanvas.sim.native.worker import main; main()"),
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
        """End it at once; from any thread."""
        self._process.kill()

    def close(self) -> None:
        """End it, and take away what is left of it."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


_under_way: dict[str, threading.Event] = {}
"""Names of items that are being compiled, and what is set when they are there or will not be."""

_idle: deque[_Compiler] = deque()


def _put_back(compiler: _Compiler) -> None:
    """Keep a compiler for the next work, if it has not been ended."""
    if compiler.alive:
        _idle.append(compiler)
    else:
        compiler.close()


def _take_compiler() -> _Compiler:
    """Return a compiler that has nothing to do, a new one if there is none."""
    while _idle:
        try:
            found = _idle.pop()
        except IndexError:
            break
        if found.alive:
            return found
        found.close()
    return _Compiler()


def begin(items: Iterable[Item]) -> None:
    """Load some functions; where any are missing, begin to compile the one that takes longest.

    It goes on in a thread. For what else will be missing, a second compiler comes up meanwhile.
    """
    todo = longest_first(missing(items))
    if not todo:
        return
    with suppress(OSError):
        _idle.extend([_Compiler() for _ in range(min(2, os.cpu_count() or 1))])
    threading.Thread(target=Making(todo[:1]).run, name="neurocanvas-begun", daemon=True).start()


def dismiss() -> None:
    """End all processes that wait for work."""
    while _idle:
        _idle.pop().close()


atexit.register(dismiss)


def order_of(item: Item) -> str:
    """Write an item as a line, and where it is to be kept."""
    return json.dumps({"root": os.environ.get(objects.CACHE_VARIABLE, ""), **asdict(item)})


def item_of(order: str) -> Item:
    """Read an item from a line; it will be kept where that says."""
    found = json.loads(order)
    os.environ[objects.CACHE_VARIABLE] = found.pop("root")
    return Text(**found) if "text" in found else Exported(**found)
