"""95 % intervals of a score that respect its structure: problems are the unit that was drawn, not samples."""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from harness.scoring.resampling import draws

Z_95 = 1.959963984540054
"""97.5 % point of the standard normal distribution."""

PERCENTILES = (2.5, 97.5)


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


def newcombe(both: int, a_only: int, b_only: int, neither: int) -> tuple[float, float]:
    """95 % interval of the difference of two paired proportions, A less B.

    Source: Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions based on
    paired data", Statistics in Medicine 17, method 10: Wilson's intervals, square and add, with a correlation.
    """
    n = both + a_only + b_only + neither
    p, q = (both + a_only) / n, (both + b_only) / n
    (p_low, p_high), (q_low, q_high) = wilson(both + a_only, n), wilson(both + b_only, n)
    covariance: float = both * neither - a_only * b_only
    if covariance > 0:
        covariance = max(covariance - n / 2, 0)
    scale = sqrt((both + a_only) * (b_only + neither) * (both + b_only) * (a_only + neither))
    phi = covariance / scale if scale else 0.0
    down, up = (p - p_low, q_high - q), (p_high - p, q - q_low)
    below, above = (sqrt(max(x * x - 2 * phi * x * y + y * y, 0.0)) for x, y in (down, up))
    return max(-1.0, p - q - below), min(1.0, p - q + above)


def bootstrap(
    columns: Sequence[Sequence[float]], seed: int = 0, extremes: tuple[float, float] = (0.0, 1.0)
) -> list[tuple[float, float]]:
    """Percentile bootstrap intervals of means over problems, for several samples a problem.

    Each column holds one score a problem (pass@1, pass@2, ...); all columns share the same resamples. `extremes` are
    the least and the most that a problem can score: half a problem of each is drawn along (Jeffreys' prior), so that a
    model which passed all that it was asked is not said to pass everything there is, with certainty.
    Sources: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13; Brown, Cai & DasGupta 2001, "Interval
    estimation for a binomial proportion", Statistical Science 16(2), for the halves. Seeded: a report is reproducible.

    Raises:
        ValueError: there are no problems to resample.
    """
    values = np.asarray(columns, dtype=float).T
    if not values.size:
        raise ValueError("no scores to resample")
    n = len(values)
    values = np.vstack([values, np.outer(extremes, np.ones(values.shape[1]))])
    means = np.concatenate([times @ values for times in draws(n, seed, halves=True)]) / (n + 1)
    low, high = np.percentile(means, PERCENTILES, axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))
