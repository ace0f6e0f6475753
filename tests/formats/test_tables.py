"""Tables of results: proper CSV, exact numbers, both files or none."""

from __future__ import annotations

import csv
import os
from types import SimpleNamespace

import numpy as np
import pytest

from neurocanvas.errors import FileError
from neurocanvas.formats import tables
from neurocanvas.formats.summary import summary
from neurocanvas.model.circuit import Circuit

ODD = 'a "quoted", label; with = and é'


def result(n_steps: int = 3) -> SimpleNamespace:
    """Two traces of one neuron, one of three, and four spikes."""
    times = np.arange(n_steps + 1) * 0.1
    single = -70 + np.sin(times)
    many = np.arange(3 * (n_steps + 1), dtype=float).reshape(-1, 3) / 3
    traces = (
        SimpleNamespace(label=ODD, variable="v", values=single),
        SimpleNamespace(label=ODD, variable="I_Na", values=single / 7),
        SimpleNamespace(label="B", variable="m", values=many),
    )
    spikes = SimpleNamespace(
        labels=["B", ODD, "B", "B"],
        indices=np.array([2, 0, 0, 2]),
        times=np.array([0.1, 0.1 + 0.2, 1 / 3, 13.862943611198906]),
    )
    return SimpleNamespace(times=times, traces=traces, spike_table=lambda: spikes, unlisted={})


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_traces_have_a_column_each_and_read_back_to_the_last_bit(tmp_path):
    path, made = tmp_path / "out.csv", result()
    tables.write_traces(made, path)
    head, *body = rows(path)
    assert head == ["time_ms", f"{ODD}.v", f"{ODD}.I_Na", "B[0].m", "B[1].m", "B[2].m"]
    numbers = np.array(body, dtype=float)
    assert np.array_equal(numbers[:, 1], made.traces[0].values)
    assert np.array_equal(numbers[:, 2], made.traces[1].values)
    assert np.array_equal(numbers[:, 3:], made.traces[2].values)


def test_times_are_written_as_people_write_them(tmp_path):
    tables.write_traces(result(3), tmp_path / "out.csv")
    assert [row[0] for row in rows(tmp_path / "out.csv")[1:]] == ["0.0", "0.1", "0.2", "0.3"]


def test_many_rows_are_all_there(tmp_path):
    tables.write_traces(result(10_000), tmp_path / "out.csv")
    body = rows(tmp_path / "out.csv")[1:]
    assert len(body) == 10_001
    assert float(body[-1][0]) == 1000.0


def test_spikes_have_node_index_and_exact_time(tmp_path):
    path = tmp_path / "spikes.csv"
    tables.write_spikes(result(), path)
    assert rows(path) == [
        ["node", "index", "time_ms"],
        ["B", "2", "0.1"],
        [ODD, "0", "0.30000000000000004"],
        ["B", "0", repr(1 / 3)],
        ["B", "2", "13.862943611198906"],
    ]


def test_npz_holds_the_same_under_the_same_names(tmp_path):
    made = result()
    tables.write_tables(made, traces=tmp_path / "t.npz", spikes=tmp_path / "s.npz")
    with np.load(tmp_path / "t.npz", allow_pickle=False) as traces:
        assert set(traces) == {"time_ms", f"{ODD}.v", f"{ODD}.I_Na", "B[0].m", "B[1].m", "B[2].m"}
        assert np.array_equal(traces["time_ms"], made.times)
        assert np.array_equal(traces["B[1].m"], made.traces[2].values[:, 1])
    with np.load(tmp_path / "s.npz", allow_pickle=False) as spikes:
        assert spikes["node"].tolist() == ["B", ODD, "B", "B"]
        assert np.array_equal(spikes["index"], [2, 0, 0, 2])
        assert np.array_equal(spikes["time_ms"], made.spike_table().times)


