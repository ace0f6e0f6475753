"""Connection rules: exact counts, fair draws, reproducible by seed and link alone."""

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import neurocanvas as nc
from neurocanvas.errors import NeuroCanvasError
from neurocanvas.model.elements import Link
from neurocanvas.model.projections import RULES, Rule, expected_synapses, make_rule
from neurocanvas.sim.compiling.connectivity import pairs


def link(rule, *, values=None, self_links=False, recurrent=False, link_id="l1"):
    post = "n1" if recurrent else "n2"
    return Link(link_id, "n1", post, "ampa", rule=Rule(rule, values or {}, self_links))


VALUES = {
    "probability": {"p": 0.3},
    "fixed_in_degree": {"n": 4},
    "fixed_out_degree": {"n": 4},
    "fixed_total_number": {"n": 40},
    "gaussian_ring": {"sigma": 0.2},
    "gaussian_grid": {"sigma": 0.3},
}
RANDOM = sorted(VALUES)
SIZES = st.integers(1, 30)


@given(
    st.sampled_from(sorted(RULES)),
    SIZES,
    SIZES,
    st.integers(0, 10**6),
    st.booleans(),
    st.booleans(),
)
def test_pairs_are_sorted_inside_the_nodes_and_reproducible(
    rule, n_pre, n_post, seed, own, recurrent
):
    if recurrent or rule == "one_to_one":
        n_post = n_pre
    wired = link(rule, values=VALUES.get(rule), self_links=own, recurrent=recurrent)
    pre, post = pairs(wired, n_pre, n_post, seed)
    again = pairs(wired, n_pre, n_post, seed)
    assert np.array_equal(pre, again[0])
    assert np.array_equal(post, again[1])
    assert pre.dtype == post.dtype == np.int32
    assert np.all((pre >= 0) & (pre < n_pre) & (post >= 0) & (post < n_post))
    assert np.all(np.diff(pre.astype(np.int64) * n_post + post) >= 0)
    if recurrent and not own and n_pre > 1:
        assert np.all(pre != post)


def test_all_to_all_connects_every_pair_once():
    pre, post = pairs(link("all_to_all"), 7, 5, 1)
    assert sorted(zip(pre.tolist(), post.tolist(), strict=True)) == [
        (i, j) for i in range(7) for j in range(5)
    ]


@pytest.mark.parametrize(("own", "count"), [(False, 6 * 5), (True, 6 * 6)])
def test_a_node_onto_itself_leaves_out_or_keeps_the_neuron_itself(own, count):
    pre, post = pairs(link("all_to_all", recurrent=True, self_links=own), 6, 6, 1)
    assert len(pre) == len(set(zip(pre.tolist(), post.tolist(), strict=True))) == count


def test_a_single_neuron_may_reach_itself():
    pre, post = pairs(link("all_to_all", recurrent=True), 1, 1, 1)
    assert (pre.tolist(), post.tolist()) == ([0], [0])


def test_one_to_one_connects_equals():
    pre, post = pairs(link("one_to_one"), 9, 9, 1)
    assert pre.tolist() == post.tolist() == list(range(9))


@pytest.mark.parametrize(("p", "count"), [(0.0, 0), (1.0, 40 * 30)])
def test_a_probability_of_none_and_of_one(p, count):
    pre, post = pairs(link("probability", values={"p": p}), 40, 30, 1)
    assert len(set(zip(pre.tolist(), post.tolist(), strict=True))) == len(pre) == count


@pytest.mark.parametrize("p", [1e-5, 0.001, 0.1, 0.5, 0.97])
def test_the_number_of_random_pairs_is_binomial(p):
    total = 800 * 1000
    counts = np.array(
        [len(pairs(link("probability", values={"p": p}), 800, 1000, seed)[0]) for seed in range(30)]
    )
    spread = np.sqrt(total * p * (1 - p))
    assert abs(counts.mean() - total * p) < 4 * spread / np.sqrt(30)
    # 29 (s/sigma)**2 is chi-square with 29 degrees of freedom.
    assert 1e-4 < stats.chi2.sf(29 * counts.var(ddof=1) / spread**2, 29) < 1 - 1e-4


