"""Points: what one answer is given, what a run comes to, and the share of its most that each problem got."""

from collections import defaultdict
from collections.abc import Mapping
from statistics import fmean

from harness.points import PointsRule, PointsTotal
from harness.scoring.intervals import bootstrap
from harness.scoring.scores import Scores

Asked = Mapping[str, tuple[int, int]]
"""For each task_id: (samples asked for, those with a verdict)."""

Measures = Mapping[tuple[str, int], Mapping[str, float]]
"""What was measured of each scored sample (task_id, index)."""


def points_of(measures: Mapping[str, float], rule: PointsRule) -> float:
    """The points of one answer; a metric that was not measured brings none."""
    return sum(weight * measures.get(metric, 0.0) for metric, weight in rule.weights.items())


def total_points(rule: PointsRule, asked: Asked, measures: Measures) -> PointsTotal | None:
    """The points of a run, None where no problem has a scored sample."""
    sums: dict[str, float] = dict.fromkeys(asked, 0.0)
    parts: dict[str, dict[str, float]] = {metric: defaultdict(float) for metric in rule.weights}
    for (task_id, _), found in measures.items():
        sums[task_id] += points_of(found, rule)
        for metric, part in parts.items():
            part[task_id] += found.get(metric, 0.0)
    scores = point_scores(rule, asked, sums)
    if not scores.values:
        return None
    maximum = rule.runs * len(asked) * rule.most
    [(low, _)] = bootstrap([list(scores.low.values())])
    [(_, high)] = bootstrap([list(scores.high.values())])
    scored = {task_id: n for task_id, (_, n) in asked.items() if n}
    return PointsTotal(
        total=fmean(scores.values.values()) * maximum,
        low=low * maximum,
        high=high * maximum,
        maximum=maximum,
        metrics={
            metric: rule.runs * len(asked) * fmean(part[task_id] / n for task_id, n in scored.items())
            for metric, part in parts.items()
        },
        per_problem=sums,
    )


def point_scores(rule: PointsRule, asked: Asked, sums: Mapping[str, float]) -> Scores:
    """The share of the most that each problem got, 0 to 1; `sums` as in `PointsTotal.per_problem`."""
    most = rule.most
    return Scores(
        {task_id: sums[task_id] / (n * most) for task_id, (_, n) in asked.items() if n},
        {task_id: sums[task_id] / (wanted * most) for task_id, (wanted, _) in asked.items()},
        {task_id: (sums[task_id] + (wanted - n) * most) / (wanted * most) for task_id, (wanted, n) in asked.items()},
    )