def test_nothing_recorded_makes_tables_without_rows(tmp_path):
    empty = SimpleNamespace(labels=[], indices=np.zeros(0, int), times=np.zeros(0))
    made = SimpleNamespace(
        times=np.array([0.0, 0.1]), traces=(), spike_table=lambda: empty, unlisted={}
    )
    tables.write_tables(made, traces=tmp_path / "t.csv", spikes=tmp_path / "s.csv")
    assert rows(tmp_path / "t.csv") == [["time_ms"], ["0.0"], ["0.1"]]
    assert rows(tmp_path / "s.csv") == [["node", "index", "time_ms"]]
    tables.write_tables(made, traces=tmp_path / "t.npz", spikes=tmp_path / "s.npz")


@pytest.mark.parametrize("label", ["a/b", "..", "file", "a\\b"])
def test_any_label_names_an_array(tmp_path, label):
    made = result()
    made.traces[0].label = label
    tables.write_traces(made, tmp_path / "t.npz")
    with np.load(tmp_path / "t.npz") as traces:
        assert f"{label}.v" in traces


def test_two_arrays_of_one_name_are_refused(tmp_path):
    made = result()
    made.traces[0].label, made.traces[0].variable = "B[1]", "m"
    with pytest.raises(FileError, match=r"two arrays would be named 'B\[1\]\.m'"):
        tables.write_traces(made, tmp_path / "t.npz")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out.txt", "the suffix '.txt' is unknown; .csv or .npz would be right for traces"),
        ("out", "a suffix is missing; .csv or .npz would be right"),
        ("out.nwb", "NWB is not available yet; .csv or .npz"),
        ("none/out.csv", "there is no folder"),
    ],
)
def test_a_path_that_will_not_do_is_refused_in_words(tmp_path, name, words):
    with pytest.raises(FileError, match=words):
        tables.check_paths(tmp_path / name)
    with pytest.raises(FileError, match=words):
        tables.write_traces(result(), tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_suffixes_in_capitals_are_the_same(tmp_path):
    tables.write_traces(result(), tmp_path / "OUT.CSV")
    assert rows(tmp_path / "OUT.CSV")[0][0] == "time_ms"


def test_traces_and_spikes_in_one_file_are_refused(tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "out.csv")
    for other in ("out.csv", "link.csv"):
        with pytest.raises(FileError, match="two different files"):
            tables.check_paths(tmp_path / "out.csv", tmp_path / other)


def test_both_are_written_or_none(tmp_path, monkeypatch):
    for name in ("t.csv", "s.csv"):
        (tmp_path / name).write_text("old")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables, "_spikes_csv", full)
    with pytest.raises(FileError, match=r"s\.csv: can't be written: no space left"):
        tables.write_tables(result(), traces=tmp_path / "t.csv", spikes=tmp_path / "s.csv")
    assert sorted(os.listdir(tmp_path)) == ["s.csv", "t.csv"]
    assert {(tmp_path / name).read_text() for name in ("t.csv", "s.csv")} == {"old"}


def test_a_summary_says_how_long_and_who_fired(circuit: Circuit):
    circuit.add("lif", label=ODD)
    circuit.add("lif", label="B", size=3)
    circuit.add("step_current", label="I")
    circuit.add("poisson", label="P")
    sea = circuit.add("poisson", label="Q", size=9000, rate=300.0)
    made = result(10_000)
    made.unlisted = {sea: 2.7e6}
    lines = summary(circuit, made, 0.0213).splitlines()
    assert lines[0] == "1 s of model in 0.0213 s"
    assert [line.split("  ")[1].strip() for line in lines[1:]] == [
        ODD,
        "B (3 neurons)",
        "P",
        "Q (9000 trains)",
    ]
    assert lines[1].endswith("1 spike   1 Hz")
    assert lines[2].endswith("3 spikes  1 Hz each")
    assert lines[3].endswith("0 spikes  0 Hz")
    # That none was listed does not say that none was.
    assert lines[4].endswith("  not listed: about 2,700,000 a second")
