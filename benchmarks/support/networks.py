"""The networks that are measured, as numbers: every simulator builds them from here.

Units are those of the engine: ms, mV, pA, nS, pF. Dictionaries, as they go to the peers as JSON.
"""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]

HH_CELL: Spec = {
    "C_m": 100.0, "g_Na": 12000.0, "g_K": 3600.0, "g_L": 30.0,
    "E_Na": 50.0, "E_K": -77.0, "E_L": -54.3, "v_0": -65.0, "current": 800.0,
}  # fmt: skip
"""Hodgkin & Huxley 1952 on 1e-4 cm2, with 8 uA/cm2."""

_BRETTE: Spec = {
    "n": 4000, "n_exc": 3200, "p": 0.02, "dt": 0.1, "C_m": 200.0, "g_L": 10.0, "tau_m": 20.0,
    "tau_e": 5.0, "tau_i": 10.0, "duration": 1000.0, "delay": 0.1,
}  # fmt: skip
_CONDUCTANCES: Spec = {
    "E_e": 0.0, "E_i": -80.0, "w_e": 6.0, "w_i": 67.0,
    "v_init": (-65.0, 5.0), "g_e_init": (40.0, 15.0), "g_i_init": (200.0, 120.0),
}  # fmt: skip
"""Initial values are normal (mean, standard deviation), as in Brian's scripts for the paper."""

CUBA: Spec = _BRETTE | {
    "name": "cuba", "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0,
    "w_e": 16.2, "w_i": 90.0, "v_init": (-60.0, -50.0),
}  # fmt: skip
"""Brette et al. 2007, benchmark 2: 1.62 and 9 mV through 10 nS; v begins uniform."""

COBA: Spec = (
    _BRETTE
    | _CONDUCTANCES
    | {"name": "coba", "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}
)
"""Brette et al. 2007, benchmark 1."""

COBAHH: Spec = (
    _BRETTE
    | _CONDUCTANCES
    | {
        "name": "cobahh", "E_L": -60.0, "E_K": -90.0, "E_Na": 50.0, "g_Na": 20000.0,
        "g_K": 6000.0, "V_T": -63.0, "V_spike": -20.0, "t_ref": 1.0,
    }
)  # fmt: skip
"""Brette et al. 2007, benchmark 3, with the rate functions of Traub & Miles 1991.

A spike is an upward crossing of V_spike. Some scripts for the paper count none within 3 ms after
one; as these cells fire in doublets 2.1 ms apart, that is another network. ``t_ref`` is for NEST,
which can't do without.
"""

BRUNEL: Spec = {
    "name": "brunel", "n": 12_500, "n_exc": 10_000, "c_exc": 1000, "c_inh": 250, "dt": 0.1,
    "C_m": 200.0, "tau_m": 20.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0,
    "jump": 0.1, "g": 5.0, "eta": 2.0, "delay": 1.5, "duration": 500.0,
}  # fmt: skip
"""Brunel 2000, model A: excitatory and inhibitory neurons alike, asynchronous irregular."""


def brunel(scale: float = 1.0) -> Spec:
    """Return Brunel's network at a part of its size, in-degrees shrunk and jumps grown with it."""
    sizes = {key: round(BRUNEL[key] * scale) for key in ("n", "n_exc", "c_exc", "c_inh")}
    return BRUNEL | sizes | {"jump": BRUNEL["jump"] / scale}


def brunel_rate(spec: Spec) -> float:
    """Return the rate of a neuron's external input in Hz: eta times what reaches threshold."""
    return 1000.0 * spec["eta"] * spec["V_th"] / (spec["jump"] * spec["tau_m"])


POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
POTJANS: Spec = {
    "name": "potjans", "dt": 0.1, "duration": 1000.0,
    "sizes": (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948),
    # rows: targets; columns: sources
    "p": (
        (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
        (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
        (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0),
        (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
        (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
        (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0),
        (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
        (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
    ),
    "external": (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100), "external_rate": 8.0,
    "C_m": 250.0, "tau_m": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0,
    "tau_syn": 0.5, "v_init": (-58.0, 10.0),
    "w": 87.8, "w_sd": 0.1, "g": -4.0, "doubled": ("L4E", "L23E"),
    "delay_e": (1.5, 0.75), "delay_i": (0.8, 0.4),
    "rates": (0.86, 2.80, 4.45, 5.93, 7.59, 8.64, 1.09, 7.88),
}  # fmt: skip
"""Potjans & Diesmann 2014, tables 5 and 4; ``rates``: spontaneous activity, table 6, in Hz."""
