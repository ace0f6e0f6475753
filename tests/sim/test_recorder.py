"""The recorder: nothing is lost, nothing is invented, and neither thread waits."""

import itertools
import subprocess
import sys
import threading
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neurocanvas.sim.recording.recorder import Channel, Recorder

A, B, C = Channel("a", "v"), Channel("b", "v"), Channel("b", "v", 3)
SMALL = 1 << 13  # the smallest ring there is


def recorder_with(values, dt_ms=0.25, step=0, capacity=SMALL, block=1000) -> Recorder:
    """A recorder of one channel; its first value is the sample after ``step``."""
    recorder = Recorder(capacity)
    recorder.configure([A], dt_ms, step)
    for k in range(0, len(values), block):
        piece = np.asarray(values[k : k + block], float)
        recorder.append(step + k, piece[None, :])
    return recorder


def brute_force(values, dt, step, start, stop, columns):
    """Minimum and maximum per column, in exact arithmetic; None for a column without samples."""
    found = [[] for _ in range(columns)]
    width = (Fraction(stop) - Fraction(start)) / columns
    for k, value in enumerate(values):
        time = Fraction(step + 1 + k) * Fraction(dt)
        column = (time - Fraction(start)) // width
        if 0 <= column < columns and not np.isnan(value):
            found[int(column)].append(value)
    return [(min(c), max(c)) if c else None for c in found]


def check_window(values, dt, step, start, stop, columns, block):
    recorder = recorder_with(values, dt, step, block=block)
    lo, hi = recorder.envelope(A, start, stop, columns)
    times = dt * (step + 1 + np.arange(len(values)))
    finite = not np.isnan(values).any()
    for k, expected in enumerate(brute_force(values, dt, step, start, stop, columns)):
        if expected is not None:
            assert (lo[k], hi[k]) == expected
        elif finite:
            middle = start + (stop - start) * (k + 0.5) / columns
            between = times[0] <= middle <= times[-1] and (stop - start) / columns < dt
            line = np.interp(middle, times, values) if between else np.nan
            np.testing.assert_allclose([lo[k], hi[k]], [line, line], rtol=1e-12, atol=1e-9)
        else:
            assert np.isnan(lo[k]) == np.isnan(hi[k])


@st.composite
def recordings(draw):
    """Values with rare spikes, and a window on them with edges on any sixteenth of a step."""
    n = draw(st.integers(1, 3000))
    seed = draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    values = rng.normal(-65, 3, n)
    for at in draw(st.lists(st.integers(0, n - 1), max_size=4)):
        values[at] = draw(st.sampled_from([40.0, -200.0, np.nan]))
    step = draw(st.integers(0, 2000))
    reach = (step + n) * 4 + 40
    start, stop = sorted((draw(st.integers(-40, reach)), draw(st.integers(-40, reach))))
    return values, step, start / 16, (stop + 1) / 16, draw(st.integers(1, 300))


@settings(deadline=None, max_examples=150)
@given(recordings(), st.sampled_from([1000, 7, 64, 513]))
@example((np.arange(4097.0), 0, 0.0, 1024.5, 1), 1000)
@example((np.array([5.0]), 0, 0.0, 1.0, 7), 1)
def test_envelope_equals_brute_force(recording, block):
    values, step, start, stop, columns = recording
    check_window(values, 0.25, step, start, stop, columns, block)


def test_a_spike_of_one_sample_is_seen_at_every_zoom():
    values = np.full(SMALL - 1000, -65.0)
    values[5003] = 30.0
    recorder = recorder_with(values)
    for columns in (1, 3, 50, 777, 5000):
        lo, hi = recorder.envelope(A, 0.0, 2000.0, columns)
        assert np.count_nonzero(hi == 30.0) == 1
        assert np.nanargmax(hi) == int(5004 * 0.25 / (2000.0 / columns))
        assert np.nanmin(lo) == -65.0


def test_a_spike_outlives_its_samples():
    """Far back, bins stand in for the samples: the spike stays, to the width of such a bin."""
    recorder = recorder_with([-65.0] * 500 + [30.0] + [-65.0] * 500)
    more = np.full((1, 1000), -65.0)
    for _ in range(40):
        recorder.append(recorder.end - 1, more)
    assert recorder.samples(A, 0, 200)[0].size == 0  # the samples are gone
    lo, hi = recorder.envelope(A, 0.0, recorder.now_ms, 100)
    time = np.nanargmax(hi) * recorder.now_ms / 100
    assert np.nanmax(hi) == 30.0
    assert time == pytest.approx(501 * 0.25, abs=recorder.now_ms / 100)
    assert not np.isnan(hi).any()
    assert np.nanmin(lo) == -65.0


