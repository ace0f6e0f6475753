"""JSON text to plain values, with line and column of whatever is wrong."""

from __future__ import annotations

import re

import msgspec

from neurocanvas.formats.records import ShapeError, brief

_BOM = b"\xef\xbb\xbf"
_OFFSET = re.compile(r"\(byte (\d+)\)")
# Strings are matched too, so that what stands inside them is not taken for a number.
_NUMBER_OR_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?', re.DOTALL)
_MAX_DIGITS = 4000


def decode_json(text: str | bytes) -> object:
    """Read JSON.

    Raises:
        ShapeError: It is no UTF-8 or no JSON, is nested too deeply or has numbers out of range.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    data = data.removeprefix(_BOM)
    if not data.strip():
        raise ShapeError("the file is empty")
    _check_utf8(data)
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        raise ShapeError("the file is nested too deeply") from None
    except msgspec.ValidationError:
        raise ShapeError(_out_of_range(data)) from None
    except msgspec.DecodeError as error:
        raise ShapeError(_malformed(data, str(error))) from None


def _check_utf8(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        place = _place(data, error.start)
        raise ShapeError(f"{place}: this is no UTF-8 text; save the file as UTF-8") from None


def _place(data: bytes, offset: int) -> str:
    """Return "line 3, column 7" for a byte; both count from 1, columns in characters."""
    before = data[:offset]
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    return f"line {before.count(10) + 1}, column {column}"


def _malformed(data: bytes, message: str) -> str:
    found = _OFFSET.search(message)
    if found is None:  # it ends in the middle of something, or an escape in a string is broken
        place = _place(data, len(data))
        return f"{place}: this is no JSON: it is cut off, or a text in it is broken"
    reason = message[: found.start()].removeprefix("JSON is malformed:").strip()
    # Of what follows the end, msgspec gives the byte after the first one.
    offset = int(found[1]) - reason.startswith("trailing characters")
    near = data[offset : offset + 12].decode("utf-8", "replace").split("\n")[0].strip()
    at = f" at {brief(near)}" if near else ""
    return f"{_place(data, offset)}: this is no JSON: {reason}{at}"


def _out_of_range(data: bytes) -> str:
    """Find the number that no float can hold."""
    for match in _NUMBER_OR_STRING.finditer(data.decode()):
        number = match.group()
        if number[0] == '"':
            continue
        too_long = len(number) > _MAX_DIGITS
        if too_long or abs(float(number)) == float("inf"):
            place = _place(data, len(data.decode()[: match.start()].encode()))
            shown = number if len(number) <= 40 else f"{number[:39]}\u2026"
            return f"{place}: the number {shown} is too large; at most about 1e308 is possible"
    return "a number in the file is too large; at most about 1e308 is possible"
