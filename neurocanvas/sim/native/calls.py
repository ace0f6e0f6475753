"""Calls of compiled functions from Python: arrays and numbers as the words that numba passes."""

from __future__ import annotations

import ctypes
import itertools
import math
import struct
import weakref
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np

from neurocanvas.errors import SimulationError
from neurocanvas.sim.native.objects import Argument, Header

_DONE = (0, -2)
"""What a function answers that has not failed: with a value, with None."""


class Memory(Protocol):
    """What loaded a function."""

    free: Callable[[int], None]
    """Gives back memory that compiled code took."""

    def entry(self, header: Header, address: int) -> Callable[[int], int]:
        """Return a function as one that takes the address of its words."""


class Function:
    """A compiled function, called like any other, without Python's lock.

    Args:
        header: What it takes and returns.
        address: Where it lies in memory.
        memory: What loaded it.
    """

    def __init__(self, header: Header, address: int, memory: Memory) -> None:
        self.header, self.address, self._memory = header, address, memory

    @cached_property
    def places(self) -> tuple[_Place, ...]:
        """Where arguments, and then results, lie among the words that are handed over."""
        all_of_it = (*self.header.arguments, *self.header.results)
        begins = itertools.accumulate((kind.words for kind in all_of_it), initial=0)
        return tuple(_Place(*one, self._memory) for one in zip(all_of_it, begins, strict=False))

    @cached_property
    def words(self) -> int:
        """How many words are handed over."""
        kinds = (*self.header.arguments, *self.header.results)
        return sum(kind.words for kind in kinds) + 1

    @cached_property
    def entry(self) -> Callable[[int], int]:
        """The function as one that takes the address of its words."""
        return self._memory.entry(self.header, self.address)

    def __call__(self, *values: Any) -> Any:
        """Call it with numbers, arrays and tuples of these."""
        return Caller(self)(*values)


class _Place:
    """A number or an array among the words of a call.

    An array is to numba: who counts its users (nobody), whose it is (nobody's), how many elements
    of which size, where, shape and strides.
    """

    def __init__(self, kind: Argument, begin: int, memory: Memory) -> None:
        self.kind, self.dtype, self._memory = kind, kind.type, memory
        self._at = 8 * begin
        number = "d" if kind.dtype == "float64" else "q"
        self._form = struct.Struct("q" * kind.words if kind.ndim else number)

    def put(self, words: Any, value: Any) -> None:
        """Write a value."""
        if not self.kind.ndim:
            self._form.pack_into(words, self._at, value)
            return
        if value.dtype != self.dtype or value.ndim != self.kind.ndim:
            raise TypeError(f"{self.kind} is wanted, not {value.dtype} of shape {value.shape}")
        if self.kind.contiguous and not value.flags.c_contiguous:
            raise TypeError(f"{self.kind} is wanted, not an array with gaps")
        address = _address(value)
        self._form.pack_into(
            words, self._at, 0, 0, value.size, value.itemsize, address, *value.shape,
            *value.strides,
        )  # fmt: skip

    def get(self, words: Any, given: Sequence[Any]) -> Any:
        """Return what was written: of arrays one that was given, or a new one.

        None stands for an array that is somebody else's.
        """
        found = self._form.unpack_from(words, self._at)
        if not self.kind.ndim:
            return found[0]
        owner, _, size, _, address, *rest = found
        shape = tuple(rest[: self.kind.ndim])
        if owner:
            return self._adopted(owner, address, shape)
        for value in given:
            alike = isinstance(value, np.ndarray) and value.shape == shape
            if alike and value.dtype == self.dtype and (_address(value) == address or not size):
                return value
        return None

    def _adopted(self, owner: int, address: int, shape: tuple[int, ...]) -> Any:
        """Return an array over memory that compiled code took, and that goes with the array."""
        size = math.prod(shape) * self.dtype.itemsize
        buffer: Any = (ctypes.c_byte * size).from_address(address)
        weakref.finalize(buffer, self._memory.free, owner)
        found = np.frombuffer(buffer, self.dtype) if size else np.empty(0, self.dtype)
        return found.reshape(shape)


def _address(array: Any) -> int:
    place: int = array.__array_interface__["data"][0]
    return place


class Caller:
    """Calls a function again and again: what is the same as last time is not written again.

    It keeps the arguments of the last call, and is for one thread at a time.

    Args:
        function: The function.
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._last: list[Any] = [_NOTHING] * len(function.header.arguments)
        self._words = (ctypes.c_int64 * function.words)()
        self._address = ctypes.addressof(self._words)

    def __call__(self, *values: Any) -> Any:
        """Call it with numbers, arrays and tuples of these."""
        return self.ready(*values)()

    def ready(self, *values: Any) -> Callable[[], Any]:
        """Return the call, of which nothing is left to do but the call."""
        function, last = self._function, self._last
        found = list(_leaves(values))
        if len(found) != len(last):
            raise TypeError(f"{len(found)} arguments for {function.header}")
        for i, value in enumerate(found):
            if value is not last[i]:
                function.places[i].put(self._words, value)
                last[i] = value
        return partial(self._call, found)

    def _call(self, given: Sequence[Any]) -> Any:
        function = self._function
        status = function.entry(self._address)
        if status not in _DONE:
            raise SimulationError(f"compiled code failed: {function.header.symbol} gave {status}")
        places = function.places[len(given) :]
        results = [place.get(self._words, given) for place in places]
        return tuple(results) if len(results) > 1 else results[0] if results else None


_NOTHING = object()


def _leaves(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from _leaves(value)
        else:
            yield value
