"""pass@k: the chance that at least one of k samples of a problem passes.

Source of the estimator: Chen et al. 2021, "Evaluating Large Language Models Trained on Code" (arXiv:2107.03374), eq. 1,
in the numerically stable product form of its figure 3.
"""

from collections.abc import Mapping, Sequence
from math import prod

ScoredCounts = Mapping[str, tuple[int, int]]
"""For each task_id: (n scored samples, c of them passed)."""


def pass_at_k(n: int, c: int, k: int) -> float:
    """Unbiased estimate of pass@k for one problem from n samples of which c passed.

    1 - C(n-c, k) / C(n, k) = 1 - prod_{i=n-c+1..n} (1 - k/i).

    Raises:
        ValueError: k > n (the estimate does not exist: absent, not zero), or c outside 0..n.
    """
    if not 0 <= c <= n:
        raise ValueError(f"c={c} must lie between 0 and n={n}")
    if not 1 <= k <= n:
        raise ValueError(f"pass@{k} does not exist for {n} samples")
    if n - c < k:
        return 1.0
    return 1.0 - prod(1.0 - k / i for i in range(n - c + 1, n + 1))


def problem_scores(counts: ScoredCounts, k: int) -> dict[str, float] | None:
    """pass@k of each problem, in the order of `counts`; None where a problem has fewer than k samples."""
    if not counts or any(n < k for n, _ in counts.values()):
        return None
    return {task_id: pass_at_k(n, c, k) for task_id, (n, c) in counts.items()}


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean; the score of a suite weighs each problem alike."""
    return sum(values) / len(values)
