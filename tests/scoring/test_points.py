"""Points: sums over answers, brought to the suite's scale, with what unscored samples could change."""

import pytest

from harness.points import PointsRule
from harness.scoring.points import point_scores, total_points

RULE = PointsRule(runs=5, weights={"ran": 1, "covered": 10})
GOOD, HALF, BAD = {"ran": 1.0, "covered": 1.0}, {"ran": 1.0, "covered": 0.0}, {"ran": 0.0}


def test_points_are_on_the_suites_scale_whatever_the_number_of_samples() -> None:
    """Two samples of two problems on a scale of five runs: the mean of each problem counts five times."""
    measures = {("a", 0): GOOD, ("a", 1): HALF, ("b", 0): GOOD, ("b", 1): BAD}
    found = total_points(RULE, {"a": (2, 2), "b": (2, 2)}, measures)
    assert found is not None
    assert found.maximum == 110
    assert found.total == pytest.approx(5 * (6 + 5.5))
    assert found.metrics == pytest.approx({"ran": 5 * 1.5, "covered": 5 * 1.0})
    assert found.low < found.total < found.high


def test_samples_without_a_verdict_widen_the_interval_and_change_no_mean() -> None:
    """A sample that the sandbox lost is neither nothing nor full points."""
    whole = total_points(RULE, {"a": (1, 1), "b": (1, 1)}, {("a", 0): GOOD, ("b", 0): HALF})
    lost = total_points(RULE, {"a": (2, 1), "b": (2, 1)}, {("a", 0): GOOD, ("b", 0): HALF})
    assert whole is not None
    assert lost is not None
    assert lost.total == whole.total
    assert lost.low < whole.low
    assert lost.high >= whole.high
    assert total_points(RULE, {"a": (1, 0)}, {}) is None


def test_a_metric_counts_only_where_its_problems_have_it() -> None:
    """A perfect answer to a problem without mutants has all the points that there are for it."""
    rule = PointsRule(weights={"ran": 1, "killed": 9}, only={"killed": "python/"})
    asked = {"go/a": (1, 1), "python/a": (1, 1)}
    found = total_points(rule, asked, {("go/a", 0): {"ran": 1.0}, ("python/a", 0): {"ran": 1.0, "killed": 1.0}})
    assert found is not None
    assert found.total == found.maximum == 11
    assert found.low < found.high <= found.maximum
    assert point_scores(rule, asked, found.per_problem).values == {"go/a": 1.0, "python/a": 1.0}
