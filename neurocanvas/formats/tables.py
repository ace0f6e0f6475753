"""Results as tables: spikes and traces for spreadsheets (CSV) and for numpy (npz)."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from neurocanvas.errors import FileError
from neurocanvas.formats import files
from neurocanvas.formats.files import Tell

TRACE_SUFFIXES = (".csv", ".npz")
SPIKE_SUFFIXES = (".csv", ".npz")

Floats = NDArray[np.float64]

_ROWS_AT_ONCE = 4096
_TIME_DIGITS = 9
"""A multiple of the time step is shown as 0.3, not as 0.30000000000000004 ms."""


class Trace(Protocol):
    """One variable of one node: ``values`` has shape (n_steps + 1,), or (n_steps + 1, size)."""

    @property
    def label(self) -> str:
        """Label of the node."""

    @property
    def variable(self) -> str:
        """Name of the variable."""

    @property
    def values(self) -> Floats:
        """The samples."""


class Spikes(Protocol):
    """All spikes, sorted by time; all three have the same length."""

    @property
    def labels(self) -> Sequence[str]:
        """Label of the node of each."""

    @property
    def indices(self) -> NDArray[np.int64]:
        """Which neuron of the node."""

    @property
    def times(self) -> Floats:
        """When, in ms."""


class Recorded(Protocol):
    """What a simulation gives back, as far as tables need it."""

    @property
    def times(self) -> Floats:
        """Times of the samples in ms, shape (n_steps + 1,)."""

    @property
    def traces(self) -> Sequence[Trace]:
        """What was recorded."""

    @property
    def unlisted(self) -> Mapping[str, float]:
        """Nodes whose spikes were too many to list, by id -> how many a second."""

    def spike_table(self) -> Spikes:
        """Return all spikes that were listed."""


def write_traces(result: Recorded, path: str | os.PathLike[str]) -> None:
    """Write all recorded variables, one column (or array) each beside ``time_ms``.

    Args:
        result: What was recorded.
        path: Ends in ``.csv`` or ``.npz``.

    Raises:
        FileError: It can't be written; an old file is as it was.
    """
    write_tables(result, traces=path)


def write_spikes(result: Recorded, path: str | os.PathLike[str]) -> None:
    """Write all spikes with the columns ``node``, ``index`` and ``time_ms``.

    Args:
        result: What was recorded.
        path: Ends in ``.csv`` or ``.npz``.

    Raises:
        FileError: It can't be written; an old file is as it was.
    """
    write_tables(result, spikes=path)


def write_tables(
    result: Recorded,
    *,
    traces: str | os.PathLike[str] | None = None,
    spikes: str | os.PathLike[str] | None = None,
    tell: Tell | None = None,
) -> None:
    """Write traces, spikes or both; if one of them fails, neither is written.

    Args:
        result: What was recorded.
        traces, spikes: End in ``.csv`` or ``.npz``.
        tell: Told how many rows of a CSV file are written.

    Raises:
        FileError: One can't be written; old files are as they were.
    """
    check_paths(traces, spikes)
    with contextlib.ExitStack() as stack:
        # Both are written in full before the first takes its name.
        if traces is not None:
            file = stack.enter_context(files.atomic_file(traces))
            _write_traces(result, file, traces, tell)
            file.flush()
        if spikes is not None:
            file = stack.enter_context(files.atomic_file(spikes))
            _write_spikes(result, file, spikes, tell)


def _write_traces(
    result: Recorded, file: BinaryIO, path: str | os.PathLike[str], tell: Tell | None
) -> None:
    if _suffix(path) == ".npz":
        _traces_npz(result, file)
    else:
        _traces_csv(result, file, _rows_told(path, tell))


def _write_spikes(
    result: Recorded, file: BinaryIO, path: str | os.PathLike[str], tell: Tell | None
) -> None:
    if _suffix(path) == ".npz":
        _spikes_npz(result, file)
    else:
        _spikes_csv(result, file, _rows_told(path, tell))


def _rows_told(path: str | os.PathLike[str], tell: Tell | None) -> Callable[[int], Iterator[slice]]:
    """Return what cuts rows into parts, and tells how many are done before each."""

    def parts(n: int) -> Iterator[slice]:
        for start in range(0, n, _ROWS_AT_ONCE):
            if tell is not None:
                tell(f"writing {Path(path).name}", start, n)
            yield slice(start, min(start + _ROWS_AT_ONCE, n))

    return parts


def check_paths(
    traces: str | os.PathLike[str] | None = None, spikes: str | os.PathLike[str] | None = None
) -> None:
    """Refuse paths that could not be written, before a long simulation.

    Raises:
        FileError: Naming the path and what would be right.
    """
    for path, word, suffixes in (
        (traces, "traces", TRACE_SUFFIXES),
        (spikes, "spikes", SPIKE_SUFFIXES),
    ):
        if path is not None:
            _check_suffix(path, word, suffixes)
            files.check_writable(path)
    both = traces is not None and spikes is not None
    if both and os.path.realpath(str(traces)) == os.path.realpath(str(spikes)):
        raise files.file_error(traces, "traces and spikes need two different files")


def _suffix(path: str | os.PathLike[str]) -> str:
    return Path(path).suffix.lower()


def _check_suffix(path: str | os.PathLike[str], word: str, known: tuple[str, ...]) -> None:
    suffix = _suffix(path)
    if suffix in known:
        return
    right = " or ".join(known)
    if suffix == ".nwb":
        raise files.file_error(path, f"NWB is not available yet; {right} would be right for {word}")
    shown = f"the suffix {suffix!r} is unknown" if suffix else "a suffix is missing"
    raise files.file_error(path, f"{shown}; {right} would be right for {word}")


def trace_columns(result: Recorded) -> Iterator[tuple[str, Floats]]:
    """Yield the name of each column and its samples, shape (n_steps + 1,).

    The name is ``label.variable``, with the index where the node has several neurons:
    ``label[3].variable``.
    """
    for trace in result.traces:
        if trace.values.ndim == 1:
            yield f"{trace.label}.{trace.variable}", trace.values
        else:
            for index, values in enumerate(trace.values.T):
                yield f"{trace.label}[{index}].{trace.variable}", values


def _traces_csv(result: Recorded, file: BinaryIO, parts: Callable[[int], Iterator[slice]]) -> None:
    names, columns = _columns(result)
    times = np.round(result.times, _TIME_DIGITS)
    with _text(file) as text:
        csv.writer(text, lineterminator="\n").writerow(["time_ms", *names])
        for part in parts(len(times)):
            block = np.column_stack([times[part], *(c[part] for c in columns)])
            text.writelines(",".join(map(repr, row)) + "\n" for row in block.tolist())


def _spikes_csv(result: Recorded, file: BinaryIO, parts: Callable[[int], Iterator[slice]]) -> None:
    table = result.spike_table()
    with _text(file) as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["node", "index", "time_ms"])
        for part in parts(len(table.times)):
            indices, times = table.indices[part].tolist(), table.times[part].tolist()
            writer.writerows(zip(table.labels[part], indices, map(repr, times), strict=True))


def _traces_npz(result: Recorded, file: BinaryIO) -> None:
    names, columns = _columns(result)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:  # a node "A[3]" beside a node "A" of several neurons
        raise FileError(f"two arrays would be named {twice[0]!r}; rename one of the nodes")
    arrays: dict[str, Any] = dict(zip(names, columns, strict=True))
    np.savez_compressed(file, time_ms=result.times, **arrays)


def _columns(result: Recorded) -> tuple[list[str], list[Floats]]:
    pairs = list(trace_columns(result))
    return [name for name, _ in pairs], [samples for _, samples in pairs]


def _spikes_npz(result: Recorded, file: BinaryIO) -> None:
    table = result.spike_table()
    nodes = np.array(table.labels, dtype=str)
    np.savez_compressed(file, node=nodes, index=table.indices, time_ms=table.times)


@contextlib.contextmanager
def _text(file: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """Write text into a binary file that stays open afterwards."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield text
    finally:
        text.flush()
        text.detach()
