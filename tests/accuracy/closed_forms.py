"""Solutions on paper: what circuits must do, from theory and from published numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

HH_DENSITY_PA = 800.0
"""8 uA/cm2 on 1e-4 cm2."""

HH_SPIKES_MS = np.array([102.180, 118.377, 134.370, 150.355, 166.339, 182.324, 198.308])
"""Upward crossings of 0 mV of the 1952 neuron at 8 uA/cm2 from 100 to 200 ms (RK4, three steps)."""


@dataclass(frozen=True)
class Lif:
    """A leaky integrate-and-fire neuron in ms, mV, pA and pF."""

    C_m: float = 200.0
    tau_m: float = 20.0
    E_L: float = -70.0
    V_th: float = -55.0
    V_reset: float = -70.0
    t_ref: float = 2.0

    def relax(self, t, current, v_0):
        """Potential after a time t under a constant current, below the threshold."""
        target = self.E_L + current * self.tau_m / self.C_m
        return target + (v_0 - target) * np.exp(-np.asarray(t) / self.tau_m)

    def time_to_threshold(self, current, v_0):
        """Time from v_0 to the threshold; infinite if it is never reached."""
        target = self.E_L + current * self.tau_m / self.C_m
        if target <= self.V_th:
            return math.inf
        return self.tau_m * math.log((target - v_0) / (target - self.V_th))

    def period(self, current):
        """Time between two spikes under a constant current."""
        return self.t_ref + self.time_to_threshold(current, self.V_reset)

    def current_psp(self, t, weight, tau):
        """Deflection a time t after a current ``weight*exp(-t/tau)`` set in: a difference of
        exponentials; zero before."""
        t = np.maximum(t, 0.0)
        scale = weight / self.C_m * tau * self.tau_m / (self.tau_m - tau)
        return scale * (np.exp(-t / self.tau_m) - np.exp(-t / tau))

    def current_psp_peak(self, tau):
        """Time from the arrival to the peak of the deflection."""
        return self.tau_m * tau / (self.tau_m - tau) * math.log(self.tau_m / tau)

    def conductance_psp(self, t, weight, tau, E_rev):
        """Deflection a time t after a conductance ``weight*exp(-t/tau)`` set in.

        The linear equation with a varying coefficient, by its integrating factor and quadrature.
        """
        if t <= 0:
            return 0.0

        def exponent(s):
            return s / self.tau_m + weight * tau / self.C_m * (1 - math.exp(-s / tau))

        def integrand(s):
            drive = weight * math.exp(-s / tau) * (E_rev - self.E_L) / self.C_m
            return math.exp(exponent(s) - exponent(t)) * drive

        return quad(integrand, 0, t, epsabs=1e-13, epsrel=1e-13, limit=200)[0]


def _rates(v):
    """Opening and closing rates of m, h and n in 1/ms."""
    return (
        0.1 * (v + 40) / (1 - math.exp(-(v + 40) / 10)),
        4 * math.exp(-(v + 65) / 18),
        0.07 * math.exp(-(v + 65) / 20),
        1 / (1 + math.exp(-(v + 35) / 10)),
        0.01 * (v + 55) / (1 - math.exp(-(v + 55) / 10)),
        0.125 * math.exp(-(v + 65) / 80),
    )


def _ionic(v, m, h, n):
    """Outward current density in uA/cm2."""
    return 120 * m**3 * h * (v - 50) + 36 * n**4 * (v + 77) + 0.3 * (v + 54.3)


def _gates_at_rest(v):
    a_m, b_m, a_h, b_h, a_n, b_n = _rates(v)
    return a_m / (a_m + b_m), a_h / (a_h + b_h), a_n / (a_n + b_n)


def hodgkin_huxley_rest():
    """The potential at which all currents of the 1952 neuron balance, in mV."""
    return brentq(lambda v: _ionic(v, *_gates_at_rest(v)), -70.0, -60.0, xtol=1e-12)


def hodgkin_huxley(times, current, v_0=-65.0):
    """The 1952 neuron written out by hand, under a constant current density in uA/cm2.

    Returns:
        v in mV at the given times.
    """

    def slope(_, y):
        v, m, h, n = y
        a_m, b_m, a_h, b_h, a_n, b_n = _rates(v)
        return [
            current - _ionic(v, m, h, n),
            a_m * (1 - m) - b_m * m,
            a_h * (1 - h) - b_h * h,
            a_n * (1 - n) - b_n * n,
        ]

    start = [v_0, *_gates_at_rest(v_0)]
    span = (times[0], times[-1])
    return solve_ivp(slope, span, start, "LSODA", t_eval=times, rtol=1e-11, atol=1e-11).y[0]


def crossings(times, values, level):
    """Times of upward crossings of a level, interpolated linearly."""
    up = np.flatnonzero((values[:-1] <= level) & (values[1:] > level))
    part = (level - values[up]) / (values[up + 1] - values[up])
    return times[up] + part * (times[up + 1] - times[up])
