"""The command line, as people use it: words in, lines and files and an exit code out."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import platform
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import neurocanvas as nc
from neurocanvas.cli import main, progress, window
from neurocanvas.model import edits
from neurocanvas.model.elements import Bench, Probe
from neurocanvas.sim import profile
from neurocanvas.sim import progress as sim_progress

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def demo(folder: Path) -> nc.Circuit:
    """A current step into a LIF neuron that drives three others: ``demo.neuro``."""
    c = nc.Circuit(seed=1, dt="0.1 ms")
    a = c.add("lif", label="A")
    c.connect(c.add("step_current", amplitude="300 pA"), a)
    b = c.add("lif", label="B, all", size=3, x=100)
    c.connect(a, b, "ampa", weight="20 nS", delay="1.5 ms")
    c.apply(edits.SetBench(Bench(probes=(Probe(1, a), Probe(2, b, "v", 1)))))
    nc.save(c, "demo.neuro")
    return c


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command; return its exit code, its output and its complaints."""
    try:
        code = main(words)
    except SystemExit as leave:
        code = int(leave.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def refused(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    """Run a command that must fail in one line with nothing written; return the line."""
    before = sorted(os.listdir())
    found, out, err = run(capsys, *words)
    assert found == code, err
    assert out == ""
    assert err.startswith("neurocanvas")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert sorted(os.listdir()) == before
    return err


def rows(path: str) -> list[list[str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


# -- run -----------------------------------------------------------------------------------------


def test_run_writes_traces_and_spikes_and_says_who_fired(demo, capsys):
    words = ("run", "demo.neuro", "--duration", "100ms", "--traces", "t.csv", "--spikes", "s.csv")
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("100 ms of model in ")
    assert out.splitlines()[-2:] == ["written: t.csv", "written: s.csv"]
    head, *body = rows("t.csv")
    assert head == ["time_ms", "A.v", "B, all[0].v", "B, all[1].v", "B, all[2].v"]
    assert len(body) == 1001
    assert float(body[-1][0]) == 100.0
    head, *spikes = rows("s.csv")
    assert head == ["node", "index", "time_ms"]
    # C 200 pF, tau 20 ms, 300 pA for 15 mV, 2 ms refractory: 13.863 ms, then every 15.863 ms.
    times = [float(time) for node, index, time in spikes if node == "A"]
    assert times == pytest.approx([13.863 + 15.863 * k for k in range(6)], abs=0.1)
    assert any(line.split()[:3] == ["A", "6", "spikes"] for line in out.splitlines())


def test_the_command_line_gives_the_spikes_of_the_python_face(demo, capsys):
    run(capsys, "run", "demo.neuro", "--duration", "200ms", "--spikes", "s.npz", "--seed", "5")
    result = nc.simulate(nc.load("demo.neuro"), "200 ms", seed=5)
    with np.load("s.npz") as spikes:
        table = result.spike_table()
        assert spikes["node"].tolist() == list(table.labels)
        assert np.array_equal(spikes["time_ms"], table.times)


def test_run_takes_the_duration_of_the_file_and_another_time_step(demo, capsys):
    assert run(capsys, "run", "demo.neuro", "--dt", "0.05ms", "--traces", "t.npz")[0] == 0
    with np.load("t.npz") as traces:
        assert traces["time_ms"][-1] == pytest.approx(500.0)
        assert len(traces["time_ms"]) == 10_001


def test_the_reference_gives_the_closed_form(demo, capsys):
    words = ("run", "demo.neuro", "--reference", "--duration", "40ms", "--spikes", "s.csv")
    assert run(capsys, *words)[0] == 0
    times = [float(time) for node, _, time in rows("s.csv")[1:] if node == "A"]
    first = 20 * np.log(2)
    assert times == pytest.approx([first, 2 * first + 2], abs=1e-5)


def test_probes_on_other_variables_are_recorded_too(folder, capsys):
    c = nc.Circuit()
    h = c.add("hodgkin_huxley", label="H")
    c.apply(edits.SetBench(Bench(probes=(Probe(1, h, "I_Na"), Probe(2, h, "m")))))
    nc.save(c, "h.neuro")
    assert run(capsys, "run", "h.neuro", "--duration", "1ms", "--traces", "t.csv")[0] == 0
    assert rows("t.csv")[0] == ["time_ms", "H.v", "H.I_Na", "H.m"]


RUN_REFUSED = {
    "no file": (("none.neuro",), "none.neuro: can't be read: no such file"),
    "folder": ((".",), "this is a folder"),
    "duration": (("demo.neuro", "--duration", "1 mV"), "--duration: '1 mV' is not in ms"),
    "duration 0": (("demo.neuro", "--duration", "0"), "duration = 0 ms is not possible"),
    "duration negative": (("demo.neuro", "--duration", "-1s"), "duration = -1000 ms is not"),
    "duration negative, a part": (("demo.neuro", "--duration", "-.5s"), "duration = -500 ms is"),
    "duration huge": (("demo.neuro", "--duration", "1e12s"), "GB of memory"),
    "dt": (("demo.neuro", "--dt", "fast"), "--dt: 'fast' is no number"),
    "dt 0": (("demo.neuro", "--dt", "0 ms"), "dt = 0 ms is not possible; 0.0001 to 10 ms is"),
    "seed": (("demo.neuro", "--seed", "-1"), "seed = -1 is not possible"),
    "suffix": (("demo.neuro", "--traces", "t.xls"), "t.xls: the suffix '.xls' is unknown"),
    "nwb": (("demo.neuro", "--traces", "t.nwb"), "NWB is not available yet"),
    "nowhere": (("demo.neuro", "--spikes", "no/s.csv"), "there is no folder"),
    "same": (("demo.neuro", "--spikes", "x.csv", "--traces", "x.csv"), "two different files"),
    "late": (("none.neuro", "--traces", "t.csv"), "none.neuro"),
}


@pytest.mark.parametrize("name", RUN_REFUSED)
def test_a_run_that_can_not_be_is_refused_in_one_line_with_nothing_written(demo, capsys, name):
    words, reason = RUN_REFUSED[name]
    assert reason in refused(capsys, 1, "run", *words)


def test_a_wrong_file_is_refused_by_every_command(demo, capsys):
    text = Path("demo.neuro").read_text().replace('"n1", "kind": "lif"', '"n1", "kind": "ampa"')
    Path("wrong.neuro").write_text(text)
    for words in (("run", "wrong.neuro"), ("check", "wrong.neuro"),
                  ("render", "wrong.neuro", "--out", "x.png")):  # fmt: skip
        line = refused(capsys, 1, *words)
        assert line == 'neurocanvas: wrong.neuro: node "A": AMPA is a synapse; ' \
                       "connect two neurons with it\n"  # fmt: skip


def test_probes_on_links_are_recorded_too(demo, capsys):
    link = next(k for k in demo.links() if k.kind == "ampa").id
    demo.apply(edits.SetFeature(link, "stdp", {}))
    demo.apply(edits.SetBench(Bench(probes=(Probe(1, link, "w", 2), Probe(2, link, "g")))))
    nc.save(demo, "learns.neuro")
    code, _, err = run(capsys, "run", "learns.neuro", "--duration", "5ms", "--traces", "t.csv")
    assert (code, err) == (0, "")
    header = Path("t.csv").read_text().splitlines()[0]
    assert f"{link}[2].w" in header
    assert f"{link}[0].g" in header
    code, _, err = run(capsys, "render", "learns.neuro", "--out", "x.png", "--run", "5ms")
    assert (code, err) == (0, "")


# -- check ---------------------------------------------------------------------------------------


def test_check_says_what_is_in_a_good_file(demo, capsys):
    code, out, err = run(capsys, "check", "demo.neuro")
    assert (code, out, err) == (0, "demo.neuro: fine (3 nodes, 2 links, 4 neurons)\n", "")


def test_check_names_unknown_keys_and_unknown_kinds(demo, capsys):
    text = Path("demo.neuro").read_text()
    Path("key.neuro").write_text(text.replace('"version": 1', '"version": 1, "x": 2'))
    code, out, err = run(capsys, "check", "key.neuro")
    assert code == 0
    assert "fine" in out
    assert err == 'neurocanvas: key.neuro: the file: unknown key "x" is kept as it is\n'
    Path("kind.neuro").write_text(text.replace('"ampa"', '"new_link"'))
    code, out, err = run(capsys, "check", "kind.neuro")
    assert (code, out) == (1, "")
    assert "unknown kind 'new_link' of link \"l2\": shown" in err


def test_check_names_unknown_plasticity(demo, capsys):
    text = Path("demo.neuro").read_text()
    Path("learns.neuro").write_text(text.replace(
        '"kind": "ampa",', '"kind": "ampa", "features": {"bcm": {"theta": 1}},'))  # fmt: skip
    code, out, err = run(capsys, "check", "learns.neuro")
    assert (code, out) == (1, "")
    assert 'unknown plasticity "bcm": kept at 1 of the links, but not simulated' in err


def test_check_warns_of_neurons_that_both_excite_and_inhibit(demo, capsys):
    a, b = demo.find("A").id, demo.find("B, all").id
    demo.connect(a, b, "gaba_a")
    nc.save(demo, "both.neuro")
    assert run(capsys, "check", "both.neuro")[1].count("\n") == 1
    demo.apply(edits.SetSettings(replace(demo.settings, dale=True)))
    nc.save(demo, "both.neuro")
    code, out, err = run(capsys, "check", "both.neuro")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "both.neuro: warning: A both excites B, all (ampa) and inhibits B, all (gaba_a)",
        "both.neuro: fine (3 nodes, 3 links, 4 neurons)",
    ]


# -- kinds ---------------------------------------------------------------------------------------


def test_kinds_lists_them_all(capsys):
    code, out, _ = run(capsys, "kinds")
    assert code == 0
    assert all(kind.name in out for kind in nc.kinds())


def test_kinds_tells_all_of_one(capsys):
    code, out, _ = run(capsys, "kinds", "hodgkin_huxley")
    assert code == 0
    for text in ("dv/dt = ", "g_Na", "12000 nS", "above 0 pF", "exponential Euler", "J. Physiol."):
        assert text in out


def test_kinds_as_json(capsys):
    code, out, _ = run(capsys, "kinds", "--json")
    assert code == 0
    assert [kind["name"] for kind in json.loads(out)] == [kind.name for kind in nc.kinds()]
    code, out, _ = run(capsys, "kinds", "lif", "--json")
    assert json.loads(out)["parameters"][0]["name"] == "C_m"
    assert "exact" in json.loads(out)["integrator"]


def test_an_unknown_kind_is_refused_with_those_that_are_known(folder, capsys):
    assert "no kind is named 'nope'; known are lif" in refused(capsys, 1, "kinds", "nope")


# -- render --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "magic"), [("x.png", b"\x89PNG"), ("x.svg", b"<?xml")])
def test_render_draws_a_picture(demo, capsys, qapp, name, magic):
    code, out, err = run(capsys, "render", "demo.neuro", "--out", name, "--run", "20ms")
    assert (code, out, err) == (0, f"written: {name}\n", "")
    assert Path(name).read_bytes().startswith(magic)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--out", "x.gif"), "x.gif: a picture ends in .png or .svg"),
        (("--out", "no/x.png"), "there is no folder"),
        (("--out", "x.png", "--run", "1 mV"), "--run: '1 mV' is not in ms"),
        (("--out", "x.png", "--run", "0"), "--run 0 is not possible"),
        (("--out", "x.png", "--run", "-1s"), "--run -1s is not possible"),
    ],
)
def test_a_picture_that_can_not_be_is_refused(demo, capsys, words, reason):
    assert reason in refused(capsys, 1, "render", "demo.neuro", *words)


# -- words that make no sense --------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("run", "a", "b"),
        ("run", "a", "--fast"),
        ("run", "a", "--seed", "x"),
        ("run", "a", "--dura", "1s"),
        ("check",),
        ("render", "a"),
        ("--fast",),
        ("a", "b"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(folder, capsys, words):
    assert "--help" in refused(capsys, 2, *words)


def test_a_word_that_is_neither_file_nor_command(folder, capsys):
    line = refused(capsys, 1, "rnu")
    assert "rnu: there is no such file, and no such command" in line


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("kinds", "-h")])
def test_help_is_given(capsys, words):
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "")
    assert out.startswith("usage: neurocanvas")


