"""The scores of a report problem by problem: what pairing needs, and gates."""

import re
from collections.abc import Mapping

from harness.errors import UserError
from harness.records import Report
from harness.scoring.points import point_scores
from harness.scoring.scores import Counts, Scores

METRIC = re.compile(r"pass@([1-9][0-9]*)(?: (.+))?")
"""`pass@1`, or `pass@1 base` for a stage of the check."""

POINTS = "points"
"""The metric of a suite that scores in points; a problem's score is the share that it got of its most."""


def scores_of(report: Report, metric: str = "pass@1") -> Scores:
    """The scores of each problem by `metric`.

    Raises:
        UserError: the report has no such metric, or does not say how each problem went.
    """
    if metric == POINTS:
        return _point_scores(report)
    k, counts = _k(report, metric), counts_of(report, metric)
    if any(asked < k for asked, _, _ in counts.values()):
        least = min(asked for asked, _, _ in counts.values())
        raise UserError(f"{report.run_id} has no {metric}: it has {least} samples a problem.", f"Draw {k} (-n {k}).")
    return Scores.of_counts(counts, k)


def _point_scores(report: Report) -> Scores:
    rule, points = report.suite.points, report.points
    if rule is None or points is None:
        raise UserError(f"{report.run_id} has no {POINTS!r}.", f"It has {', '.join(known_metrics(report))}.")
    asked = {task_id: (found["asked"], found["scored"]) for task_id, found in report.per_problem.items()}
    return point_scores(rule, asked, points.per_problem)


def counts_of(report: Report, metric: str = "pass@1") -> Counts:
    """(asked, scored, passed) for each problem; passed means the metric's stage where it names one (same errors)."""
    if not report.per_problem:
        raise UserError(
            f"The report of {report.run_id} does not say how each problem went: an older harness wrote it.",
            "Name the run's directory instead.",
        )
    found = METRIC.fullmatch(metric)
    column = (found[2] or "passed") if found else ""
    return {task_id: _counts(report, numbers, column, metric) for task_id, numbers in report.per_problem.items()}


def _k(report: Report, metric: str) -> int:
    found = METRIC.fullmatch(metric)
    if found is None:
        raise UserError(f"{report.run_id} has no {metric!r}.", f"It has {', '.join(known_metrics(report))}.")
    return int(found[1])


def known_metrics(report: Report) -> list[str]:
    """The metrics that a report has, without the ends of their intervals."""
    return [name for name in report.metrics if not name.endswith(("_low", "_high"))]


def _counts(report: Report, numbers: Mapping[str, int], column: str, metric: str) -> tuple[int, int, int]:
    if column not in numbers:
        raise UserError(f"{report.run_id} has no {metric!r}.", f"It has {', '.join(known_metrics(report))}.")
    return numbers["asked"], numbers["scored"], numbers[column]