def test_every_pair_has_the_same_chance_and_none_comes_twice():
    hits = np.zeros((6, 8))
    for seed in range(3000):
        pre, post = pairs(link("probability", values={"p": 0.2}), 6, 8, seed)
        np.add.at(hits, (pre, post), 1)
        assert len(set(zip(pre.tolist(), post.tolist(), strict=True))) == len(pre)
    deviation = (hits - 600) / np.sqrt(3000 * 0.2 * 0.8)
    assert stats.chi2.sf(np.sum(deviation**2), hits.size) > 1e-3
    assert np.abs(deviation).max() < 4.5


@pytest.mark.parametrize("recurrent", [False, True])
def test_a_fixed_in_degree_is_the_same_for_every_target(recurrent):
    pre, post = pairs(link("fixed_in_degree", values={"n": 7}, recurrent=recurrent), 50, 50, 3)
    assert np.bincount(post, minlength=50).tolist() == [7] * 50
    assert len(np.unique(pre)) > 40


def test_sources_of_a_fixed_in_degree_are_drawn_evenly():
    pre, _ = pairs(link("fixed_in_degree", values={"n": 200}), 40, 100, 3)
    assert stats.chisquare(np.bincount(pre, minlength=40)).pvalue > 1e-3


def test_sources_of_a_fixed_in_degree_without_self_links_are_drawn_evenly():
    hits = np.zeros((5, 5))
    for seed in range(500):
        np.add.at(
            hits, pairs(link("fixed_in_degree", values={"n": 4}, recurrent=True), 5, 5, seed), 1
        )
    assert np.trace(hits) == 0
    assert stats.chisquare(hits[~np.eye(5, dtype=bool)]).pvalue > 1e-3


@pytest.mark.parametrize("recurrent", [False, True])
def test_a_fixed_out_degree_is_the_same_for_every_source(recurrent):
    pre, post = pairs(link("fixed_out_degree", values={"n": 7}, recurrent=recurrent), 50, 50, 3)
    assert np.bincount(pre, minlength=50).tolist() == [7] * 50
    assert len(np.unique(post)) > 40


def test_targets_of_a_fixed_out_degree_are_drawn_evenly():
    _, post = pairs(link("fixed_out_degree", values={"n": 200}), 100, 40, 3)
    assert stats.chisquare(np.bincount(post, minlength=40)).pvalue > 1e-3


@pytest.mark.parametrize("rule", ["fixed_out_degree", "fixed_total_number"])
@pytest.mark.parametrize("own", [False, True])
def test_all_allowed_pairs_have_the_same_chance(rule, own):
    hits = np.zeros((5, 5))
    for seed in range(500):
        drawn = link(rule, values={"n": 4 if "degree" in rule else 20}, self_links=own,
                     recurrent=True)  # fmt: skip
        np.add.at(hits, pairs(drawn, 5, 5, seed), 1)
    allowed = hits.ravel() if own else hits[~np.eye(5, dtype=bool)]
    assert allowed.sum() == hits.sum() == 500 * 20
    assert stats.chisquare(allowed).pvalue > 1e-3


@pytest.mark.parametrize("n", [0, 1, 12_345])
@pytest.mark.parametrize("recurrent", [False, True])
def test_a_fixed_total_number_is_exact(n, recurrent):
    drawn = link("fixed_total_number", values={"n": n}, recurrent=recurrent)
    pre, post = pairs(drawn, 60, 60 if recurrent else 20, 3)
    assert len(pre) == len(post) == n


# -- by distance ---------------------------------------------------------------------------------