def test_the_version(capsys):
    assert run(capsys, "--version") == (0, f"neurocanvas {nc.__version__}\n", "")


# -- the window, and where there is none ---------------------------------------------------------


def test_the_window_opens_with_the_file(demo, monkeypatch):
    opened = []
    monkeypatch.setitem(sys.modules, "neurocanvas.app.main", _Window(opened))
    assert main(["demo.neuro"]) == 7
    assert main([]) == 7
    assert opened == ["demo.neuro", None]


class _Window:
    def __init__(self, opened: list[str | None]) -> None:
        self.main = lambda path: opened.append(path) or 7


DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in DISPLAYS:
        monkeypatch.delenv(name, raising=False)


def test_without_a_display_the_file_runs_and_leaves_its_results(demo, no_display, capsys, qapp):
    code, out, err = run(capsys, "demo.neuro")
    assert code == 0
    assert err.startswith("neurocanvas: there is no display (DISPLAY and WAYLAND_DISPLAY are not")
    assert err.count("\n") == 1
    written = sorted(f"neurocanvas-run/{name}" for name in os.listdir("neurocanvas-run"))
    assert written == [
        f"neurocanvas-run/demo{end}" for end in (".png", "_spikes.csv", "_traces.csv")
    ]
    assert all(f"written: {name}" in out for name in written)
    assert len(rows("neurocanvas-run/demo_traces.csv")) == 5002


