"""What was measured of answers that are tests, in words: of one answer, and of a whole run. Pure."""

from collections import Counter
from collections.abc import Iterable

from harness.points import PointsRule
from harness.records import Execution, Report
from harness.scoring.points import points_of

_PARTS = (
    ("executed", "answers", "answers executed"),
    ("tests_passed", "tests", "tests passed"),
    ("covered", "statements", "statements covered"),
    ("killed", "mutants", "mutants killed"),
)
"""Measure, the measure that it is a part of, and how the two read."""


def share_of(execution: Execution, rule: PointsRule | None) -> float:
    """How good an answer is, 0 to 1: its share of the points where the suite has some, else whether it passed."""
    if rule is None:
        return float(execution.verdict == "passed")
    return points_of(execution.measures, rule.weights_of(execution.task_id)) / rule.most(execution.task_id)


def points_in_words(execution: Execution, rule: PointsRule | None) -> str:
    """`12 of 21 points`; nothing where the suite has none or the answer was not judged."""
    if rule is None or execution.verdict is None:
        return ""
    weights = rule.weights_of(execution.task_id)
    return f"{points_of(execution.measures, weights):.4g} of {rule.most(execution.task_id):.4g} points"


def lost_in_words(execution: Execution, rule: PointsRule) -> str:
    """Which metrics an answer lost points by, and what it has of each."""
    found = {name: execution.measures.get(name, 0.0) for name in rule.weights_of(execution.task_id)}
    return ", ".join(f"{name} {value:.3g}" for name, value in found.items() if value < 1)


def answer_table(execution: Execution, rule: PointsRule | None) -> list[tuple[str, str, str]]:
    """Each measure of an answer: its name, its value, and the points that it brought."""
    weights = rule.weights_of(execution.task_id) if rule else {}
    found = {**dict.fromkeys(weights, 0.0), **execution.measures}
    rows = [
        (name, f"{value:.4g}", f"{weights[name] * value:.4g} of {weights[name]:.4g} points" if name in weights else "")
        for name, value in found.items()
    ]
    whole = points_in_words(execution, rule)
    return [*rows, ("all", "", whole)] if whole else rows


def run_table(report: Report) -> list[tuple[str, str, str]]:
    """Each metric of a run in points: its name, its points, and what they were at most."""
    rule, points = report.suite.points, report.points
    if rule is None or points is None:
        return []
    rows = []
    for name, weight in rule.weights.items():
        most = rule.runs * sum(name in rule.weights_of(task_id) for task_id in report.per_problem)
        rows.append((name, f"{weight * points.metrics[name]:.4g}", f"{weight * most:.4g}"))
    return rows


def run_in_words(executions: Iterable[Execution]) -> str:
    """`60 of 63 answers executed, 310 of 320 tests passed, ...`; nothing where nothing was measured."""
    total: Counter[str] = Counter()
    for execution in executions:
        if execution.measures:
            total.update({"answers": 1, **execution.measures})
    told = [f"{total[part]:,.0f} of {total[whole]:,.0f} {words}" for part, whole, words in _PARTS if total[whole]]
    return ", ".join(told)
