"""Brian2's two ways to run: by itself (``runtime``), and as a C++ program (``standalone``)."""

import atexit
import os
import shutil
import tempfile

import numpy as np
from _worker import Answer, Run, timed
from brian2 import Network, device, ms, prefs, set_device

FLAGS = ["-w", "-O3", "-march=native", "-ffast-math", "-std=c++11"]
"""The fastest we know: with Brian's own -fno-finite-math-only, exp is not vectorized."""
BEFORE = """
std::clock_t cpu_before = std::clock();
auto wall_before = std::chrono::steady_clock::now();
"""
AFTER = """
{
    std::ofstream times("results/measured_times");
    std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_before;
    times << wall.count() << " " << double(std::clock() - cpu_before)/CLOCKS_PER_SEC;
}
"""


class Machine:
    """Where a network runs; to be made before anything else of Brian.

    Args:
        mode: ``"runtime"`` or ``"standalone"``.
    """

    def __init__(self, mode: str) -> None:
        self.mode = mode
        if mode == "standalone":
            prefs.codegen.cpp.extra_compile_args_gcc = FLAGS
            prefs.codegen.cpp.headers += ["<chrono>", "<ctime>", "<fstream>"]
            # Brian's default starts a compiler for every file at once.
            prefs.devices.cpp_standalone.extra_make_args_unix = [f"-j{os.cpu_count() or 1}"]
            set_device("cpp_standalone", build_on_run=False)
        else:
            prefs.codegen.target = "cython"

    def runner(self, objects: list, monitor, duration) -> Run:
        """Return the function that does a run and answers with times and spikes."""
        net = Network(*objects)
        if self.mode == "standalone":
            return self._standalone(net, monitor, duration)
        net.run(0 * ms)  # compiles
        net.store()

        def run(seed: int, spikes: bool = False) -> Answer:
            net.restore()
            answer: Answer = {}
            with timed(answer):
                net.run(duration)
            return answer | _spikes(np.array(monitor.i), np.array(monitor.t / ms), spikes)

        return run

    def _standalone(self, net: Network, monitor, duration) -> Run:
        """Every run of the program draws its network anew; only the loop over steps is timed."""
        folder = tempfile.mkdtemp(prefix="brian2_")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        device.insert_code("before_network_run", BEFORE)
        device.insert_code("after_network_run", AFTER)
        net.run(duration)
        device.build(directory=folder, compile=True, run=False, with_output=False)

        def read(name: str, dtype: type) -> np.ndarray:
            path = device.get_array_filename(monitor.variables[name])
            return np.fromfile(os.path.join(folder, "results", os.path.basename(path)), dtype)

        def run(seed: int, spikes: bool = False) -> Answer:
            device.run(folder, with_output=False, run_args=[])
            with open(os.path.join(folder, "results", "measured_times"), encoding="ascii") as file:
                wall, cpu = map(float, file.read().split())
            found = _spikes(read("i", np.int32), read("t", np.float64) * 1e3, spikes)
            return {"wall": wall, "cpu": cpu} | found

        return run


def _spikes(senders: np.ndarray, times: np.ndarray, wanted: bool) -> Answer:
    answer: Answer = {"spikes": len(senders)}
    if wanted:
        answer |= {"senders": senders.tolist(), "times": times.tolist()}
    return answer
