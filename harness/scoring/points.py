"""Points: what one answer is given, what a run comes to, and the share of its most that each problem got."""

from collections.abc import Mapping
from statistics import fmean

from harness.points import PointsRule, PointsTotal
from harness.scoring.intervals import bootstrap
from harness.scoring.scores import Scores

Asked = Mapping[str, tuple[int, int]]
"""For each task_id: (samples asked for, those with a verdict)."""

Measures = Mapping[tuple[str, int], Mapping[str, float]]
"""What was measured of each scored sample (task_id, index)."""


def points_of(measures: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The points of one answer; a metric that was not measured brings none."""
    return sum(weight * measures.get(metric, 0.0) for metric, weight in weights.items())


def total_points(rule: PointsRule, asked: Asked, measures: Measures) -> PointsTotal | None:
    """The points of a run, None where no problem has a scored sample."""
    weights = {task_id: rule.weights_of(task_id) for task_id in asked}
    most = {task_id: rule.most(task_id) for task_id in asked}
    sums, parts = dict.fromkeys(asked, 0.0), dict.fromkeys(rule.weights, 0.0)
    for (task_id, _), found in measures.items():
        sums[task_id] += points_of(found, weights[task_id])
        for metric in weights[task_id]:
            parts[metric] += found.get(metric, 0.0) / asked[task_id][1]
    scores = point_scores(rule, asked, sums)
    if not scores.values:
        return None
    reachable = sum(most[task_id] for task_id in scores.values)
    maximum = rule.runs * sum(most.values())
    low, high = (_interval(found, most, rule.runs, end) for end, found in enumerate((scores.low, scores.high)))
    return PointsTotal(
        total=maximum * sum(value * most[task_id] for task_id, value in scores.values.items()) / reachable,
        low=low,
        high=high,
        maximum=maximum,
        metrics={metric: rule.runs * part for metric, part in parts.items()},
        per_problem=sums,
    )


def _interval(shares: Mapping[str, float], most: Mapping[str, float], runs: int, end: int) -> float:
    """One end of the interval of the sum over problems, from each one's share of its most."""
    points = [share * most[task_id] for task_id, share in shares.items()]
    mean = bootstrap([points], extremes=(0.0, fmean(most.values())))[0][end]
    return (
        min(mean * len(points), sum(most.values())) * runs
    )  # problems of unequal worth: no draw is worth more than all


def point_scores(rule: PointsRule, asked: Asked, sums: Mapping[str, float]) -> Scores:
    """The share of its most that each problem got, 0 to 1; `sums` as in `PointsTotal.per_problem`."""
    perfect = {task_id: wanted * rule.most(task_id) for task_id, (wanted, _) in asked.items()}
    lost = {task_id: (wanted - n) * rule.most(task_id) for task_id, (wanted, n) in asked.items()}
    return Scores(
        {task_id: sums[task_id] / (n * rule.most(task_id)) for task_id, (_, n) in asked.items() if n},
        {task_id: sums[task_id] / most for task_id, most in perfect.items()},
        {task_id: (sums[task_id] + lost[task_id]) / most for task_id, most in perfect.items()},
    )