def places(rule, n):
    """Where the neurons lie, (n, 2), as the declaration of the rule says."""
    if rule == "gaussian_ring":
        return np.column_stack([(np.arange(n) + 0.5) / n, np.zeros(n)])
    columns = int(np.ceil(np.sqrt(n)))
    rows = int(np.ceil(n / columns))
    k = np.arange(n)
    return np.column_stack([(k % columns + 0.5) / columns, (k // columns + 0.5) / rows])


def chances(rule, values, n_pre, n_post):
    """The probability of every pair, (n_pre, n_post), written out."""
    apart = np.abs(places(rule, n_pre)[:, None] - places(rule, n_post)[None])
    if values.get("periodic", 1):
        apart = np.minimum(apart, 1 - apart)
    d2 = np.sum(apart**2, axis=2)
    return values.get("p_max", 0.5) * np.exp(-d2 / (2 * values.get("sigma", 0.1) ** 2))


BY_DISTANCE = [
    ("gaussian_ring", 9, 9, {"sigma": 0.1, "p_max": 0.8}),
    ("gaussian_ring", 4, 31, {"sigma": 0.15}),
    ("gaussian_ring", 31, 4, {"sigma": 0.05, "p_max": 1.0}),
    ("gaussian_ring", 10, 12, {"sigma": 0.2, "periodic": 0}),
    ("gaussian_ring", 10, 12, {"sigma": 50.0, "p_max": 0.3}),
    ("gaussian_grid", 16, 16, {"sigma": 0.2, "p_max": 0.9}),
    ("gaussian_grid", 5, 23, {"sigma": 0.3}),
    ("gaussian_grid", 23, 5, {"sigma": 0.15, "periodic": 0}),
    ("gaussian_grid", 1, 7, {"sigma": 0.3}),
]


@pytest.mark.parametrize(("rule", "n_pre", "n_post", "values"), BY_DISTANCE)
def test_every_pair_has_the_chance_that_its_distance_gives(rule, n_pre, n_post, values):
    trials, hits = 800, np.zeros((n_pre, n_post))
    for seed in range(trials):
        pre, post = pairs(link(rule, values=values), n_pre, n_post, seed)
        np.add.at(hits, (pre, post), 1)
    p = chances(rule, values, n_pre, n_post)
    assert hits.max() <= trials  # no pair comes twice
    spread = np.sqrt(trials * p * (1 - p))
    sure = spread < 1e-9
    assert np.allclose(hits[sure], trials * p[sure])
    often = trials * p > 5
    deviation = (hits - trials * p)[often & ~sure] / spread[often & ~sure]
    # Of n normal numbers, the largest is beyond this once in a thousand times.
    assert np.abs(deviation).max() < stats.norm.isf(5e-4 / len(deviation))
    total = np.sum(trials * p)
    assert abs(hits.sum() - total) < 3 * np.sqrt(np.sum(trials * p * (1 - p)))


@pytest.mark.parametrize(
    ("rule", "values"),
    [("gaussian_ring", {"sigma": 0.02, "p_max": 0.2}), ("gaussian_grid", {"sigma": 0.08}),
     ("gaussian_grid", {"sigma": 0.08, "periodic": 0})],
)  # fmt: skip
def test_numbers_of_pairs_by_distance_follow_the_gaussian(rule, values):
    n = 1500
    p = chances(rule, values, n, n)
    pre, post = pairs(link(rule, values=values), n, n, 5)
    level = np.digitize(p, values.get("p_max", 0.5) * np.array([1e-4, 1e-2, 0.1, 0.4, 0.7]))
    counts = np.bincount(level[pre, post], minlength=6)
    for k in range(6):
        inside = p[level == k]
        spread = np.sqrt(np.sum(inside * (1 - inside)))
        assert abs(counts[k] - inside.sum()) <= 3 * spread + 1e-9


@pytest.mark.parametrize("rule", ["gaussian_ring", "gaussian_grid"])
def test_a_million_pairs_of_ten_thousand_neurons_come_quickly(rule):
    values = {"sigma": 0.05, "p_max": 0.08 if rule == "gaussian_ring" else 0.64}
    start = time.perf_counter()
    pre, _ = pairs(link(rule, values=values), 10_000, 10_000, 1)
    assert time.perf_counter() - start < 5.0
    # 1e8 pairs, of which the Gaussian covers sqrt(2 pi) sigma of the ring, its square of the sheet.
    expected = 1e8 * values["p_max"] * (np.sqrt(2 * np.pi) * 0.05) ** (1 + ("grid" in rule))
    assert abs(len(pre) - expected) < 3 * np.sqrt(expected) + 0.001 * expected


def test_a_gaussian_that_reaches_nothing_makes_nothing():
    pre, post = pairs(link("gaussian_ring", values={"p_max": 0.0}), 100, 100, 1)
    assert len(pre) == len(post) == 0
    # So narrow that only neurons that face each other are connected.
    pre, post = pairs(link("gaussian_grid", values={"sigma": 1e-4, "p_max": 1.0}), 90, 90, 1)
    assert pre.tolist() == post.tolist() == list(range(90))


# -- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "values", "words"),
    [
        ("fixed_out_degree", {"n": 2.5}, "fixed_out_degree: n = 2.5 is not possible; a whole"),
        ("fixed_total_number", {"n": -1}, "fixed_total_number: n = -1 is not possible"),
        ("gaussian_ring", {"sigma": 0}, "gaussian_ring: sigma = 0 is not possible"),
        ("gaussian_ring", {"p_max": 1.5}, "gaussian_ring: p_max = 1.5 is not possible"),
        ("gaussian_grid", {"periodic": 0.5}, "gaussian_grid: periodic = 0.5 is not possible"),
        ("gaussian_grid", {"n": 3}, "the rule gaussian_grid has no parameter 'n'; it has sigma"),
    ],
)
def test_values_that_are_not_possible_are_named(rule, values, words):
    with pytest.raises(NeuroCanvasError, match=re.escape(words)):
        make_rule(rule, values)


@pytest.mark.parametrize(
    ("rule", "values"),
    [("all_to_all", {}), ("probability", {"p": 0.2}), ("fixed_in_degree", {"n": 20_000}),
     ("gaussian_ring", {"sigma": 0.5})],
)  # fmt: skip
def test_more_synapses_than_fit_are_refused_in_words(rule, values):
    circuit = nc.Circuit()
    a, b = circuit.add("lif", label="A", size=100_000), circuit.add("lif", label="B", size=90_000)
    with pytest.raises(NeuroCanvasError, match=r"A -> B would have .*e.09 synapses; up to"):
        circuit.connect(a, b, "ampa", rule=rule, rule_values=values)
    circuit.connect(a, b, "ampa", rule="fixed_out_degree")


@given(st.sampled_from(sorted(RULES)), st.integers(2, 200), st.integers(0, 10**6))
def test_the_expected_number_is_about_or_above_what_is_drawn(rule, n, seed):
    drawn = link(rule, values=VALUES.get(rule))
    count, expected = len(pairs(drawn, n, n, seed)[0]), expected_synapses(drawn.rule, n, n)
    assert count <= expected + 6 * np.sqrt(expected) + 6


@pytest.mark.parametrize("rule", RANDOM)
def test_another_seed_or_another_link_draws_other_pairs(rule):
    def drawn(seed, link_id):
        found = pairs(link(rule, values=VALUES[rule], link_id=link_id), 30, 30, seed)
        return [part.tolist() for part in found]

    assert drawn(1, "l1") != drawn(2, "l1")
    assert drawn(1, "l1") != drawn(1, "l2")


def test_pairs_of_a_link_do_not_depend_on_other_links():
    def potentials(extra):
        circuit = nc.Circuit(dt=0.1, seed=9)
        a = circuit.add("lif", size=20, t_ref=1000)
        b = circuit.add("lif", label="B", size=15)
        circuit.connect(circuit.add("step_current", amplitude=900), a)
        circuit.connect(a, b, "current_synapse", rule="probability", rule_values={"p": 0.3})
        if extra:
            c = circuit.add("lif", size=8)
            circuit.connect(a, c, "ampa", rule="probability", rule_values={"p": 0.6})
            circuit.connect(c, c, "gaba_a", rule="fixed_in_degree", rule_values={"n": 3})
        return nc.simulate(circuit, 40)["B", "v"]

    assert np.ptp(potentials(False)[200]) > 0.5
    assert np.array_equal(potentials(False), potentials(True))
