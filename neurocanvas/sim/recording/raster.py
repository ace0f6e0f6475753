"""Compiled drawing of traces: envelopes of columns to antialiased pixels.

It stands beside the recorder because all that is compiled does; it knows no window, only arrays.
This is the text that is compiled; windows call what ``compiled`` loads of it.
"""
# numba's decorators take away the types, so these functions have none:
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

import numpy as np

from neurocanvas.sim.native.build import exported, inner

_OPTIONS = {"error_model": "numpy"}
_FAR = 30000.0  # pixels: whatever lies further out is not seen anyway


@inner(**_OPTIONS)
def _to_pixels(lo, hi, offset, scale, top, bottom):
    """Turn values into pixels from the top, and stretch each column to meet the one before."""
    was_top, was_bottom = np.nan, np.nan
    for k in range(lo.size):
        a, b = offset - hi[k] * scale, offset - lo[k] * scale
        top[k] = max(min(a, was_bottom), -_FAR) if was_bottom < a else max(a, -_FAR)
        bottom[k] = min(was_top, _FAR) if was_top > b else min(b, _FAR)
        if not a <= b:
            top[k], bottom[k] = np.inf, -np.inf
        was_top, was_bottom = a, b


@inner(**_OPTIONS)
def _mixed(below, colour, cover):
    """A colour laid over another (both premultiplied 0xaarrggbb) with a cover of 0 to 1."""
    part = int(cover * 256.0 + 0.5)
    rest = 256 - part
    rb = ((int(colour) & 0xFF00FF) * part + (int(below) & 0xFF00FF) * rest) >> 8
    ag = ((int(colour) >> 8) & 0xFF00FF) * part + ((int(below) >> 8) & 0xFF00FF) * rest
    return np.uint32((rb & 0xFF00FF) | (ag & 0xFF00FF00))


@inner(**_OPTIONS)
def _cover(tops, bottoms, sub, row):
    """Part of a pixel that the intervals of its sub-columns cover."""
    total = 0.0
    for s in range(sub):
        overlap = min(bottoms[s], row + 1.0) - max(tops[s], row)
        if overlap > 0:
            total += overlap
    return total / sub


@inner(**_OPTIONS)
def _draw_column(pixels, tops, bottoms, sub, colour):
    """Draw one trace into one pixel column: the inside at once, its ends by their cover."""
    height = pixels.size
    first, solid_first, solid_stop, stop = np.inf, -np.inf, np.inf, -np.inf
    for s in range(sub):
        first, stop = min(first, tops[s]), max(stop, bottoms[s])
        solid_first, solid_stop = max(solid_first, tops[s]), min(solid_stop, bottoms[s])
    if first >= stop or stop <= 0 or first >= height:
        return
    row, last = max(int(np.floor(first)), 0), min(int(np.ceil(stop)), height)
    solid_from, solid_to = last, last
    if solid_first < solid_stop and solid_first < height and solid_stop > 0:
        a, b = max(int(np.ceil(solid_first)), 0), min(int(np.floor(solid_stop)), height)
        if a < b:
            solid_from, solid_to = a, b
    for r in range(row, solid_from):
        pixels[r] = _mixed(pixels[r], colour, _cover(tops, bottoms, sub, r))
    pixels[solid_from:solid_to] = colour
    for r in range(solid_to, last):
        pixels[r] = _mixed(pixels[r], colour, _cover(tops, bottoms, sub, r))


@inner(**_OPTIONS)
def _widen(top, bottom, at, sub, pad, half, tops, bottoms):
    """Intervals of the sub-columns of a pixel, widened to the thickness of the line."""
    for s in range(sub):
        a, b = np.inf, -np.inf
        for k in range(at + s - pad, at + s + pad + 1):
            a, b = min(a, top[k]), max(b, bottom[k])
        tops[s], bottoms[s] = a - half, b + half


@exported(
    "void(u4[:,::1], i8, f8[:,::1], f8[:,::1], f8[::1], f8[::1], u4[::1], i8, i8, f8,"
    " f8[:,::1], u4[:,::1])",
    **_OPTIONS,
)
def draw(
    pixels, first, lo, hi, offsets, scales, colours, sub, pad, half, room, strip
):  # fmt: skip
    """Draw traces into some pixel columns, over one another in their order.

    Args:
        pixels: Premultiplied 0xaarrggbb, shape (height, width); what is in the columns is replaced.
        first: The first pixel column to draw.
        lo, hi: Minima and maxima of sub-columns, shape (n, pad + sub * columns + pad).
        offsets, scales: A value v of trace i lies ``offsets[i] - v * scales[i]`` below the top.
        colours: Opaque 0xffrrggbb, shape (n,).
        sub: Sub-columns of a pixel.
        pad: Sub-columns by which a line is widened to either side.
        half: Pixels by which it is widened up and down.
        room: To be written to, shape (2 n + 2, pad + sub * columns + pad).
        strip: The same, (pixel columns that are drawn together, height): it stays in the cache
            while all traces go over it.
    """
    n, length = lo.shape
    columns = (length - 2 * pad) // sub
    top, bottom = room[:n], room[n : 2 * n]
    tops, bottoms = room[2 * n], room[2 * n + 1]
    for i in range(n):
        _to_pixels(lo[i], hi[i], offsets[i], scales[i], top[i], bottom[i])
    for start in range(0, columns, strip.shape[0]):
        width = min(strip.shape[0], columns - start)
        strip[:] = 0
        for i in range(n):
            for k in range(width):
                at = pad + (start + k) * sub
                _widen(top[i], bottom[i], at, sub, pad, half, tops, bottoms)
                _draw_column(strip[k], tops, bottoms, sub, colours[i])
        for row in range(pixels.shape[0]):
            for k in range(width):
                pixels[row, first + start + k] = strip[k, row]
