"""Draws error against price from JSON on standard input; runs where matplotlib is."""

import json
import math
import sys

import matplotlib as mpl

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "accuracy"  # the same points give the same file
from matplotlib import pyplot as plt  # noqa: E402

STYLES = ("o-", "s-", "^--", "v--", "D:", "x:")


def main() -> None:
    """Draw one line a simulator, the time steps written beside the first."""
    task = json.load(sys.stdin)
    figure, axes = plt.subplots(figsize=(7.0, 4.6), constrained_layout=True)
    for number, (name, points) in enumerate(task["points"].items()):
        known = [p for p in points if math.isfinite(p[1]) and math.isfinite(p[2])]
        if not known:
            continue
        dts, errors, prices = zip(*known, strict=True)
        axes.loglog(prices, errors, STYLES[number % len(STYLES)], label=name, markersize=5)
        for dt, error, price in zip(dts, errors, prices, strict=True):
            if number < 2:
                axes.annotate(
                    f"{dt:g}", (price, error), (4, 4), textcoords="offset points", fontsize=7
                )
    axes.set_xlabel("ms of one thread per ms of model, 1,000 cells")
    axes.set_ylabel("largest error of seven spikes, ms")
    axes.set_title("Hodgkin-Huxley: accuracy for the price (labels: dt in ms)", fontsize=10)
    axes.grid(True, which="both", alpha=0.25)
    axes.legend(fontsize=8)
    figure.savefig(task["picture"], metadata={"Date": None})


if __name__ == "__main__":
    main()
