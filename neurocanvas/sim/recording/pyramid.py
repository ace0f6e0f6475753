"""Compiled helpers of the recorder: rings of samples with a pyramid of minima and maxima.

A row holds one channel. ``samples[row, i % capacity]`` is sample number i. Above it stand bins of
8, 64, 512 and 4096 samples: bin j of level k covers the samples from ``j * 8**k`` on and lies in
``lo[row, (k - 1) * bins + j % bins]``, the maximum likewise in ``hi``. All levels have the same
number of bins, so a coarse level reaches further back than the samples do. NaN samples are left
out of minima and maxima; a bin without any other sample holds (inf, -inf).

This is the text that is compiled; the recorder calls what ``compiled`` loads of it.
"""
# numba's decorators take away the types, so these functions have none:
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

import numpy as np

from neurocanvas.sim.native.build import exported, inner

LEVELS = 4
SHIFT = 3  # a bin takes in 2**3 bins of the level below

_OPTIONS = {"error_model": "numpy"}
_DENSE = 4.0  # samples in a column from which on lines to its edges are not worth their cost

# How columns join: not at all, by the last sample of the column before, by lines to the edges.
_APART, _OVERLAP, _EDGES = 0, 1, 2
_EDGE = 1e-6  # in samples: a column's edge this little above a sample counts as being on it


@inner(**_OPTIONS)
def _of_samples(ring, start, stop):
    """Minimum and maximum of the samples ``start`` to ``stop``, NaN left out."""
    mask = ring.size - 1
    low, high = np.inf, -np.inf
    for i in range(start, stop):
        value = ring[i & mask]
        if value < low:
            low = value
        if value > high:
            high = value
    return low, high


@inner(**_OPTIONS)
def _of_bins(lo, hi, level, start, stop):
    """Minimum and maximum of the bins ``start`` to ``stop`` of a level (which hold no NaN)."""
    bins = lo.size // LEVELS
    base = (level - 1) * bins
    low, high = np.inf, -np.inf
    for j in range(start, stop):
        at = base + j % bins
        low, high = min(low, lo[at]), max(high, hi[at])
    return low, high


@inner(**_OPTIONS)
def _update_bins(ring, lo, hi, begin, first, stop):
    """Bring all levels of one row up to date with its samples from ``first`` to ``stop``."""
    bins = lo.size // LEVELS
    for level in range(1, LEVELS + 1):
        shift = SHIFT * level
        base = (level - 1) * bins
        oldest, end = begin >> (shift - SHIFT), ((stop - 1) >> (shift - SHIFT)) + 1
        for j in range(first >> shift, ((stop - 1) >> shift) + 1):
            a, b = max(j << SHIFT, oldest), min((j + 1) << SHIFT, end)
            at = base + j % bins
            if level == 1:
                lo[at], hi[at] = _of_samples(ring, a, b)
            else:
                lo[at], hi[at] = _of_bins(lo, hi, level - 1, a, b)


@exported("void(f8[:,::1], f8[:,::1], f8[:,::1], i8[::1], i8[::1], f8[:,:], i8)", **_OPTIONS)
def append(samples, lo, hi, rows, begins, block, first):
    """Write a block into its rows and update what stands above them.

    Args:
        samples: Rings, shape (rows, capacity); the capacity is a power of two.
        lo, hi: Bins, shape (rows, LEVELS * bins).
        rows: Row of each channel, shape (n,).
        begins: Number of each channel's first sample ever, shape (n,).
        block: New samples, shape (n, n_steps); not more than the capacity.
        first: Number of the block's first sample.
    """
    mask = samples.shape[1] - 1
    n_steps = block.shape[1]
    for channel in range(rows.size):
        row = rows[channel]
        ring = samples[row]
        for k in range(n_steps):
            ring[(first + k) & mask] = block[channel, k]
        _update_bins(ring, lo[row], hi[row], begins[channel], first, first + n_steps)


@inner(**_OPTIONS)
def bin_floor(reserved, bins, level):
    """Number of the first sample whose bin of this level is still there."""
    shift = SHIFT * level
    return (((reserved - 1) >> shift) - bins + 1) << shift


@inner(**_OPTIONS)
def _of_range(ring, lo, hi, start, stop, finest):
    """Minimum and maximum of samples ``start`` to ``stop``, both on the bins of level ``finest``.

    Climbs from single samples to bins as large as fit, and down again at the other end.
    """
    low, high = np.inf, -np.inf
    a, level, rising = start, finest, True
    while level >= finest:
        shift = SHIFT * level
        goal, climbs = stop >> shift << shift, False
        if rising and level < LEVELS:
            above = 1 << (shift + SHIFT)
            aligned = (a + above - 1) & -above
            if aligned + above <= stop:
                goal, climbs = aligned, True
        if goal > a:
            if level == 0:
                least, most = _of_samples(ring, a, goal)
            else:
                least, most = _of_bins(lo, hi, level, a >> shift, goal >> shift)
            low, high = min(low, least), max(high, most)
            a = goal
        rising = climbs
        level += 1 if climbs else -1
    return low, high


