"""Compiled functions on disk and in memory: loaded without a compiler, rebuilt when broken."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numba
import numpy as np
import pytest

from neurocanvas.errors import SimulationError
from neurocanvas.sim.native import build, calls, making, memory, objects
from neurocanvas.sim.native.items import Exported, Text
from neurocanvas.sim.native.making import Making, made

OBSERVE = """
def observe(arena, index, offset, column, consts, link, what, t, dt):
    total = 0.0
    for k in range(index[0], index[1]):
        total += arena[k]
    return total + 100.0 * offset + t / dt
"""
ITEM = Text("of_a_test", OBSERVE, "observe")
ARENA = np.arange(10.0)
CALL = (ARENA, np.array([2, 5]), 3, 0, 0, 0, 0, 0.5, 0.25)
EXPECTED = 2 + 3 + 4 + 300 + 2.0


@pytest.fixture(scope="module")
def built() -> tuple[objects.Header, bytes]:
    return build.of_item(ITEM)


@pytest.fixture
def kept(built, fresh_cache: Path, monkeypatch) -> Path:
    """The file of a function that was built, in a cache of its own; nothing is in memory."""
    monkeypatch.setattr(memory, "_loaded", {})
    objects.write(ITEM.name, *built)
    return objects.folder() / (ITEM.name + objects.SUFFIX)


@pytest.fixture
def no_processes(monkeypatch) -> None:
    def refuse() -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(making, "_take_compiler", refuse)


def function_of(item: Text | Exported) -> calls.Function:
    found = memory.loaded(item.name)
    assert found is not None
    return found


# -- calling ---------------------------------------------------------------------------------------


def test_a_function_from_disk_computes_what_its_text_says(kept):
    assert function_of(ITEM)(*CALL) == EXPECTED


def test_a_caller_notices_what_is_different_from_last_time(kept):
    call = calls.Caller(function_of(ITEM))
    assert call(*CALL) == EXPECTED
    assert call(ARENA + 1, *CALL[1:]) == EXPECTED + 3
    ARENA[2] += 7  # the same array with another content
    try:
        assert call(*CALL) == EXPECTED + 7
    finally:
        ARENA[2] -= 7


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (0, np.arange(10), "float64.* is wanted, not int64"),
        (0, np.zeros((2, 5)), "shape \\(2, 5\\)"),
        (0, np.arange(20.0)[::2], "gaps"),
    ],
)
def test_what_does_not_fit_is_refused(kept, place, value, words):
    wrong = [*CALL]
    wrong[place] = value
    with pytest.raises(TypeError, match=words):
        function_of(ITEM)(*wrong)
    with pytest.raises(TypeError, match="8 arguments"):
        function_of(ITEM)(*CALL[:-1])


def test_arrays_that_compiled_code_makes_live_as_long_as_they_are_used():
    from neurocanvas.sim.bundles import CHUNK, ENTRY, NEXT, Pool

    few = 2
    chunks = np.zeros((few, 2), np.int64)
    chunks[:, NEXT] = [1, -1]
    free = np.array([0, few])
    ring = np.full((4, 2), -1, np.int64)
    pool = Pool(ring, chunks, np.zeros(few * CHUNK, ENTRY), free)
    n = 10 * few * CHUNK  # it has to grow several times
    zeros = np.zeros(n, np.int64)
    start = np.array([0, 1], np.uint32)
    one, first = np.array([1], np.int32), np.array([0, 1], np.int32)
    found = made(Exported("neurocanvas.sim.flights", "resume"))(
        pool, start, one, np.array([0], np.int32), np.array([0, 1]), first, zeros + 2, zeros,
        zeros, zeros + 1, np.arange(n, dtype=float), zeros, zeros,
    )  # fmt: skip
    pool = pool._replace(chunks=found[0], entries=found[1])
    del found
    gc.collect()
    arrival, slices, synapses, sizes = (np.empty(n, np.int64) for _ in range(4))
    counts = np.empty(n)
    assert made(Exported("neurocanvas.sim.flights", "count_flights"))(pool, start, first) == n
    made(Exported("neurocanvas.sim.flights", "list_flights"))(
        pool, start, first, 0, arrival, slices, counts, synapses, sizes
    )
    assert (arrival == 2).all()
    assert np.array_equal(counts, np.arange(n))


# -- on disk ---------------------------------------------------------------------------------------


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "breaking",
    [lambda c: c[:100], lambda c: b"", lambda c: c[:-1], flip, lambda c: b"x" * len(c)],
    ids=["cut", "empty", "short", "one bit", "nonsense"],
)
def test_a_broken_file_is_built_anew(kept, no_processes, breaking):
    whole = kept.read_bytes()
    kept.write_bytes(breaking(whole))
    assert objects.read(ITEM.name) is None
    assert made(ITEM)(*CALL) == EXPECTED
    assert objects.read(ITEM.name) is not None


def test_a_file_that_can_not_be_read_is_built_anew(kept, no_processes):
    kept.unlink()
    kept.mkdir()  # whoever runs this, a folder is no file
    assert made(ITEM)(*CALL) == EXPECTED


def test_a_folder_in_the_way_of_which_something_lies_is_only_another_one(
    built, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv(objects.CACHE_VARIABLE, str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    objects.write(ITEM.name, *built)
    assert objects.read(ITEM.name) is not None
    assert objects.folder().is_relative_to(tmp_path)


@pytest.mark.parametrize("changed", ["numba", "processor"])
def test_another_compiler_or_processor_has_files_of_its_own(kept, monkeypatch, changed):
    if changed == "numba":
        monkeypatch.setattr(objects, "_numba", lambda: "99.0")
    else:
        monkeypatch.setattr(objects.llvm, "get_host_cpu_name", lambda: "abacus")
    objects._fingerprint.cache_clear()
    objects._folder.cache_clear()
    try:
        assert objects.read(ITEM.name) is None
    finally:
        monkeypatch.undo()
        objects._fingerprint.cache_clear()
        objects._folder.cache_clear()


def aged(path: Path, days: float) -> None:
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_what_nobody_has_used_for_a_month_is_removed(tmp_path):
    for name, days in (("old.object", 40), ("new.object", 3), (".old-12-34.tmp", 40)):
        (tmp_path / name).touch()
        aged(tmp_path / name, days)
    mark = tmp_path / "library-x.complete"
    mark.touch()
    assert objects.prune(tmp_path) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["new.object"]
    mark.touch()
    assert objects.prune(tmp_path) == 0
    assert mark.exists()


def test_what_is_used_again_stays(kept):
    aged(kept, 40)
    assert memory.loaded(ITEM.name) is not None
    assert objects.prune(kept.parent) == 0
    assert kept.exists()


def test_folders_of_other_versions_go_when_nobody_uses_them(tmp_path):
    mine, stale, fresh = (tmp_path / name for name in ("mine", "stale", "fresh"))
    for folder in (mine, stale, fresh):
        folder.mkdir()
        (folder / "k_1.object").touch()
    for path in (stale / "k_1.object", stale):
        aged(path, 40)
    objects._prune_once(mine)
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "fresh"}


# -- making ----------------------------------------------------------------------------------------

WRONG = Text("of_a_test_wrong", OBSERVE.replace("total = 0.0", "total = nothing"), "observe")
SLOW = [Text(f"of_a_test_{i}", OBSERVE + f"# {i}\n", "observe") for i in range(30)]


def test_processes_compile_and_say_how_far_they_are(fresh_cache, monkeypatch):
    monkeypatch.setattr(memory, "_loaded", {})
    told: list[tuple[int, int]] = []
    with pytest.raises(SimulationError, match=r"of_a_test_wrong.*nothing"):
        Making([WRONG]).run()
    Making([ITEM, ITEM]).run(lambda done, total: told.append((done, total)))
    assert function_of(ITEM)(*CALL) == EXPECTED
    assert told[0] == (0, 1)
    assert told[-1] == (1, 1)
    Making([ITEM]).run(lambda done, total: pytest.fail("it is there"))


def test_making_ends_at_once_when_it_is_not_wanted_any_more(fresh_cache, monkeypatch):
    monkeypatch.setattr(memory, "_loaded", {})

    class Enough(Exception):
        pass

    def tell(done: int, total: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        Making(SLOW).run(tell)
    work = Making(SLOW)
    thread = threading.Thread(target=work.run)
    thread.start()
    time.sleep(0.05)
    work.kill()
    thread.join(5.0)
    assert not thread.is_alive()
    assert not all(memory.is_loaded(item.name) for item in SLOW)


def test_what_is_being_compiled_is_not_compiled_by_another_one_too(fresh_cache, monkeypatch):
    monkeypatch.setattr(memory, "_loaded", {})
    compiled: list[str] = []
    make = making._Compiler.make

    def counted(self: making._Compiler, item: Text) -> None:
        compiled.append(item.name)
        make(self, item)

    monkeypatch.setattr(making._Compiler, "make", counted)
    threads = [threading.Thread(target=Making([ITEM]).run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert compiled == [ITEM.name]
    assert function_of(ITEM)(*CALL) == EXPECTED


def test_numba_compiles_for_others_as_ever():
    build.of_item(ITEM)
    assert numba.njit(lambda x: min(x, 3) + max(x, 1))(2) == 4


def test_where_no_process_can_be_started_it_is_compiled_here(
    fresh_cache, no_processes, monkeypatch
):
    monkeypatch.setattr(memory, "_loaded", {})
    Making([ITEM]).run()
    assert function_of(ITEM)(*CALL) == EXPECTED


def test_code_that_asks_for_what_is_not_there_is_refused():
    text = OBSERVE.replace("total = 0.0", "print(what)\n    total = 0.0")
    with pytest.raises(TypeError, match="calls what is not there without numba"):
        build.of_item(Text("of_a_test_that_prints", text, "observe"))


RUN = """
import sys
import neurocanvas as nc
c = nc.Circuit()
h = c.add("lif", label="A")
c.connect(c.add("step_current", amplitude=500.0), h)
r = nc.simulate(c, 5, record={h: ["v"]})
print(r["A", "v"].max() > -60, "numba" in sys.modules)
"""


def test_a_run_from_the_cache_does_not_load_the_compiler():
    for _ in range(2):  # the first one may have to fill the cache
        done = subprocess.run(
            [sys.executable, "-c", RUN], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "False"]
