"""Intervals against published values and their own definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scoring.intervals import bootstrap, wilson


def test_wilson_equals_a_published_example() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662, and 0 of 20 gives 0 to 0.1611."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contains_the_estimate_and_stays_a_probability(case: tuple[int, int]) -> None:
    """The interval lies in [0, 1] and contains the observed share."""
    passed, n = case
    low, high = wilson(passed, n)
    assert 0 <= low <= passed / n + 1e-12
    assert passed / n - 1e-12 <= high <= 1


def test_bootstrap_is_seeded_and_brackets_the_mean() -> None:
    """The same scores give the same intervals twice, and each contains its column's mean."""
    columns = [[0.0, 0.2, 1.0, 0.6, 0.4] * 20, [1.0] * 100]
    intervals = bootstrap(columns)
    assert intervals == bootstrap(columns)
    assert intervals[0][0] < sum(columns[0]) / 100 < intervals[0][1]
    assert intervals[1] == pytest.approx((1.0, 1.0))


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
