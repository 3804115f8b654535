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


def bootstrap(columns: Sequence[Sequence[float]], seed: int = 0) -> list[tuple[float, float]]:
    """Percentile bootstrap intervals of means over problems, for several samples a problem.

    Each column holds one score a problem (pass@1, pass@2, ...); all columns share the same resamples.
    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13. Seeded, so a report is reproducible.

    Raises:
        ValueError: there are no problems to resample.
    """
    import numpy as np  # noqa: PLC0415 - costs a tenth of a second, only reports need it

    values = np.asarray(columns, dtype=float).T
    if not values.size:
        raise ValueError("no scores to resample")
    n = len(values)
    generator = np.random.default_rng(seed)
    # how often each problem is drawn, in blocks: 10,000 resamples of 1,000 problems at once would take 80 MB
    blocks = [generator.multinomial(n, [1 / n] * n, size=RESAMPLES // 10) @ values / n for _ in range(10)]
    low, high = np.percentile(np.concatenate(blocks), [2.5, 97.5], axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))
