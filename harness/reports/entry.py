"""From the recorded facts of one run to its entry of the leaderboard: a pure function, whatever order they came in.

Costs and tokens per second are known only where every sample has its usage, and its day a price.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from statistics import fmean
from typing import NamedTuple

from harness.pricing.tariff import Tariff
from harness.records import Execution, Report, RunInfo, Sample, Verdict
from harness.reports.row import Entry, Row, priced

TariffOn = Callable[[date], Tariff | None]
"""The price of the run's model on a day."""


class Drawn(NamedTuple):
    """What is needed of the samples.

    `costs` are the dollars of each problem's samples, empty where one is not known; `tariffs` those of the days on which
    they were drawn; `tokens_per_s` the output tokens that one request brings in a second.
    """

    costs: dict[str, list[Decimal]]
    tariffs: tuple[Tariff, ...]
    tokens_per_s: float | None


def entry_of(
    info: RunInfo, report: Report, samples: Iterable[Sample], executions: Iterable[Execution], tariff_on: TariffOn
) -> Entry:
    """The entry of a run; `report` is that of the same samples and executions."""
    drawn = _drawn(samples, tariff_on)
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
        cost=sum((sum(dollars) for dollars in drawn.costs.values()), Decimal(0)) if drawn.costs else None,
        tokens_per_s=drawn.tokens_per_s,
        temperature=info.sampling.temperature,
        date=info.created,
        run_id=info.run_id,
        harness_version=info.harness_version,
        fingerprint=info.suite.fingerprint,
        problem_set=sha256("\n".join(sorted(info.task_ids)).encode()).hexdigest()[:16],
    )
    scores = _scores(executions)
    costs = {task_id: float(sum(dollars) / len(dollars)) for task_id, dollars in drawn.costs.items()}
    return Entry(row=_with_costs(_with_rates(row, drawn.tariffs), scores, costs), scores=scores, costs=costs)


def _drawn(samples: Iterable[Sample], tariff_on: TariffOn) -> Drawn:
    """One pass over the samples, which may be many and long."""
    costs: dict[str, list[Decimal]] = defaultdict(list)
    tariffs: dict[date, Tariff | None] = {}
    requests: dict[object, tuple[int, float]] = {}
    whole = True
    for sample in samples:
        if sample.usage is None or sample.created is None:
            whole = False
            continue
        day = sample.created.date()
        if day not in tariffs:
            tariffs[day] = tariff_on(day)
        if (tariff := tariffs[day]) is None:
            whole = False
        else:
            costs[sample.task_id].append(tariff.cost(sample.usage, sample.created))
        # samples of one request share its latency
        key = sample.request_id or (sample.task_id, sample.index)
        tokens, _ = requests.get(key, (0, 0.0))
        requests[key] = tokens + sample.usage.output, sample.latency_s
    seconds = sum(latency for _, latency in requests.values())
    speed = sum(tokens for tokens, _ in requests.values()) / seconds if seconds else None
    return Drawn(dict(costs) if whole else {}, tuple(filter(None, tariffs.values())), speed)


def _scores(executions: Iterable[Execution]) -> dict[str, float]:
    """The share of each problem's judged samples that passed; of two executions of one sample the later counts."""
    last = {(execution.task_id, execution.index): execution.verdict for execution in executions}
    judged: dict[str, list[bool]] = defaultdict(list)
    for (task_id, _), verdict in last.items():
        if verdict is not None:
            judged[task_id].append(verdict is Verdict.PASSED)
    return {task_id: fmean(passed) for task_id, passed in sorted(judged.items())}


def _with_rates(row: Row, tariffs: Sequence[Tariff]) -> Row:
    """The row with its list prices: the last day's, where the run saw several."""
    if not tariffs:
        return row
    last, days = max(tariffs, key=lambda tariff: tariff.as_of), sorted({tariff.as_of for tariff in tariffs})
    dates = days[0].isoformat() if len(days) == 1 else f"{days[0]}..{days[-1]}"
    return priced(row, last).model_copy(update={"price_date": dates})


def _with_costs(row: Row, scores: Mapping[str, float], costs: Mapping[str, float]) -> Row:
    if not costs:
        return row
    per_answer = fmean(costs.values())
    solved = fmean(scores.values()) if scores else 0.0
    update = {"usd_per_answer": per_answer, "usd_per_solved": per_answer / solved if solved else None}
    return row.model_copy(update=update)
