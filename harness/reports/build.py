"""From the recorded samples and executions of a run to its report: a pure function, whatever order they came in."""

from collections import Counter
from collections.abc import Iterable, Mapping

from harness.records import Cost, Execution, Mode, PointsTotal, Report, RunInfo, Sample, UsageTotal, Verdict
from harness.scoring.intervals import bootstrap, wilson
from harness.scoring.passk import ScoredCounts, mean, problem_scores
from harness.scoring.points import total_points
from harness.scoring.scores import Counts

SampleKey = tuple[str, int]
Judged = tuple[Verdict, Mode, tuple[str, ...]]
"""What counts of an execution: its verdict, how it was kept apart, and the stages that were passed."""


def build_report(
    info: RunInfo, samples: Iterable[Sample], executions: Iterable[Execution], cost: Cost | None
) -> Report:
    """The numbers of a run; of two executions of one sample the later counts."""
    verdicts: dict[SampleKey, Judged] = {}
    failed: dict[SampleKey, str] = {}
    measures: dict[SampleKey, dict[str, float]] = {}
    for execution in executions:
        key = execution.task_id, execution.index
        verdicts.pop(key, None)
        failed.pop(key, None)
        measures.pop(key, None)
        if execution.verdict is not None:
            verdicts[key] = execution.verdict, execution.mode, execution.stages
            if info.suite.points:
                measures[key] = execution.measures
        elif execution.failure is not None:
            failed[key] = f"{execution.failure.kind}:{execution.failure.reason}"
    failures = Counter(failed.values())
    if not_attempted := info.expected - len(verdicts) - len(failed):
        failures["not_attempted"] = not_attempted
    counts = Counter(verdict for verdict, _, _ in verdicts.values())
    per_problem = _per_problem(info, verdicts)
    metrics = _metrics(info, _counts(per_problem, "passed"))
    for stage in info.suite.stages:
        reached = _metrics(info, _counts(per_problem, stage))
        metrics |= {_of_stage(name, stage): value for name, value in reached.items()}
    points = _points(info, per_problem, measures)
    if points:
        metrics |= {"points": points.total, "points_low": points.low, "points_high": points.high}
    return Report(
        run_id=info.run_id,
        model=info.model.name,
        suite=info.suite,
        harness_version=info.harness_version,
        problems=len(info.task_ids),
        samples=info.expected,
        scored=len(verdicts),
        coverage=len(verdicts) / info.expected if info.expected else 0.0,
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        failures=dict(sorted(failures.items())),
        modes=dict(sorted(Counter(mode for _, mode, _ in verdicts.values()).items())),
        metrics=metrics,
        usage=total_usage(samples),
        cost=cost,
        per_problem=per_problem,
        points=points,
    )


def _points(
    info: RunInfo, per_problem: Mapping[str, Mapping[str, int]], measures: Mapping[SampleKey, Mapping[str, float]]
) -> PointsTotal | None:
    asked = {task_id: (found["asked"], found["scored"]) for task_id, found in per_problem.items()}
    return total_points(info.suite.points, asked, measures) if info.suite.points else None


def total_usage(samples: Iterable[Sample]) -> UsageTotal:
    """The tokens of all samples; those without usage are counted, not guessed."""
    total: Counter[str] = Counter()
    for sample in samples:
        if sample.usage is None:
            total["unreported"] += 1
        else:
            total.update(sample.usage.model_dump(exclude={"apportioned"}))
    return UsageTotal(**total)


def _of_stage(name: str, stage: str) -> str:
    """`pass@1_low` as `pass@1 base_low`."""
    head, underscore, tail = name.partition("_")
    return f"{head} {stage}{underscore}{tail}"


def _per_problem(info: RunInfo, verdicts: Mapping[SampleKey, Judged]) -> dict[str, dict[str, int]]:
    """How many samples of each problem were asked for, have a verdict, passed, and reached each stage."""
    whole = len(verdicts) == info.expected
    found = {task_id: dict.fromkeys(("asked", "scored", "passed", *info.suite.stages), 0) for task_id in info.task_ids}
    for (task_id, _), (verdict, _, stages) in verdicts.items():
        passed = verdict is Verdict.PASSED
        reached = {"passed": passed, **{stage: passed or stage in stages for stage in info.suite.stages}}
        for name, ok in {"scored": True, **reached}.items():
            found[task_id][name] += ok
    for numbers in found.values():
        numbers["asked"] = numbers["scored"] if whole else max(info.sampling.n, numbers["scored"])
    return found


def _counts(per_problem: Mapping[str, Mapping[str, int]], name: str) -> Counts:
    """(asked, scored, those of `name`) for each problem."""
    return {task_id: (found["asked"], found["scored"], found[name]) for task_id, found in per_problem.items()}


def _metrics(info: RunInfo, counts: Counts) -> dict[str, float]:
    scored = {task_id: (n, c) for task_id, (_, n, c) in counts.items() if n}
    scores = {k: problem_scores(scored, k) for k in range(1, info.sampling.n + 1)}
    means = {k: mean(list(values.values())) for k, values in scores.items() if values}
    if not means:
        return {}
    worst = {task_id: (asked, c) for task_id, (asked, _, c) in counts.items()}
    best = {task_id: (asked, c + asked - n) for task_id, (asked, n, c) in counts.items()}
    lows = _intervals(worst, list(means))
    bounds = zip(lows, lows if best == worst else _intervals(best, list(means)), strict=True)
    metrics: dict[str, float] = {}
    for (k, value), ((low, _), (_, high)) in zip(means.items(), bounds, strict=True):
        metrics |= {f"pass@{k}": value, f"pass@{k}_low": low, f"pass@{k}_high": high}
    return metrics


def _intervals(counts: ScoredCounts, ks: list[int]) -> list[tuple[float, float]]:
    """The interval of each pass@k where every sample that was asked for has a verdict."""
    if all(n == 1 for n, _ in counts.values()):
        return [wilson(sum(c for _, c in counts.values()), len(counts))]
    return bootstrap([list((problem_scores(counts, k) or {}).values()) for k in ks])
