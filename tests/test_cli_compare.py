"""What the command line says of accuracy: the comparison, and time steps that are too coarse."""

from __future__ import annotations

import pytest

import neurocanvas as nc
from neurocanvas.cli import main
from neurocanvas.model.edits import SetBench, SetFeature
from neurocanvas.model.elements import Bench, Probe


@pytest.fixture
def file(tmp_path):
    """Writes a circuit and returns its path."""

    def write(circuit):
        path = tmp_path / "c.neuro"
        nc.save(circuit, path)
        return str(path)

    return write


def driven(dt=0.025):
    circuit = nc.Circuit(dt=dt)
    a = circuit.add("hodgkin_huxley", label="A")
    circuit.connect(circuit.add("step_current", amplitude=1000, start=2), a)
    return circuit


@pytest.mark.parametrize("words", [["--compare"], ["--reference", "--compare"]])
def test_a_comparison_is_printed_as_a_table_whichever_of_the_two_was_run(file, capsys, words):
    path = file(driven())
    assert main(["run", path, "--duration", "30ms", *words]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    lines = [line.split() for line in said.out.splitlines()]
    (spikes,) = [line for line in lines if line[:2] == ["A", "2"] and line[-1] != "Hz"]
    assert spikes[1:3] == ["2", "2"]
    worst = float(spikes[3])
    assert 0.0 < worst < 0.1
    (trace,) = [line for line in lines if line and line[0] == "A.v"]
    assert trace[2] == "mV"


def test_a_comparison_that_is_not_possible_is_one_line(file, capsys):
    circuit = driven()
    path = file(circuit)
    assert main(["run", path, "--duration", "0ms", "--compare"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_run_with_a_coarse_step_warns_on_stderr_and_runs_all_the_same(file, capsys):
    path = file(driven())
    assert main(["run", path, "--duration", "5ms", "--dt", "0.1ms"]) == 0
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith(f"neurocanvas: {path}: A: m of Hodgkin")
    assert line.endswith("dt = 0.05 ms would do")
    assert "5 ms of model" in said.out


def test_a_check_names_the_coarse_step_and_calls_the_file_fine(file, capsys):
    path = file(driven(dt=0.1))
    assert main(["check", path]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{path}: warning: A: m of Hodgkin")
    assert "fine" in last
    path = file(driven())
    assert main(["check", path]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_values_that_are_clipped_are_said_by_run_and_check(file, capsys):
    circuit = nc.Circuit()
    a, b = circuit.add("lif", label="A"), circuit.add("lif", label="B", size=20)
    circuit.connect(a, b, "ampa", weight="normal(1 nS, 5 nS)")
    path = file(circuit)
    assert main(["run", path, "--duration", "1ms"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"neurocanvas: {path}: A -> B (ampa): ")
    assert line.endswith("are clipped; it must be at least 0 nS")
    assert main(["check", path]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{path}: warning: A -> B (ampa): ")
    assert "fine" in last


def test_the_reference_writes_what_probes_on_links_show(file, tmp_path, capsys):
    circuit = nc.Circuit(dt=0.1)
    a = circuit.add("lif", label="A")
    circuit.connect(circuit.add("step_current", amplitude=900, start=1), a)
    link = circuit.connect(a, circuit.add("lif", label="B"), "ampa", weight=2.0)
    circuit.apply(SetFeature(link, "stdp", {}))
    probes = tuple(Probe(k + 1, link, name) for k, name in enumerate(["w", "stdp.x", "g"]))
    circuit.apply(SetBench(Bench(probes=probes)))
    path, out = file(circuit), tmp_path / "traces.csv"
    words = ["--duration", "20ms", "--traces", str(out)]
    heads = []
    for more in ([], ["--reference"]):
        assert main(["run", path, *words, *more]) == 0
        heads.append(out.read_text().splitlines()[0])
    assert heads[0] == heads[1]
    assert [name in heads[1] for name in (".w", ".stdp.x", ".g")] == [True] * 3
    capsys.readouterr()
    assert main(["run", path, "--duration", "20ms", "--compare"]) == 0
    said = capsys.readouterr().out
    assert f"{link}.stdp.x" in said
    assert f"{link}.w" in said
