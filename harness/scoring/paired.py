"""Is one run better than another? Paired by problem, since problems differ far more from each other than models do.

One answer a problem: exact McNemar test and Newcombe's interval. Several: sign-flip test and paired bootstrap. The test
decides; the interval says by how much. Unscored samples count once against the one run and once against the other, and
what is claimed holds for both.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.scoring.intervals import bootstrap, newcombe
from harness.scoring.resampling import Array
from harness.scoring.scores import Scores
from harness.scoring.significance import LEVEL, sign_flip, smallest_significant

Z_80 = 0.8416212335729143
"""80 % point of the standard normal distribution."""

Method = Literal["mcnemar", "bootstrap"]


@dataclass(frozen=True)
class Comparison:
    """A less B over the problems that both were asked; scores and differences in 0..1.

    `paired` problems have a verdict in both runs, `unpaired` ones lack it in one; `a`, `b` and `difference` are means
    over the paired ones. The 95 % interval and `p_value` (two-sided) span what the missing verdicts could change.
    `smallest` is the least difference that would have been shown, given how often the two disagree (above 1: none
    could have been), and `detectable` the true difference that four of five such comparisons would show. `better` and
    `worse` are the task_ids, in A's order, at which A scored more, and less, than B. `least` and `most` are what the
    difference would be if every missing verdict went against A, or for it.
    """

    paired: int
    unpaired: int
    a: float
    b: float
    difference: float
    low: float
    high: float
    p_value: float
    smallest: float
    detectable: float
    method: Method
    better: tuple[str, ...]
    worse: tuple[str, ...]
    least: float
    most: float

    @property
    def shown(self) -> bool:
        """Whether chance is excluded as the explanation at the 5 % level."""
        return self.p_value < LEVEL


def compare(a: Scores, b: Scores, seed: int = 0) -> Comparison:
    """Compare two runs problem by problem.

    Raises:
        ValueError: no problem has a verdict in both runs.
    """
    task_ids = sorted(a.low.keys() & b.low.keys())
    a_values, a_low, a_high = a.arrays(task_ids)
    b_values, b_low, b_high = b.arrays(task_ids)
    differences = a_values - b_values
    known = ~np.isnan(differences)
    if not known.any():
        raise ValueError("no problem has a verdict in both runs")
    least, most = a_low - b_high, a_high - b_low
    binary = all(np.isin(part, (0.0, 1.0)).all() for part in (a_low, a_high, b_low, b_high))
    interval = (_newcombe if binary else _bootstrapped)((a_low, b_high), (a_high, b_low), seed)
    found = dict(zip(task_ids, differences.tolist(), strict=True))
    smallest = smallest_significant(least, seed) + float(np.mean(most - least))
    return Comparison(
        paired=int(known.sum()),
        unpaired=int((~known).sum()),
        a=float(a_values[known].mean()),
        b=float(b_values[known].mean()),
        difference=float(differences[known].mean()),
        low=interval[0],
        high=interval[1],
        p_value=_p_value(least, most, seed),
        smallest=smallest,
        detectable=smallest + Z_80 * _standard_error(least),
        method="mcnemar" if binary else "bootstrap",
        better=tuple(task_id for task_id in a.low if found.get(task_id, 0) > 0),
        worse=tuple(task_id for task_id in a.low if found.get(task_id, 0) < 0),
        least=float(least.mean()),
        most=float(most.mean()),
    )


def _p_value(least: Array, most: Array, seed: int) -> float:
    """The larger p of the two extremes of what is missing; 1 where they point to different sides."""
    if least.sum() < 0 < most.sum():
        return 1.0
    return max(sign_flip(part, seed) for part in ((least,) if np.array_equal(least, most) else (least, most)))


def _standard_error(differences: Array) -> float:
    """Of a mean difference, with Agresti & Min's 2005 correction for matched pairs (Biometrics 61(2))."""
    n = len(differences) + 2
    return sqrt(float((differences**2).sum()) + 1 - float(differences.sum()) ** 2 / n) / n


def _newcombe(least: tuple[Array, Array], most: tuple[Array, Array], _seed: int) -> tuple[float, float]:
    low, high = (newcombe(*_fourfold(a > 0, b > 0)) for a, b in (least, most))
    return low[0], high[1]


def _fourfold(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    return int((a & b).sum()), int((a & ~b).sum()), int((~a & b).sum()), int((~a & ~b).sum())


def _bootstrapped(least: tuple[Array, Array], most: tuple[Array, Array], seed: int) -> tuple[float, float]:
    """With half a problem each way drawn along that differs as much as any here did, so that no interval is empty."""
    columns = np.stack([least[0] - least[1], most[0] - most[1]])
    farthest = float(np.abs(columns).max()) or 1.0
    (low, _), (_, high) = bootstrap(columns.tolist(), seed, extremes=(-farthest, farthest))
    return low, high