def test_joined_columns_form_one_continuous_line():
    """Each column meets the next, dense or sparse, and none leaves the range of its neighbours."""
    values = np.cumsum(np.random.default_rng(3).normal(size=2000))
    recorder = recorder_with(values)
    for width in (0.013, 0.4, 1.0, 3.3, 17.0):
        columns = int(min(1500, 1990 / width))
        lo, hi = recorder.lines([A], 5.0, width, columns)
        assert not np.isnan(lo).any()
        assert (lo[0, 1:] <= hi[0, :-1] + 1e-9).all()
        assert (hi[0, 1:] >= lo[0, :-1] - 1e-9).all()


def test_sparse_line_is_the_straight_line_between_samples():
    recorder = recorder_with([0.0, 10.0, 4.0])  # samples 1, 2 and 3
    lo, hi = recorder.lines([A], 1.0, 0.25, 8)
    np.testing.assert_allclose(lo[0], [0, 2.5, 5, 7.5, 8.5, 7, 5.5, 4])
    np.testing.assert_allclose(hi[0], [2.5, 5, 7.5, 10, 10, 8.5, 7, 5.5])


def test_samples_are_what_was_appended_at_the_right_times():
    values = np.random.default_rng(1).normal(size=3000)
    recorder = recorder_with(values, dt_ms=0.025, step=400)
    times, read = recorder.samples(A, 0.0, 1e9)
    np.testing.assert_array_equal(read, values)
    np.testing.assert_allclose(times, (401 + np.arange(3000)) * 0.025, rtol=1e-12)
    times, read = recorder.samples(A, 401 * 0.025, 403 * 0.025)  # the end is not part of it
    np.testing.assert_array_equal(read, values[:2])
    assert recorder.latest(A) == values[-1]
    assert recorder.now_ms == pytest.approx(3400 * 0.025)


def test_the_initial_state_is_sample_zero():
    recorder = Recorder(SMALL)
    recorder.configure([A], 0.1, 0)
    recorder.append(-1, np.array([[-70.0]]))
    recorder.append(0, np.array([[-69.0, -68.0]]))
    times, read = recorder.samples(A, -1, 1)
    np.testing.assert_allclose(times, [0.0, 0.1, 0.2])
    np.testing.assert_array_equal(read, [-70, -69, -68])


def test_a_channel_added_later_begins_then_and_the_others_go_on():
    recorder = recorder_with(np.arange(1000.0))
    recorder.configure([B, A], 0.25, 1000)
    recorder.append(1000, np.array([[7.0] * 20, [-1.0] * 20]))
    _, old = recorder.samples(A, 0, 1e9)
    np.testing.assert_array_equal(old, [*np.arange(1000.0), *[-1.0] * 20])
    times, new = recorder.samples(B, 0, 1e9)
    assert times[0] == 1001 * 0.25
    np.testing.assert_array_equal(new, [7.0] * 20)
    lo, hi = recorder.envelope(B, 0.0, 255.25, 1021)
    assert np.isnan(lo[:1001]).all()
    assert (hi[1001:] == 7.0).all()


def test_rows_of_removed_channels_are_used_again_without_a_trace_of_the_old():
    recorder = Recorder(SMALL)
    recorder.configure([A, B], 0.25, 0)
    recorder.append(0, np.full((2, 3000), 99.0))
    recorder.configure([B], 0.25, 3000)
    recorder.append(3000, np.full((1, 10), 99.0))
    recorder.configure([C, B], 0.25, 3010)
    recorder.append(3010, np.full((2, 100), 1.0))
    lo, hi = recorder.envelope(C, 0.0, 3110 * 0.25 + 1, 5)
    assert np.nanmax(hi) == np.nanmin(lo) == 1.0
    assert A not in recorder.channels
    assert np.isnan(recorder.envelope(A, 0.0, 100.0, 4)[0]).all()


def test_the_first_bin_of_a_channel_holds_nothing_of_who_had_its_row_before():
    """Seen where the samples are gone and bins stand in for them."""
    recorder = recorder_with(np.full(3003, 99.0))  # within a bin of 8, 64, 512 and 4096
    recorder.configure([B], 0.25, 3003)
    for k in range(3003, 3003 + 10 * SMALL, 1000):
        recorder.append(k, np.ones((1, 1000)))
    assert recorder.first_ms(B) > 0.25 * 3003 + 1000
    lo, hi = recorder.envelope(B, 0.0, recorder.now_ms, 20)
    assert np.nanmin(lo) == np.nanmax(hi) == 1.0


