"""From the recorded samples and executions of a run to its report: a pure function, whatever order they came in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from harness.records import Cost, Execution, Mode, Report, RunInfo, Sample, UsageTotal, Verdict
from harness.scoring.intervals import bootstrap, wilson
from harness.scoring.passk import mean, problem_scores


def build_report(
    info: RunInfo, samples: Iterable[Sample], executions: Iterable[Execution], cost: Cost | None
) -> Report:
    """The numbers of a run; of two executions of one sample the later counts."""
    verdicts: dict[tuple[str, int], tuple[Verdict, Mode, tuple[str, ...]]] = {}
    failed: dict[tuple[str, int], str] = {}
    for execution in executions:
        key = execution.task_id, execution.index
        verdicts.pop(key, None)
        failed.pop(key, None)
        if execution.verdict is not None:
            verdicts[key] = execution.verdict, execution.mode, execution.stages
        elif execution.failure is not None:
            failed[key] = f"{execution.failure.kind}:{execution.failure.reason}"
    failures = Counter(failed.values())
    if not_attempted := info.expected - len(verdicts) - len(failed):
        failures["not_attempted"] = not_attempted
    counts = Counter(verdict for verdict, _, _ in verdicts.values())
    metrics = _metrics(info, {key: verdict is Verdict.PASSED for key, (verdict, _, _) in verdicts.items()})
    for stage in info.suite.stages:
        reached = {key: verdict is Verdict.PASSED or stage in done for key, (verdict, _, done) in verdicts.items()}
        metrics |= {_of_stage(name, stage): value for name, value in _metrics(info, reached).items()}
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
    )


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


def _metrics(info: RunInfo, passed: Mapping[tuple[str, int], bool]) -> dict[str, float]:
    per_problem: dict[str, list[bool]] = defaultdict(list)
    for (task_id, _), ok in passed.items():
        per_problem[task_id].append(ok)
    counts = {task_id: (len(oks), sum(oks)) for task_id, oks in sorted(per_problem.items())}
    scores = {k: problem_scores(counts, k) for k in range(1, info.sampling.n + 1)}
    means = {k: mean(list(values.values())) for k, values in scores.items() if values}
    lows = _intervals(info, counts, list(means), False)
    complete = sum(n for n, _ in counts.values()) == info.expected
    bounds = zip(lows, lows if complete else _intervals(info, counts, list(means), True), strict=True)
    metrics: dict[str, float] = {}
    for (k, value), ((low, _), (_, high)) in zip(means.items(), bounds, strict=True):
        metrics |= {f"pass@{k}": value, f"pass@{k}_low": low, f"pass@{k}_high": high}
    return metrics


def _intervals(
    info: RunInfo, counts: Mapping[str, tuple[int, int]], ks: list[int], unscored_pass: bool
) -> list[tuple[float, float]]:
    """The intervals that would hold if every unscored sample had failed, or had passed."""
    completed = {}
    for task_id in info.task_ids:
        n, c = counts.get(task_id, (0, 0))
        missing = max(0, info.sampling.n - n)
        completed[task_id] = n + missing, c + missing * unscored_pass
    if not ks:
        return []
    if info.sampling.n == 1:
        return [wilson(sum(c for _, c in completed.values()), len(completed))]
    return bootstrap([list((problem_scores(completed, k) or {}).values()) for k in ks])