def test_a_wrong_file_leaves_nothing_without_a_display(demo, no_display, capsys):
    Path("wrong.neuro").write_text("{}")
    code, out, err = run(capsys, "wrong.neuro")
    assert (code, out) == (1, "")
    assert "no NeuroCanvas circuit" in err
    assert not Path("neurocanvas-run").exists()


def test_a_display_has_to_answer(no_display, monkeypatch, tmp_path):
    assert "are not set" in (window.why_no_display() or "")
    monkeypatch.setattr(window, "X_SOCKETS", tmp_path)
    for display in (":77", "unix:77.0", "127.0.0.1:59000.0", "nonsense", "host:x"):
        monkeypatch.setenv("DISPLAY", display)
        assert window.why_no_display() == f"nobody answers at {display}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "X77"))
        server.listen()
        monkeypatch.setenv("DISPLAY", ":77.0")
        assert window.why_no_display() is None
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.delenv("DISPLAY")
    assert window.why_no_display() == "nobody answers at wayland-0"
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert window.why_no_display() is None


def test_other_systems_always_have_a_display(no_display, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert window.why_no_display() is None


# -- progress ------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stderr that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal for stages that are all worth a bar, and drawn at once."""
    for name, value in (("SHOW_AFTER_S", 0.0), ("SURE_AFTER_S", 0.0)):
        monkeypatch.setattr(sim_progress, name, value)
    monkeypatch.setattr(progress, "PERIOD_S", 0.005)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def watch_it(terminal: Terminal, quiet: bool = False) -> None:
    """Do something in two stages, slowly enough to be seen."""
    import rich.progress  # noqa: F401 - takes its time the first time

    # What replaced stderr in a fixture, pytest would put back for the test.
    with contextlib.redirect_stderr(terminal), progress.Watch(quiet) as watch:
        for stage in ("connecting [red] -> B", "running"):
            for k in range(8):
                watch.tell(stage, k, 16)
                time.sleep(0.01)


def test_each_stage_has_a_bar_with_the_time_left_and_leaves_no_trace(terminal):
    watch_it(terminal)
    drawn = terminal.getvalue()
    assert "connecting [red] -> B" in drawn
    assert "running" in drawn
    assert "%" in drawn
    assert "s left" in drawn
    assert drawn.endswith("\x1b[2K"), "the line is clear again"


def test_nothing_is_drawn_where_it_is_not_wanted_or_nobody_looks(terminal, monkeypatch):
    watch_it(terminal, quiet=True)
    assert terminal.getvalue() == ""
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    watch_it(terminal)
    assert terminal.getvalue() == ""


def test_nothing_is_drawn_of_what_takes_less_than_a_second(demo, terminal, monkeypatch):
    monkeypatch.setattr(sim_progress, "SHOW_AFTER_S", 60.0)
    with contextlib.redirect_stderr(terminal):
        assert main(("run", "demo.neuro", "--duration", "20ms")) == 0
    assert terminal.getvalue() == ""


@pytest.mark.skipif(platform.machine() not in profile.CLOCKS, reason="its clock can't be read")
def test_profile_says_where_the_time_goes(demo, capsys):
    code, out, err = run(capsys, "run", "demo.neuro", "--duration", "50ms", "--profile")
    assert (code, err) == (0, "")
    table = out.partition("\n\n")[2].splitlines()
    assert " ".join(table[0].split()) == "stage group share ms per s of model ns each"
    stages = {line.partition("  ")[0] for line in table}
    assert {"sources", "neurons", "synapses", "arrivals", "in all"} <= stages
    assert any("B, all" in line for line in table), "groups have the names of the canvas"
    shares = [float(word[:-1]) for line in table for word in line.split() if word.endswith("%")]
    assert sum(shares[:-1]) == pytest.approx(100.0, abs=0.5)
    assert shares[-1] == 100.0


def test_the_reference_has_no_profile(demo, capsys):
    words = ("run", "demo.neuro", "--reference", "--profile")
    assert "not allowed with argument" in refused(capsys, 2, *words)


def test_any_number_of_threads_writes_the_same(demo, capsys):
    words = ("run", "demo.neuro", "--duration", "30ms", "--quiet", "--traces")
    assert run(capsys, *words, "one.csv") == (0, "", "")
    assert run(capsys, *words, "two.csv", "--threads", "2") == (0, "", "")
    assert rows("one.csv") == rows("two.csv")
    assert "threads = 0" in refused(capsys, 1, "run", "demo.neuro", "--threads", "0")


def test_a_quiet_run_writes_and_says_nothing(demo, capsys):
    words = ("run", "demo.neuro", "--duration", "20ms", "--traces", "t.csv", "--quiet")
    assert run(capsys, *words) == (0, "", "")
    assert len(rows("t.csv")) == 202


# -- as a program of its own ---------------------------------------------------------------------


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}

