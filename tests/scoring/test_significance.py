"""Tests of a difference against scipy and statsmodels, and against their own definition."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests

from harness.scoring.significance import FEWEST, holm, mcnemar, sign_flip, smallest_significant

COUNTS = st.integers(0, 300)


@given(COUNTS, COUNTS)
def test_exact_mcnemar_is_that_of_statsmodels(a_only: int, b_only: int) -> None:
    """The p-value equals statsmodels' exact McNemar test for any numbers of discordant problems."""
    if a_only + b_only:
        expected = reference_mcnemar([[7, a_only], [b_only, 9]], exact=True).pvalue
        assert mcnemar(a_only, b_only) == pytest.approx(expected, rel=1e-9)
    else:
        assert mcnemar(0, 0) == 1.0


def test_exact_mcnemar_of_a_published_table() -> None:
    """Ten discordant problems that split one to nine give p = 2 (1 + 10) / 1024."""
    assert mcnemar(9, 1) == pytest.approx(22 / 1024)


@given(st.lists(st.sampled_from([-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6]), min_size=1, max_size=9))
def test_few_differences_are_tested_by_all_their_sign_flips(differences: list[float]) -> None:
    """The p-value is the share of all 2^n changes of places whose sum is at least as far from zero."""
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    expected = sum(total >= abs(sum(differences)) - 1e-9 for total in sums) / len(sums)
    assert sign_flip(np.array(differences)) == pytest.approx(expected)


def test_many_differences_are_tested_as_scipy_does() -> None:
    """For 60 problems with five answers each the p-value is that of scipy's permutation test of pairs."""
    rng = np.random.default_rng(3)
    a, b = rng.binomial(5, 0.6, 60) / 5, rng.binomial(5, 0.5, 60) / 5
    expected = permutation_test(
        (a, b),
        lambda x, y, axis: (x - y).mean(axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=1,
    ).pvalue
    assert sign_flip(a - b) == pytest.approx(expected, abs=0.01)
    assert sign_flip(a - b) == sign_flip(a - b)


def test_the_same_sign_flips_are_mcnemars() -> None:
    """Differences of one whole answer get the exact binomial, not a simulation of it."""
    differences = np.array([1.0] * 20 + [-1.0] * 6 + [0.0] * 100)
    assert sign_flip(differences) == mcnemar(20, 6)


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    """The adjusted p-values equal statsmodels', in the order given."""
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


@given(st.integers(6, 80), st.integers(0, 100))
def test_the_smallest_significant_lead_is_the_border(differing: int, same: int) -> None:
    """A lead of that size among as many discordant problems has p < 0.05, and the next smaller one has not."""
    differences = np.array([1.0] * differing + [0.0] * same)
    lead = round(smallest_significant(differences) * len(differences))
    assert mcnemar((differing + lead) // 2, (differing - lead) // 2) < 0.05
    assert lead < 2 or mcnemar((differing + lead - 2) // 2, (differing - lead + 2) // 2) >= 0.05


def test_the_smallest_significant_lead_of_several_answers_is_the_border() -> None:
    """Differences in fifths that sum to a little more than the border are shown, to a little less are not."""
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 4, 40) / 5
    border = smallest_significant(sizes) * 40
    signs = np.ones(40)
    for place in range(40):
        if (signs * sizes).sum() - 2 * sizes[place] >= border - 1e-9:
            signs[place] = -1
    assert (signs * sizes).sum() == pytest.approx(border, abs=0.41)
    assert sign_flip(signs * sizes) < 0.06


def test_fewer_than_six_problems_that_differ_show_nothing() -> None:
    """Five problems that all speak for one run are explained by chance (p = 0.0625), so six are the least."""
    assert mcnemar(5, 0) == 0.0625
    assert mcnemar(FEWEST, 0) < 0.05
    assert smallest_significant(np.array([1.0] * 3 + [0.0] * 97)) == 0.06
    assert smallest_significant(np.array([0.0, 1.0])) > 1
