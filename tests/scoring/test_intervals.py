"""Intervals against published values, against statsmodels and against their own definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from harness.scoring.intervals import bootstrap, newcombe, wilson


def test_wilson_equals_a_published_example() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662, and 0 of 20 gives 0 to 0.1611."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_that_of_statsmodels(case: tuple[int, int]) -> None:
    """The interval equals statsmodels' Wilson interval."""
    assert wilson(*case) == pytest.approx(proportion_confint(*case, method="wilson"), abs=1e-12)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contains_the_estimate_and_stays_a_probability(case: tuple[int, int]) -> None:
    """The interval lies in [0, 1] and contains the observed share."""
    passed, n = case
    low, high = wilson(passed, n)
    assert 0 <= low <= passed / n + 1e-12
    assert passed / n - 1e-12 <= high <= 1


def test_bootstrap_is_seeded_and_brackets_the_mean() -> None:
    """The same scores give the same intervals twice, and each contains its column's mean."""
    columns = [[0.0, 0.2, 1.0, 0.6, 0.4] * 20, [0.9, 1.0] * 50]
    intervals = bootstrap(columns)
    assert intervals == bootstrap(columns)
    for column, (low, high) in zip(columns, intervals, strict=True):
        assert 0 < low < sum(column) / 100 < high < 1


def test_a_perfect_score_is_not_certain() -> None:
    """A model that passed every sample of 100 problems gets an interval that leaves room below, not 100 % to 100 %."""
    low, high = bootstrap([[1.0] * 100])[0]
    assert 0.9 < low < 1.0 == high


def test_bootstrap_of_many_problems_is_close_to_the_normal_interval() -> None:
    """For 400 problems the interval's width is that of the central limit theorem within a few percent."""
    scores = [i % 10 / 9 for i in range(400)]
    mean = sum(scores) / 400
    deviation = (sum((s - mean) ** 2 for s in scores) / 400) ** 0.5
    low, high = bootstrap([scores])[0]
    assert high - low == pytest.approx(2 * 1.96 * deviation / 20, rel=0.05)


def test_no_observations_have_no_interval() -> None:
    """Zero problems raise instead of giving an interval."""
    with pytest.raises(ValueError, match="no proportion"):
        wilson(0, 0)
    with pytest.raises(ValueError, match="no scores"):
        bootstrap([[]])


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_newcombe_without_correlation_is_that_of_independent_samples(both: int, a_only: int, b_only: int) -> None:
    """Where the two runs' answers are unrelated the interval is statsmodels' for two independent proportions."""
    neither = a_only * b_only // both if both else 7
    n = both + a_only + b_only + neither
    if n and 0 <= both * neither - a_only * b_only <= n / 2:
        expected = confint_proportions_2indep(both + a_only, n, both + b_only, n, method="newcomb")
        assert newcombe(both, a_only, b_only, neither) == pytest.approx(expected, abs=1e-9)


@given(*[st.integers(0, 200)] * 3)
def test_newcombe_contains_the_difference_and_narrows_with_agreement(both: int, a_only: int, b_only: int) -> None:
    """The interval contains the observed difference and is no wider than that of two unrelated runs."""
    neither = both + 1
    n = both + a_only + b_only + neither
    low, high = newcombe(both, a_only, b_only, neither)
    assert low <= (a_only - b_only) / n <= high
    if both * neither >= a_only * b_only:
        wide = confint_proportions_2indep(both + a_only, n, both + b_only, n, method="newcomb")
        assert high - low <= wide[1] - wide[0] + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problems", "chances"), [(36, (3, 0.6)), (164, (0.3, 0.3)), (164, (2, 2)), (164, (9, 1)), (400, (0.9, 0.1))]
)
def test_the_bootstrap_covers(problems: int, chances: tuple[float, float]) -> None:
    """Over 2,000 simulated runs of five samples the 95 % interval holds the true score in 93 to 97 %."""
    rng = np.random.default_rng(17)
    truth = chances[0] / sum(chances)
    runs = [rng.binomial(5, rng.beta(*chances, problems)) / 5 for _ in range(2000)]
    held = [low <= truth <= high for low, high in (bootstrap([run.tolist()])[0] for run in runs)]
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("chance", [0.35, 0.67, 0.9])
def test_wilson_covers(chance: float) -> None:
    """Over all outcomes of 164 problems, weighed by their chance, Wilson's interval holds the truth in 93 to 97 %."""
    passed = np.random.default_rng(19).binomial(164, chance, 20_000)
    held = [low <= chance <= high for low, high in (wilson(int(c), 164) for c in passed)]
    assert 0.93 <= np.mean(held) <= 0.97