@inner(**_OPTIONS)
def _between(ring, start, stop, position):
    """The straight line between samples at a position; NaN outside of ``start`` to ``stop - 1``."""
    below = int(np.floor(position))
    part = position - below
    if part < _EDGE or part > 1 - _EDGE:
        below, part = int(np.rint(position)), 0.0
    if below < start or below >= stop or (part > 0 and below + 1 >= stop):
        return np.nan
    left = ring[below & (ring.size - 1)]
    if part == 0.0:
        return left
    return left + part * (ring[(below + 1) & (ring.size - 1)] - left)


@inner(**_OPTIONS)
def _first_at(position):
    """Number of the first sample at or after a position."""
    return int(np.ceil(position - _EDGE))


@inner(**_OPTIONS)
def _of_the_past(ring, lo, hi, begin, end, reserved, start, stop):
    """Minimum and maximum where samples are overwritten: from the finest bins that are there.

    A bin counts where its first sample lies; a column narrower than a bin shows the bin it is in.
    """
    bins = lo.size // LEVELS
    finest = 1
    while finest < LEVELS and start < bin_floor(reserved, bins, finest):
        finest += 1
    if start < bin_floor(reserved, bins, LEVELS) or start < begin or start >= end:
        return np.inf, -np.inf
    size = 1 << (SHIFT * finest)
    if stop - start < size and start // size == (stop - 1) // size:
        return _of_bins(lo, hi, finest, start // size, start // size + 1)
    a = start if start % size == 0 or start == begin else (start // size + 1) * size
    b = min(-(-stop // size), end // size) * size  # the newest bin is still being filled
    low, high = _of_range(ring, lo, hi, a // size * size, b, finest)
    if stop > b:
        least, most = _of_samples(ring, max(b, reserved - ring.size), stop)
        low, high = min(low, least), max(high, most)
    return low, high


@inner(**_OPTIONS)
def _column(ring, lo, hi, begin, end, reserved, left, right, joining):
    """Minimum and maximum of one column from ``left`` to ``right``, in sample numbers."""
    start, stop = _first_at(left), _first_at(right)
    oldest = max(reserved - ring.size, begin)
    if start < oldest and stop > begin and oldest > begin:
        start, stop = max(start, begin), min(max(stop, start + 1), end)
        low, high = _of_the_past(ring, lo, hi, begin, end, reserved, start, stop)
        return (low, high) if low <= high else (np.nan, np.nan)
    if joining == _OVERLAP:
        start -= 1
    low, high = _of_range(ring, lo, hi, max(start, oldest), min(stop, end), 0)
    if joining == _EDGES or start >= stop:
        first = left if joining else 0.5 * (left + right)
        last = right if joining else first
        for position in (first, last):
            value = _between(ring, oldest, end, position)
            if value < low:
                low = value
            if value > high:
                high = value
    return (low, high) if low <= high else (np.nan, np.nan)


@exported(
    "void(f8[:,::1], f8[:,::1], f8[:,::1], i8[::1], i8[::1], i8, i8, f8, f8, i8,"
    " f8[:,::1], f8[:,::1])",
    **_OPTIONS,
)
def envelope(
    samples, lo, hi, rows, begins, end, reserved, origin, width, joined, out_lo, out_hi
):  # fmt: skip
    """Reduce a window of several channels to minimum and maximum per column.

    Column k takes the samples from ``origin + k * width`` up to, not including, the next column's.
    The cost does not depend on how many samples that is.

    Args:
        samples, lo, hi, rows, begins: As for ``append``.
        end: Number of samples published so far.
        reserved: The same, with those that are being written.
        origin: Left edge of the first column, in sample numbers.
        width: Of a column, in samples.
        joined: Whether the columns join to a continuous line: a column takes in the straight lines
            to its edges, or, where it is wide, the last sample before it. Else, a column without
            a sample gets the value of the line in its middle.
        out_lo, out_hi: Results, shape (n, columns); NaN where there is nothing.
    """
    joining = _APART if not joined else _OVERLAP if width >= _DENSE else _EDGES
    for channel in range(rows.size):
        row, begin = rows[channel], begins[channel]
        ring, low, high = samples[row], lo[row], hi[row]
        for k in range(out_lo.shape[1]):
            left, right = origin + k * width, origin + (k + 1) * width
            out_lo[channel, k], out_hi[channel, k] = _column(
                ring, low, high, begin, end, reserved, left, right, joining
            )
