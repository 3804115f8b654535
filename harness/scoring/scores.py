"""The score of each problem in one run, and the bounds between which what was not scored leaves it.

A sample without a verdict is neither a pass nor a fail: `values` leaves it out, `low` counts it as failed and `high` as
passed. Whatever is claimed must hold for both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from harness.scoring.passk import pass_at_k
from harness.scoring.resampling import Array

Counts = Mapping[str, tuple[int, int, int]]
"""For each task_id: (samples asked for, those with a verdict, those that passed)."""


@dataclass(frozen=True)
class Scores:
    """Scores in 0..1 by task_id. `values` lacks a problem that has too few verdicts; `low` and `high` lack none."""

    values: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]

    @classmethod
    def whole(cls, values: Mapping[str, float]) -> Self:
        """Scores of which nothing is missing."""
        return cls(values, values, values)

    @classmethod
    def of_counts(cls, counts: Counts, k: int = 1) -> Self:
        """pass@k of each problem.

        Raises:
            ValueError: fewer than k samples were asked for, or a problem has more verdicts than samples.
        """
        if any(scored > asked for asked, scored, _ in counts.values()):
            raise ValueError("more verdicts than samples")
        return cls(
            {task_id: pass_at_k(n, c, k) for task_id, (_, n, c) in counts.items() if n >= k},
            {task_id: pass_at_k(asked, c, k) for task_id, (asked, _, c) in counts.items()},
            {task_id: pass_at_k(asked, c + asked - n, k) for task_id, (asked, n, c) in counts.items()},
        )

    def arrays(self, task_ids: Sequence[str]) -> tuple[Array, Array, Array]:
        """(values, low, high) over `task_ids`, each of that length; nan where a value is missing."""
        return (
            np.array([self.values.get(task_id, np.nan) for task_id in task_ids], dtype=float),
            np.array([self.low.get(task_id, 0.0) for task_id in task_ids], dtype=float),
            np.array([self.high.get(task_id, 1.0) for task_id in task_ids], dtype=float),
        )