def test_growing_to_many_channels_keeps_those_that_are_there():
    values = np.random.default_rng(2).normal(size=20000)  # more than a ring
    recorder = recorder_with(values)
    before = recorder.envelope(A, 0.0, 5000.0, 250)
    many = [Channel("x", "v", k) for k in range(30)]
    recorder.configure([*many, A], 0.25, 20000)
    after = recorder.envelope(A, 0.0, 5000.0, 250)
    np.testing.assert_array_equal(after, before)
    assert not np.isnan(after[0][1:]).any()  # from the pyramid, where the samples are gone


@pytest.mark.parametrize("block", [1, 7, 8, 64, 203])
def test_channels_that_come_and_go_keep_their_own_minima_and_maxima(block):
    """Rows that lie side by side, from samples on that no bin begins with, and beyond a ring."""
    random = np.random.default_rng(block)
    channels = [Channel("x", "v", k) for k in range(9)]
    recorder, now = Recorder(SMALL), 1
    lots = [channels[:3], channels[1:4], [channels[k] for k in (3, 0, 4, 1, 5)], channels[::-1]]
    known = {}
    for wanted, steps in zip(lots, (803, 1110, 77, 7000 if block > 7 else 900), strict=True):
        recorder.configure(wanted, 1.0, now - 1)
        known = {c: known.get(c, (now, np.empty(0))) for c in wanted}
        values = random.normal(size=(steps, len(wanted)))
        values[random.uniform(size=values.shape) < 0.02] = np.nan
        for k in range(0, steps, block):
            some = values[k : k + block]
            recorder.append(now - 1, some.T if k % 2 else np.ascontiguousarray(some.T))
            now += len(some)
        known = {
            c: (begin, np.append(seen, values[:, k]))
            for k, (c, (begin, seen)) in enumerate(known.items())
        }
    for channel, (begin, seen) in known.items():
        np.testing.assert_array_equal(recorder.samples(channel, now - 500, now)[1], seen[-500:])
        for size in (3, 8, 100, 640):
            first = now - now // 2 // size * size
            lo, hi = recorder.envelope(channel, first - 0.5, now - 0.5, (now - first) // size)
            padded = np.full(now, np.nan)
            padded[begin:] = seen
            columns = padded[first:].reshape(-1, size)
            there = ~np.isnan(columns).all(1)
            np.testing.assert_array_equal(lo[there], np.nanmin(columns[there], 1))
            np.testing.assert_array_equal(hi[there], np.nanmax(columns[there], 1))


def test_memory_is_bounded_and_many_channels_get_less_each():
    recorder = Recorder(1 << 16, budget=8 * 2**20)
    recorder.configure([A], 0.25, 0)
    recorder.append(0, np.arange(60000.0)[None, :])
    assert recorder.samples(A, 0, 1e9)[1].size == 60000
    recorder.configure([A, *(Channel("x", "v", k) for k in range(20))], 0.25, 60000)
    _, read = recorder.samples(A, 0, 1e9)
    assert 8000 < read.size < 60000
    np.testing.assert_array_equal(read, np.arange(60000.0)[-read.size :])
    lo, hi = recorder.envelope(A, 14990.0, 15000.25, 1)
    assert (lo[0], hi[0]) == (14990.0 * 4 - 1, 59999.0)
    size = recorder.nbytes
    assert size <= 8 * 2**20
    for k in range(50):
        recorder.append(60000 + 1000 * k, np.zeros((21, 1000)))
    assert recorder.nbytes == size


def test_another_time_step_clears():
    recorder = recorder_with(np.arange(100.0))
    recorder.configure([A], 0.5, 50, origin_ms=0.0)
    assert recorder.samples(A, 0, 1e9)[1].size == 0
    recorder.append(50, np.array([[3.0]]))
    times, read = recorder.samples(A, 0, 1e9)
    assert (times.tolist(), read.tolist()) == ([25.5], [3.0])


def test_clear_begins_again_at_zero():
    recorder = recorder_with(np.arange(5000.0))
    recorder.add_spikes([1.0, 2.0], [0, 0], [0, 0])
    before = recorder.serial
    recorder.clear()
    assert recorder.serial != before
    assert recorder.now_ms == 0.0
    assert recorder.samples(A, 0, 1e9)[1].size == 0
    assert recorder.spikes_between(0, 1e9)[0].size == 0
    recorder.append(0, np.array([[8.0, 9.0]]))
    lo, hi = recorder.envelope(A, 0.0, 1.0, 1)
    assert (lo[0], hi[0]) == (8.0, 9.0)


def test_a_clock_that_jumps_starts_all_channels_anew():
    recorder = recorder_with(np.arange(100.0))
    recorder.append(500, np.array([[1.0, 2.0]]))
    times, read = recorder.samples(A, 0, 1e9)
    assert times.tolist() == [501 * 0.25, 502 * 0.25]
    assert read.tolist() == [1.0, 2.0]


def test_nan_is_a_gap_not_a_value():
    recorder = recorder_with([1.0, 2.0, np.nan, np.nan, np.nan])
    lo, hi = recorder.envelope(A, 0.125, 1.375, 5)  # a sample in each
    np.testing.assert_array_equal(np.isnan(lo), [False, False, True, True, True])
    assert hi[1] == 2.0


def test_without_channels_the_clock_still_runs():
    recorder = Recorder(SMALL)
    recorder.configure([], 0.1, 0)
    recorder.append(0, np.empty((0, 50)))
    assert recorder.now_ms == pytest.approx(5.0)
    assert np.isnan(recorder.latest(A))


def test_spikes_come_once_in_order_and_by_time():
    recorder = Recorder(SMALL)
    a, b = recorder.node_number("a"), recorder.node_number("b")
    assert recorder.node_number("a") == a != b
    recorder.add_spikes([1.0, 3.0, 2.0], [a, b, a], [0, 1, 2])
    cursor, times, nodes, indices = recorder.spikes_since(0)
    assert times.tolist() == [1.0, 2.0, 3.0]
    assert nodes.tolist() == [a, a, b]
    assert indices.tolist() == [0, 2, 1]
    assert recorder.spikes_since(cursor)[1].size == 0
    recorder.add_spikes([4.0], [b], [0])
    assert recorder.spikes_since(cursor)[1].tolist() == [4.0]
    assert recorder.spikes_between(2.0, 4.0)[0].tolist() == [2.0, 3.0]


def test_the_spike_ring_forgets_the_oldest_and_never_counts_back():
    recorder = Recorder(SMALL)
    cursor = 0
    for k in range(12):
        times = k + np.linspace(0, 0.99, 100_000)
        recorder.add_spikes(times, np.full(100_000, k), np.arange(100_000))
    new_cursor, times, nodes, _ = recorder.spikes_since(cursor)
    assert new_cursor == 1_200_000
    assert times.size == 1 << 20
    assert (np.diff(times) >= 0).all()
    assert nodes[-1] == 11
    assert recorder.spikes_between(11.5, 12.0)[0].size == pytest.approx(50_000, rel=0.02)
    recorder.clear()
    assert recorder.spikes_since(new_cursor)[0] >= new_cursor


def test_a_reader_beside_a_writer_never_sees_what_was_not_there():
    """Sample i has the value i: whatever a reader gets must be that, turn after turn."""
    recorder = Recorder(SMALL)
    recorder.configure([A], 1.0, 0)
    enough = threading.Event()

    def write() -> None:
        for k in itertools.count(0, 250):
            recorder.append(k, np.arange(k + 1.0, k + 251.0)[None, :])
            if enough.is_set():
                return

    recorder.append(0, np.arange(1.0, 2.0)[None, :])
    recorder.configure([A], 1.0, 0)
    writer = threading.Thread(target=write)
    writer.start()
    reads = 0
    try:
        while reads < 20 or recorder.now_ms < 600_000:
            times, values = recorder.samples(A, 0, 1e9)
            np.testing.assert_array_equal(times, values)
            now = recorder.now_ms
            lo, hi = recorder.envelope(A, now - 4000, now, 50)
            there = ~np.isnan(lo)
            left = now - 4000 + 80.0 * np.arange(50)
            # If the writer got far ahead meanwhile, bins of up to 4096 samples stand in; what an
            # earlier or later turn of the ring held would be off by 8192 at least.
            assert (lo[there] >= left[there] - 4096).all()
            assert (hi[there] < left[there] + 80 + 4096).all()
            reads += 1
    finally:
        enough.set()
        writer.join()


def test_importing_the_recorder_does_not_import_numba():
    program = "import sys, neurocanvas.sim.recording.recorder; print('numba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
