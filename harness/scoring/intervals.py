"""95 % intervals of a score that respect its structure: problems are the unit that was drawn, not samples."""

from collections.abc import Sequence
from math import sqrt

Z_95 = 1.959963984540054
"""97.5 % point of the standard normal distribution."""

RESAMPLES = 10_000


def wilson(passed: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson score interval of a proportion, for one sample a problem.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference", JASA 22(158).

    Raises:
        ValueError: n is not positive, or `passed` outside 0..n.
    """
    if n <= 0 or not 0 <= passed <= n:
        raise ValueError(f"no proportion: {passed} of {n}")
    p, z2 = passed / n, z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(scores: Sequence[float], seed: int = 0, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean over problems, for several samples a problem.

    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13. Seeded, so a report is reproducible.

    Raises:
        ValueError: `scores` is empty.
    """
    import numpy as np  # noqa: PLC0415 - costs a tenth of a second, only reports need it

    if not scores:
        raise ValueError("no scores to resample")
    values = np.asarray(scores, dtype=float)
    generator = np.random.default_rng(seed)
    # drawn in blocks: 10,000 resamples of a 1,000-problem suite at once would take 80 MB
    means = np.concatenate(
        [
            values[generator.integers(0, len(values), size=(block, len(values)))].mean(axis=1)
            for block in [1000] * (resamples // 1000) + [resamples % 1000]
            if block
        ]
    )
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
