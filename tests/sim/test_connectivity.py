"""Connection rules: exact counts, fair draws, reproducible by seed and link alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import neurocanvas as nc
from neurocanvas.model.elements import Link
from neurocanvas.model.projections import RULES, Rule
from neurocanvas.sim.connectivity import pairs


def link(rule, *, values=None, self_links=False, recurrent=False, link_id="l1"):
    post = "n1" if recurrent else "n2"
    return Link(link_id, "n1", post, "ampa", rule=Rule(rule, values or {}, self_links))


VALUES = {"probability": {"p": 0.3}, "fixed_in_degree": {"n": 4}}
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
    assert pre.dtype == post.dtype == np.int64
    assert np.all((pre >= 0) & (pre < n_pre) & (post >= 0) & (post < n_post))
    assert np.all(np.diff(pre * n_post + post) >= 0)
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


@pytest.mark.parametrize("rule", ["probability", "fixed_in_degree"])
def test_another_seed_or_another_link_draws_other_pairs(rule):
    def drawn(seed, link_id):
        return pairs(link(rule, values=VALUES[rule], link_id=link_id), 30, 30, seed)[0].tolist()

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
