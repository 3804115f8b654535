"""pass@k against its definition."""

from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scoring.passk import pass_at_k, problem_scores


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_estimator_equals_the_share_of_k_subsets_with_a_pass(case: tuple[int, int, int]) -> None:
    """pass@k is the share of all k-subsets of the samples that contain at least one pass."""
    n, c, k = case
    subsets = list(combinations([True] * c + [False] * (n - c), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_product_form_equals_the_binomial_form(case: tuple[int, int, int]) -> None:
    """The product form agrees with 1 - C(n-c, k) / C(n, k) for sample counts as large as published ones."""
    n, c, k = case
    assert pass_at_k(n, c, k) == pytest.approx(1 - comb(n - c, k) / comb(n, k), abs=1e-12)


@pytest.mark.parametrize(("n", "c", "k"), [(1, 0, 2), (3, 4, 1), (3, -1, 1), (3, 1, 0)])
def test_an_estimate_that_does_not_exist_is_refused(n: int, c: int, k: int) -> None:
    """Fewer samples than k, or impossible counts, raise instead of giving a number."""
    with pytest.raises(ValueError, match=r"must lie between|does not exist"):
        pass_at_k(n, c, k)


def test_a_problem_with_too_few_samples_makes_pass_at_k_absent() -> None:
    """pass@2 over problems of which one has a single sample is absent, never zero."""
    counts = {"a": (2, 1), "b": (1, 1)}
    assert problem_scores(counts, 2) is None
    assert problem_scores(counts, 1) == {"a": 0.5, "b": 1.0}
    assert problem_scores({}, 1) is None
