"""Gates for CI: is a run good enough, and is it no worse than a baseline beyond noise? Pure functions of reports.

A gate fails only where it would whatever the missing samples brought. Noise never fails a baseline gate, except once in
forty times, and a drop too small for the suite to show passes: the message says how small that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from harness.errors import UserError
from harness.records import Report, SuiteInfo
from harness.reports.per_problem import POINTS, scores_of
from harness.reports.words import evidence, points
from harness.scoring.paired import Comparison, compare

Outcome = Literal["passed", "failed", "open"]

ROUNDING = 1e-12
"""Means of the same fractions may differ in the last bits."""


@dataclass(frozen=True)
class Threshold:
    """A metric and the least that it must be, in 0..1, or in points for the metric `points`."""

    metric: str
    least: float


@dataclass(frozen=True)
class Gates:
    """What every run of a session must pass. `max_drop`, in 0..1, is how far pass@1 may fall below its baseline."""

    thresholds: tuple[Threshold, ...] = ()
    baseline: tuple[Report, ...] = ()
    max_drop: float = 0.0


@dataclass(frozen=True)
class Judgement:
    """What one gate says of one run. `open`: the samples without a verdict decide it."""

    run_id: str
    kind: Literal["threshold", "baseline"]
    gate: str
    outcome: Outcome
    message: str


def judge(report: Report, gates: Gates) -> list[Judgement]:
    """What every gate says of a run.

    Raises:
        UserError: the report lacks a metric, or the baseline has no run of the same suite.
    """
    found = [judge_threshold(report, threshold) for threshold in gates.thresholds]
    if gates.baseline:
        found.append(judge_baseline(report, baseline_of(report.suite, report.model, gates.baseline), gates.max_drop))
    return found


def judge_threshold(report: Report, threshold: Threshold) -> Judgement:
    """Whether the observed metric reaches its threshold (same errors as `judge`)."""
    metric, least = threshold.metric, threshold.least
    scores = scores_of(report, metric)
    worst, best = _total(report, metric, scores.low), _total(report, metric, scores.high)
    outcome: Outcome = "open"
    if worst >= least - ROUNDING:
        outcome = "passed"
    elif best < least - ROUNDING:
        outcome = "failed"
    relation = {"passed": "at least", "failed": "below", "open": "which may or may not end up at"}[outcome]
    message = f"{_observed(report, metric)}, {relation} {_shown(metric, least)}"
    if outcome == "open":
        message += f": {report.samples - report.scored} samples have no verdict yet"
    elif outcome == "failed" and report.metrics.get(f"{metric}_high", 0.0) >= least:
        message += "; on other problems of this kind it might reach it"
    return Judgement(report.run_id, "threshold", f"{metric} >= {least:g}", outcome, f"{message}.")


def judge_baseline(report: Report, baseline: Report, max_drop: float) -> Judgement:
    """Whether pass@1 fell by more than `max_drop`, and by more than noise explains (same errors as `judge`)."""
    try:
        result = compare(scores_of(report), scores_of(baseline))
    except ValueError as error:
        raise UserError(
            f"{report.run_id} and its baseline {baseline.run_id} have no scored problem in common.", "Evaluate more."
        ) from error
    failed = result.shown and result.most < -max_drop - ROUNDING
    gate = f"pass@1 of {baseline.run_id} less {max_drop:g}"
    message = f"{_moved(result, baseline)} ({evidence(result)}){_meaning(result, max_drop, failed=failed)}"
    return Judgement(report.run_id, "baseline", gate, "failed" if failed else "passed", message)


def baseline_of(suite: SuiteInfo, model: str, reports: Sequence[Report]) -> Report:
    """The report to compare a run of this suite with: the only one of the suite, or else the one of the same model.

    Raises:
        UserError: there is none, there are several, or its suite has other content.
    """
    same = [report for report in reports if report.suite.name == suite.name]
    if len(same) > 1:
        same = [report for report in same if report.model == model]
    if len(same) != 1:
        raise UserError(
            f"The baseline has {len(same) or 'no'} run{'s' if len(same) > 1 else ''} of {model} on {suite.name}.",
            "It must have one.",
        )
    if same[0].suite.fingerprint != suite.fingerprint:
        raise UserError(
            f"The baseline {same[0].run_id} is of {suite.name} with fingerprint {same[0].suite.fingerprint}, "
            f"this is {suite.fingerprint}: problems, prompt, check or limits differ.",
            "Make a new baseline.",
        )
    return same[0]


def _observed(report: Report, metric: str) -> str:
    value = report.metrics.get(metric)
    if value is None:
        return f"{metric} is unknown"
    low, high = report.metrics[f"{metric}_low"], report.metrics[f"{metric}_high"]
    word = "are" if metric == POINTS else "is"
    value_shown, low_shown, high_shown = (_shown(metric, number) for number in (value, low, high))
    return f"{metric} {word} {value_shown} (95 % interval {low_shown} to {high_shown})"


def _total(report: Report, metric: str, shares: Mapping[str, float]) -> float:
    """The metric where each problem had this score."""
    rule = report.suite.points
    if metric != POINTS or rule is None:
        return fmean(shares.values())
    return rule.runs * sum(share * rule.most(task_id) for task_id, share in shares.items())


def _shown(metric: str, value: float) -> str:
    return f"{value:.4g}" if metric == POINTS else f"{value:.1%}"


def _moved(result: Comparison, baseline: Report) -> str:
    if abs(result.difference) < ROUNDING:
        return f"pass@1 is that of {baseline.run_id}"
    word = "fell" if result.difference < 0 else "rose"
    return f"pass@1 {word} by {points(abs(result.difference))} points against {baseline.run_id}"


def _meaning(result: Comparison, max_drop: float, *, failed: bool) -> str:
    flipped = f"{len(result.worse)} problems got worse, {len(result.better)} better"
    if failed:
        return f": more than the {points(max_drop)} allowed, and more than noise. {flipped}."
    if result.difference >= 0:
        return f". {flipped}."
    if result.shown:
        return f": not noise, but no more than the {points(max_drop)} allowed for sure. {flipped}."
    if result.smallest > 1:
        return ". So few problems cannot show any drop."
    return f": not more than noise. A drop below {points(result.smallest)} points could not have been shown. {flipped}."
