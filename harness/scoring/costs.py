"""What a solved problem costs, with its interval, and how many cheap answers are as good as one dear one.

Costs are US dollars of one answer, by task_id; a problem's cost is the mean over its answers. Ratios are bootstrapped
as ratios of sums over the same resamples of problems: dear problems are often the unsolved ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from harness.scoring.intervals import PERCENTILES
from harness.scoring.paired import compare
from harness.scoring.resampling import Array, draws
from harness.scoring.scores import Counts, Scores


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval. `value` is None where it does not exist, `high` infinite where it is open."""

    value: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Attempts:
    """k answers of a cheap model beside one of a dear one.

    `score` is the cheap model's pass@k: something, such as the user's own tests, must pick the answer that works.
    `lead` is how far it is above the dear model's pass@1, with the 95 % interval; `saving` is how many times dearer the
    one dear answer is than the k cheap ones, with its interval.
    """

    k: int
    score: float
    lead: Estimate
    saving: Estimate

    @property
    def reach(self) -> bool:
        """Whether they were as good as the dear one, as far as was observed."""
        return (self.lead.value or 0.0) >= 0

    @property
    def surely_reach(self) -> bool:
        """Whether they are as good over the whole interval."""
        return self.lead.low >= 0


def cost_per_problem(costs: Mapping[str, float], seed: int = 0) -> Estimate:
    """Dollars of one answer, as a mean over problems with its percentile bootstrap interval.

    Raises:
        ValueError: the cost of no problem is known.
    """
    values = np.array([costs[task_id] for task_id in sorted(costs)])
    return _ratio(values, np.ones(len(values)), seed)


def cost_per_solved(scores: Scores, costs: Mapping[str, float], seed: int = 0) -> Estimate:
    """Dollars spent for each problem solved: cost of one answer to every problem over the expected number solved.

    Over the problems whose cost is known. The interval spans what unscored samples could change; where in more than one
    resample in forty nothing is solved its upper end is infinite. Half a problem that is solved and half a one that is
    not, both of mean cost, are drawn along as for the score itself (`intervals.bootstrap`): a model that solved all it
    was asked may not solve all there is, and one that solved nothing is not known to be beyond any price.
    Source of the interval: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13, of a ratio of means.

    Raises:
        ValueError: no problem has both a known cost and a place in the scores.
    """
    task_ids = sorted(costs.keys() & scores.low.keys())
    values, least, most = scores.arrays(task_ids)
    spent = np.array([costs[task_id] for task_id in task_ids], dtype=float)
    known = ~np.isnan(values)
    solved = float(values[known].sum())
    return Estimate(
        value=float(spent[known].sum()) / solved if solved else None,
        low=_per_solved(spent[:, None], most[:, None], seed)[0].low,
        high=_per_solved(spent[:, None], least[:, None], seed)[0].high,
    )


def costs_per_solved(runs: Sequence[tuple[Scores, Mapping[str, float]]], seed: int = 0) -> list[Estimate]:
    """`cost_per_solved` of several whole runs over the same problems: they share the resamples, which take the time.

    Raises:
        ValueError: there is no run, or two of them differ in their problems.
    """
    task_ids = sorted(runs[0][1]) if runs else []
    if not task_ids or any(sorted(costs) != task_ids or sorted(scores.values) != task_ids for scores, costs in runs):
        raise ValueError("not the same problems")
    spent = np.array([[costs[task_id] for _, costs in runs] for task_id in task_ids])
    solved = np.array([[scores.values[task_id] for scores, _ in runs] for task_id in task_ids])
    return _per_solved(spent, solved, seed)


def attempts(
    cheap: Counts, cheap_costs: Mapping[str, float], dear: Scores, dear_costs: Mapping[str, float], seed: int = 0
) -> Iterator[Attempts]:
    """For each k up to the cheap model's samples a problem: its pass@k beside the dear model's pass@1, and the money.

    Raises:
        ValueError: the two have no scored problem, or no problem of known cost, in common.
    """
    task_ids = sorted(cheap_costs.keys() & dear_costs.keys())
    cheap_dollars, dear_dollars = (np.array([c[task_id] for task_id in task_ids]) for c in (cheap_costs, dear_costs))
    saving = _ratio(dear_dollars, cheap_dollars, seed)
    for k in range(1, min(asked for asked, _, _ in cheap.values()) + 1):
        result = compare(Scores.of_counts(cheap, k), dear, seed)
        lead = Estimate(result.difference, result.low, result.high)
        yield Attempts(k, result.a, lead, _divided(saving, k))


def _per_solved(spent: Array, solved: Array, seed: int) -> list[Estimate]:
    """Dollars over solved for each column (problems x columns); the two halves move its interval, not its value."""
    typical = spent.mean(axis=0)
    halves = np.stack([typical, typical]), np.stack([np.zeros_like(typical), np.ones_like(typical)])
    return _ratios(spent, solved, seed, halves)


def _ratio(upper: Array, lower: Array, seed: int) -> Estimate:
    """Sum over sum with its percentile bootstrap interval; a sum of nothing below makes the ratio infinite."""
    return _ratios(upper[:, None], lower[:, None], seed)[0]


def _ratios(upper: Array, lower: Array, seed: int, halves: tuple[Array, Array] | None = None) -> list[Estimate]:
    """The ratio of each column (problems x columns), all with the same resamples.

    `halves` (2 x columns above, and below) are drawn along half as often as a problem.
    """
    columns = upper.shape[1]
    totals = zip(upper.sum(axis=0).tolist(), lower.sum(axis=0).tolist(), strict=True)
    both = np.concatenate([upper, lower], axis=1)
    drawn = draws(len(both), seed, halves=halves is not None)
    if halves is not None:
        both = np.concatenate([both, np.concatenate(halves, axis=1)])
    sums = np.concatenate([times @ both for times in drawn])
    above, below = sums[:, :columns], sums[:, columns:]
    ratios = np.divide(above, below, out=np.full(above.shape, inf), where=below > 0)
    # an order statistic, not an interpolation: between a number and infinity there is nothing
    lows, highs = np.percentile(ratios, PERCENTILES, axis=0, method="inverted_cdf").tolist()
    values = [spent / solved if solved else None for spent, solved in totals]
    return [Estimate(value, low, high) for value, low, high in zip(values, lows, highs, strict=True)]


def _divided(ratio: Estimate, by: int) -> Estimate:
    return Estimate(None if ratio.value is None else ratio.value / by, ratio.low / by, ratio.high / by)