INTERRUPTED = """
import os, signal, sys
from neurocanvas.cli import main, progress

signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be inherited as ignored
def tell(watch, what, done, total, told=progress.Watch.tell):
    told(watch, what, done, total)
    if what.startswith(sys.argv[1]) and done > 0:
        os.kill(os.getpid(), signal.SIGINT)
progress.Watch.tell = tell
sys.exit(main(sys.argv[2:]))
"""


def interrupted(at: str, *words: str) -> tuple[int, str, str]:
    """Run a command that gets a Ctrl+C whenever a stage tells how far it is."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, at, *words],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_ctrl_c_ends_a_run_where_it_is_and_keeps_what_was_run(demo):
    code, out, err = interrupted("running", "run", "demo.neuro", "--traces", "t.csv")
    assert code == 130
    assert err.startswith("neurocanvas: stopped at ")
    assert err.endswith(" of 500 ms\n")
    assert out.endswith("written: t.csv\n")
    reached = float(rows("t.csv")[-1][0])
    assert 0 < reached < 500
    assert f"{reached:.4g} ms of" in err
    assert sorted(os.listdir()) == ["demo.neuro", "t.csv"]


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("solving", ("run", "demo.neuro", "--reference", "--traces", "out.csv")),
        ("running", ("render", "demo.neuro", "--run", "500ms", "--out", "out.png")),
    ],
)
def test_ctrl_c_leaves_nothing_where_a_part_is_of_no_use(demo, stage, words):
    Path(words[-1]).write_text("as it was")
    code, out, err = interrupted(stage, *words)
    assert (code, out) == (130, "")
    assert err.startswith(f"neurocanvas: {stage} was stopped, ")
    assert err.endswith("% done; nothing was written\n")
    assert sorted(os.listdir()) == ["demo.neuro", words[-1]]
    assert Path(words[-1]).read_text() == "as it was"


def test_a_reader_who_stops_reading_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "neurocanvas", "kinds", "--json"],
        env=ENVIRONMENT,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_output_that_can_not_be_written_is_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "neurocanvas", "kinds"],
            env=ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "neurocanvas: the output can't be written: no space left on device\n"


def test_a_terminal_that_lacks_letters_is_no_error():
    done = subprocess.run(
        [sys.executable, "-m", "neurocanvas", "kinds", "hodgkin_huxley"],
        env=ENVIRONMENT | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"Hodgkin?Huxley" in done.stdout


LOADED = """
import sys
import neurocanvas.cli
{}
heavy = {{"numba", "scipy", "networkx", "rich", "typer", "numpy", "PySide6", "asyncio"}}
print(sorted(heavy & sys.modules.keys()))
"""


@pytest.mark.parametrize(
    ("program_text", "loaded"),
    [
        ("", "[]"),
        ("import neurocanvas; neurocanvas.__version__", "[]"),
        ("neurocanvas.cli.main(['--version'])", "[]"),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(program_text, loaded):
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(program_text)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == loaded


def test_the_face_shows_what_it_promises():
    assert set(nc.__all__) <= set(dir(nc))
    for name in nc.__all__:
        assert getattr(nc, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = nc.nope


def test_loading_warns_of_what_it_does_not_know(demo):
    text = Path("demo.neuro").read_text().replace('"ampa"', '"new_link"')
    Path("kind.neuro").write_text(text)
    with pytest.warns(UserWarning, match="unknown kind 'new_link'"):
        circuit = nc.load("kind.neuro")
    assert isinstance(circuit, nc.Circuit)


def test_a_circuit_with_unknown_parts_is_not_run_in_part(demo, folder, capsys):
    text = (folder / "demo.neuro").read_text(encoding="utf-8")
    (folder / "new.neuro").write_text(text.replace('"lif"', '"lif_of_tomorrow"'), encoding="utf-8")
    code = main(["run", "new.neuro", "--duration", "10ms", "--spikes", "spikes.csv"])
    assert code == 1
    assert "lif_of_tomorrow" in capsys.readouterr().err
    assert not (folder / "spikes.csv").exists()
