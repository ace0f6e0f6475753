"""Functions to machine code, by numba: the only module here that needs it.

A module with compiled functions marks those that are called from outside with ``exported``; what
they call in turn is ``inner``. Nothing is compiled by importing such a module.
"""
# numba's decorators take away the types:
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

# Vector functions of a library that would have to be there when the code is loaded.
os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")
# Half of its overloads refuse each call: so many words that nobody reads need no colours.
os.environ.setdefault("NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING", "1")

from numba import njit, types
from numba.core import sigutils
from numba.core.codegen import AOTCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from neurocanvas.sim import mathlib
from neurocanvas.sim.native import objects, pointers
from neurocanvas.sim.native.items import Exported, Item

FORMS = {
    "kernel": pointers.KERNEL,
    "flowing": pointers.KERNEL,
    "event": pointers.EVENT,
    "observe": pointers.OBSERVER,
}
"""Signatures of generated functions, by name."""

_BARE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
"""Nothing here is ever called through numba: how Python or C would do that is not compiled."""

_ALLOWED = frozenset(
    {"acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "exp", "expm1", "fabs", "floor"}
    | {"fmod", "hypot", "log", "log10", "log1p", "log2", "pow", "rint", "round", "sin", "sinh"}
    | {"sqrt", "tan", "tanh", "trunc", "memcpy", "memmove", "memset"}
    | {"sched_yield", "SwitchToThread", "NRT_MemInfo_alloc_aligned", "NRT_MemInfo_call_dtor"}
)
"""What machine code may ask for that is not in it."""

_signatures: dict[tuple[str, str], Any] = {}


class _Library(AOTCodeLibrary):  # type: ignore[misc]
    """The code of one function before it is machine code; numba makes one for each.

    Numba optimizes each function by itself, makes it machine code and loads that, and once more
    with what calls it. Here it is done once, for the whole of what is asked for.
    """

    def _optimize_functions(self, ll_module):
        ll_module.data_layout = self._codegen._data_layout
        # One for all functions; numba makes one for each, which takes longer than many of them.
        fpm, pb = self._codegen._function_pass_manager()
        for func in ll_module.functions:
            if not func.is_declaration:
                fpm.run(func, pb)

    def _optimize_final_module(self):
        pass

    def get_pointer_to_function(self, name):
        return 0  # nothing is called from here

    def whole(self) -> bytes:
        """Optimize it with all that it calls, and return it as an object file."""
        self._ensure_finalized()
        super()._optimize_final_module()
        found: bytes = self._codegen._tm.emit_object(self._final_module)
        return found


@contextmanager
def _without_loading() -> Iterator[None]:
    """Have numba leave what it compiles as it is; what others compile it loads as ever."""
    codegen = cpu_target.target_context.codegen()
    with global_compiler_lock:
        before, codegen._library_class = codegen._library_class, _Library
        codegen.set_env = lambda name, environment: None
        codegen._add_module = lambda module: None
        try:
            yield
        finally:
            codegen._library_class = before
            del codegen.set_env, codegen._add_module


def exported(
    signature: Any, *, name: str = "", **options: Any
) -> Callable[[Callable[..., Any]], Any]:
    """Mark a function that is called from outside.

    Args:
        signature: Types of result and arguments, as numba writes them: int64, float64, arrays and
            named tuples of these and others. Where an argument is none, branches for others are
            left out; 0 is passed in its place.
        name: What it is called by, if not by its own name.
        options: Of numba.
    """

    def mark(function):
        _signatures[function.__module__, name or function.__name__] = signature
        return inner(**options)(function)

    return mark


def inner(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Mark a function that only compiled functions call; options are those of numba."""

    def mark(function):
        return _once(njit(**_BARE, **options)(function))

    return mark


def _once(dispatcher: Any) -> Any:
    """Have a function compiled for integers, not for each constant that is passed anew."""
    resolve = dispatcher.get_call_template

    def resolved(arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        plain = tuple(map(types.unliteral, arguments))
        return resolve(plain, {name: types.unliteral(kind) for name, kind in named.items()})

    dispatcher.get_call_template = resolved
    return dispatcher


def of_item(item: Item) -> tuple[objects.Header, bytes]:
    """Compile an item."""
    dispatcher = dispatcher_of(item)
    if isinstance(item, Exported):
        return _compiled(dispatcher, _signatures[item.module, item.function])
    return _compiled(dispatcher, FORMS[item.function])


def dispatcher_of(item: Item) -> Any:
    """Return an item as numba has it before it is compiled."""
    if isinstance(item, Exported):
        return getattr(import_module(item.module), item.function)
    module = ModuleType(item.source)
    exec(compile(item.text, item.source, "exec"), module.__dict__)  # noqa: S102
    return inner(**mathlib.FLAGS)(getattr(module, item.function))


def _compiled(dispatcher: Any, signature: Any) -> tuple[objects.Header, bytes]:
    arguments, _ = sigutils.normalize_signature(signature)
    with _without_loading():
        dispatcher.compile(signature)
        result = dispatcher.overloads[arguments]
        code = result.library.whole()
    _check_symbols(result.library)
    given, returned = arguments, result.signature.return_type
    results = () if returned == types.none else (returned,)
    symbol = result.fndesc.llvm_func_name
    return objects.Header(symbol, tuple(_arguments(given)), tuple(_arguments(results))), code


def _arguments(kinds: Iterable[Any]) -> Iterator[objects.Argument]:
    for kind in kinds:
        if isinstance(kind, types.BaseTuple):
            yield from _arguments(kind)
        elif isinstance(kind, types.Array):
            yield objects.Argument(_dtype(kind.dtype), kind.ndim, kind.layout == "C")
        elif kind in (types.int64, types.float64):
            yield objects.Argument(str(kind))
        elif kind == types.none:
            yield objects.Argument(str(types.int64))
        else:
            raise TypeError(f"{kind} can't be passed from outside: int64, float64 and arrays can")


def _dtype(kind: Any) -> str | tuple[tuple[str, str, int], ...]:
    if not isinstance(kind, types.Record):
        return str(kind)
    return tuple((name, str(field.type), field.offset) for name, field in kind.fields.items())


def _check_symbols(library: Any) -> None:
    """See to it that nothing is missing when the code is loaded: LLVM would end the process."""
    wanted = {f.name for f in library._final_module.functions if f.is_declaration}
    missing = {n for n in wanted if not n.startswith("llvm.")} - _ALLOWED
    if missing:
        raise TypeError(f"{library.name} calls what is not there without numba: {missing}")
