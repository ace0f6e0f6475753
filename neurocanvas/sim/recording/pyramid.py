"""Compiled helpers of the recorder: rings of samples with a pyramid of minima and maxima.

A row holds one channel: sample number i is number ``i % capacity`` of it. Above it stand bins of
8, 64, 512 and 4096 samples: bin j of level k covers the samples from ``j * 8**k`` on, and its
minimum is number ``(k - 1) * bins + j % bins`` of the row in ``lo``, its maximum in ``hi``. All
levels have the same number of bins, so a coarse level reaches further back than the samples do.
NaN samples are left out of minima and maxima; a bin without any other sample holds (inf, -inf).

Number i of a row lies at ``[i // 8, row, i % 8]``: eight of them fill a line of the processor's
cache, and the lines of all channels at one time lie side by side. What a block brings is written
to one stretch of memory, not to as many pages as there are channels and levels.

This is the text that is compiled; the recorder calls what ``compiled`` loads of it.
"""
# numba's decorators take away the types, so these functions have none:
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

import numpy as np

from neurocanvas.sim.native.build import exported, inner

LEVELS = 4
SHIFT = 3  # a bin takes in 2**3 bins of the level below
WITHIN = (1 << SHIFT) - 1  # the place in a line of a sample or bin, in the bits of its number

_OPTIONS = {"error_model": "numpy"}
_DENSE = 4.0  # samples in a column from which on lines to its edges are not worth their cost

# How columns join: not at all, by the last sample of the column before, by lines to the edges.
_APART, _OVERLAP, _EDGES = 0, 1, 2
_TOGETHER = 8  # columns
_EDGE = 1e-6  # in samples: a column's edge this little above a sample counts as being on it


@inner(**_OPTIONS)
def _of_samples(ring, start, stop):
    """Minimum and maximum of the samples ``start`` to ``stop``, NaN left out."""
    mask = ring.size - 1
    low, high = np.inf, -np.inf
    for i in range(start, stop):
        value = ring[np.uint64((i & mask) >> SHIFT), i & WITHIN]
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
        line = np.uint64((base + (j & (bins - 1))) >> SHIFT)
        low = min(low, lo[line, j & WITHIN])
        high = max(high, hi[line, j & WITHIN])
    return low, high


@inner(**_OPTIONS)
def _write(line, lo, hi, at, rows, begins, block, a, b, first):
    """Write the samples ``a`` to ``b``, all of one line, and bring the bin above up to date."""
    lows, highs, place = lo[at >> SHIFT], hi[at >> SHIFT], at & WITHIN
    begun = a & WITHIN != 0
    for c in range(rows.size):
        row = rows[c]
        low, high = np.inf, -np.inf
        if begun and begins[c] < first:
            low, high = lows[row, place], highs[row, place]
        for k in range(a, b):
            value = block[k - first, c]
            line[row, k & WITHIN] = value
            if value < low:
                low = value
            if value > high:
                high = value
        lows[row, place], highs[row, place] = low, high


@inner(**_OPTIONS)
def _write_whole(line, lo, hi, at, rows, block, k):
    """The same for a whole line, k steps into the block: faster, as its loop is unrolled."""
    lows, highs, place = lo[at >> SHIFT], hi[at >> SHIFT], at & WITHIN
    for c in range(rows.size):
        row = rows[c]
        low, high = np.inf, -np.inf
        for i in range(1 << SHIFT):
            value = block[k + i, c]
            line[row, i] = value
            if value < low:
                low = value
            if value > high:
                high = value
        lows[row, place], highs[row, place] = low, high


@inner(**_OPTIONS)
def _raise(lo, hi, level, rows, begins, first, stop):
    """Bring the bins of a level up to date with those below it."""
    shift, bins = SHIFT * level, (lo.shape[0] << SHIFT) // LEVELS
    base, below = (level - 1) * bins, (level - 2) * bins
    for j in range(first >> shift, ((stop - 1) >> shift) + 1):
        a = max(j << SHIFT, first >> (shift - SHIFT))
        b = min((j + 1) << SHIFT, ((stop - 1) >> (shift - SHIFT)) + 1)
        at = base + (j & (bins - 1))
        under = (below + (a & (bins - 1))) >> SHIFT  # the bins below lie in one line
        begun = j << shift < first
        for c in range(rows.size):
            row = rows[c]
            low, high = np.inf, -np.inf
            if begun and begins[c] < first:
                low, high = lo[at >> SHIFT, row, at & WITHIN], hi[at >> SHIFT, row, at & WITHIN]
            for i in range(a, b):
                low = min(low, lo[under, row, i & WITHIN])
                high = max(high, hi[under, row, i & WITHIN])
            lo[at >> SHIFT, row, at & WITHIN], hi[at >> SHIFT, row, at & WITHIN] = low, high


@exported(
    "void(f8[:,:,::1], f8[:,:,::1], f8[:,:,::1], i8[::1], i8[::1], f8[:,::1], i8)", **_OPTIONS
)
def append(samples, lo, hi, rows, begins, block, first):
    """Write a block into its rows and update what stands above them.

    Args:
        samples: Rings, shape (capacity / 8, rows, 8); the capacity is a power of two.
        lo, hi: Bins, shape (LEVELS * bins / 8, rows, 8).
        rows: Row of each channel, shape (n,).
        begins: Number of each channel's first sample ever, shape (n,).
        block: New samples, shape (n_steps, n); not more than the capacity.
        first: Number of the block's first sample.
    """
    mask = samples.shape[0] - 1
    stop = first + block.shape[0]
    for number in range(first >> SHIFT, ((stop - 1) >> SHIFT) + 1):
        a, b = max(number << SHIFT, first), min((number + 1) << SHIFT, stop)
        at = number & mask  # a line of samples makes a bin, and there are as many of these
        if b - a > WITHIN:
            _write_whole(samples[at], lo, hi, at, rows, block, a - first)
        else:
            _write(samples[at], lo, hi, at, rows, begins, block, a, b, first)
    for level in range(2, LEVELS + 1):
        _raise(lo, hi, level, rows, begins, first, stop)


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
    left = ring[(below & (ring.size - 1)) >> SHIFT, below & WITHIN]
    if part == 0.0:
        return left
    after = (below + 1) & (ring.size - 1)
    return left + part * (ring[after >> SHIFT, after & WITHIN] - left)


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
    "void(f8[:,:,::1], f8[:,:,::1], f8[:,:,::1], i8[::1], i8[::1], i8, i8, f8, f8, i8,"
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
    columns = out_lo.shape[1]
    # All channels a few columns at a time: what is of the same time lies side by side.
    for first in range(0, columns, _TOGETHER):
        for channel in range(rows.size):
            row, begin = rows[channel], begins[channel]
            ring, low, high = samples[:, row], lo[:, row], hi[:, row]
            for k in range(first, min(first + _TOGETHER, columns)):
                left, right = origin + k * width, origin + (k + 1) * width
                out_lo[channel, k], out_hi[channel, k] = _column(
                    ring, low, high, begin, end, reserved, left, right, joining
                )
