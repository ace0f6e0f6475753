"""What holds for every sample: it reads well, loads and saves without loss, and runs alike."""

from __future__ import annotations

import csv
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas import cli, library
from neurocanvas.formats import native
from neurocanvas.formats.samples import start_up

NAMES = (
    "01_action_potential",
    "02_lif_threshold",
    "03_two_synapses",
    "04_feedback_inhibition",
    "05_half_centre",
    "06_random_network",
)
NODE_DISTANCE = 150.0
"""Nodes are no closer than this, in scene pixels, so that labels and links have room."""


@pytest.fixture(params=nc.samples(), ids=lambda sample: sample.name)
def sample(request: pytest.FixtureRequest) -> nc.Sample:
    return request.param


def test_the_samples_are_these() -> None:
    assert tuple(sample.name for sample in nc.samples()) == NAMES


def test_the_first_window_opens_the_half_centre_oscillator() -> None:
    assert start_up().name == "05_half_centre"


def test_it_loads_without_a_report(sample: nc.Sample) -> None:
    _, report = native.load(sample.path, library.registry())
    assert report == ()


def test_loading_and_saving_gives_the_same_bytes(sample: nc.Sample, tmp_path: Path) -> None:
    copy = tmp_path / sample.path.name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nc.save(nc.load(sample.path), copy)
    assert copy.read_bytes() == sample.path.read_bytes()


def test_it_has_a_title_and_a_short_lesson(sample: nc.Sample) -> None:
    """What to see in a few sentences, then what to try."""
    notes = nc.load(sample.path).notes
    assert notes.title == sample.title != sample.name
    see, do = notes.lesson.split("\n")
    assert "Try" in do
    for part in (see, do):
        assert 2 <= len(re.findall(r"[.:?](?=\s|$)", part)) <= 9
    assert 60 <= len(notes.lesson.split()) <= 150


def test_labels_and_links_have_room(sample: nc.Sample) -> None:
    places = np.array([(node.x, node.y) for node in nc.load(sample.path).nodes()])
    apart = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= NODE_DISTANCE - 12
    assert np.ptp(places, axis=0).max() <= 800


def test_probes_are_numbered_from_one_and_each_has_its_instrument(sample: nc.Sample) -> None:
    bench = nc.load(sample.path).bench
    assert [probe.number for probe in bench.probes] == list(range(1, len(bench.probes) + 1))
    shown = {instrument.id for instrument in bench.instruments}
    assert {probe.instrument for probe in bench.probes} == shown


def test_it_can_be_watched(sample: nc.Sample) -> None:
    """A minute on the wall shows the whole run, and a spike stays longer than an eye blinks."""
    settings = nc.load(sample.path).settings
    assert settings.duration / settings.speed <= 60
    assert 1 / settings.speed >= 0.01  # seconds on the wall for a millisecond of model


def test_it_runs(sample: nc.Sample) -> None:
    result = nc.simulate(nc.load(sample.path), 20)
    assert result.traces
    for trace in result.traces:
        assert np.all(np.isfinite(trace.values))
        assert np.ptp(trace.values) > 0 or trace.label in ("Excited", "Inhibited")


def test_the_command_line_gives_the_same_spikes(sample: nc.Sample, tmp_path: Path) -> None:
    table = tmp_path / "spikes.csv"
    assert cli.main(["run", str(sample.path), "--duration", "150ms", "--spikes", str(table)]) == 0
    with table.open(newline="") as file:
        rows = [(row["node"], int(row["index"]), row["time_ms"]) for row in csv.DictReader(file)]
    there = nc.simulate(nc.load(sample.path), 150).spike_table()
    assert len(rows) > 0
    assert [row[:2] for row in rows] == list(zip(there.labels, there.indices, strict=True))
    assert np.array([float(row[2]) for row in rows]) == pytest.approx(there.times, abs=1e-8)
