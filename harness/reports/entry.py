"""From the recorded facts of one run to its entry of the leaderboard: a pure function, whatever order they came in.

Money is by the run's own price snapshot. Costs by problem are known only where each of its samples has a cost.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from statistics import fmean

from harness.pricing.snapshot import Snapshot, day_of, problem_costs, snapshot_of
from harness.pricing.throughput import measure
from harness.records import Report, RunInfo, Sample
from harness.reports.per_problem import POINTS, scores_of
from harness.reports.row import Entry, Row, priced

TEXTS = {"completion": None, "solution": None, "reasoning": None}
"""What a sample is kept without: its answers may be long, and there may be many of them."""


def entry_of(info: RunInfo, report: Report, samples: Iterable[Sample]) -> Entry:
    """The entry of a run; `report` is that of the same samples and says how each problem went."""
    drawn = [sample.model_copy(update=TEXTS) for sample in samples]
    snapshot = snapshot_of(info)
    throughput = measure(drawn)
    k = max((int(name[5:]) for name in report.metrics if name[5:].isdigit()), default=None)
    row = Row(
        model=info.model.name,
        suite=info.suite.name,
        suite_version=info.suite.version,
        problems=report.problems,
        samples=report.samples,
        score=report.metrics.get("pass@1"),
        low=report.metrics.get("pass@1_low"),
        high=report.metrics.get("pass@1_high"),
        pass_at_1=report.metrics.get("pass@1"),
        k=k,
        pass_at_k=report.metrics.get(f"pass@{k}"),
        coverage=report.coverage,
        input_tokens=None if report.usage.unreported else report.usage.input,
        output_tokens=None if report.usage.unreported else report.usage.output,
        cost=report.cost.total if report.cost else None,
        tokens_per_s=float(throughput.output_per_s) if throughput else None,
        temperature=info.sampling.temperature,
        date=info.created,
        run_id=info.run_id,
        harness_version=info.harness_version,
        fingerprint=info.suite.fingerprint,
        problem_set=sha256("\n".join(sorted(info.task_ids)).encode()).hexdigest()[:16],
    )
    metric = "pass@1"
    if report.points:
        metric = POINTS
        total, low, high = report.points.total, report.points.low, report.points.high
        row = row.model_copy(update={"scale": "points", "score": total, "low": low, "high": high})
    costs = _costs(snapshot, drawn)
    row = _with_rates(row, report, snapshot, drawn)
    if costs:
        row = row.model_copy(update={"usd_per_answer": fmean(costs.values())})
    return Entry(row, scores_of(report, metric), costs)


def _costs(snapshot: Snapshot, drawn: Sequence[Sample]) -> dict[str, float]:
    """The mean US dollars of one sample of each problem; empty where one of them is not known."""
    counts = Counter(sample.task_id for sample in drawn)
    totals = problem_costs(snapshot, drawn)
    known = {task_id: float(total / counts[task_id]) for task_id, total in totals.items() if total is not None}
    return known if len(known) == len(totals) else {}


def _with_rates(row: Row, report: Report, snapshot: Snapshot, drawn: Sequence[Sample]) -> Row:
    """The row with the rates of the last day on which a sample was drawn."""
    days = {day for sample in drawn if (day := day_of(sample)) in snapshot.tariffs and day is not None}
    if not days:
        return row
    rated = priced(row, snapshot.tariffs[max(days)])
    return rated.model_copy(update={"price_date": report.cost.priced_as_of}) if report.cost else rated
