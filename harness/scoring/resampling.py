"""How often each problem is drawn when problems are drawn anew: the one source of chance in the statistics, seeded."""

from collections.abc import Iterator

import numpy as np

from harness.scoring.scores import Array

RESAMPLES = 10_000
BLOCK = 1_000


def draws(problems: int, seed: int = 0, resamples: int = RESAMPLES) -> Iterator[Array]:
    """Blocks of resamples, each of shape (1,000, problems): how often each problem is drawn, `problems` in all.

    In blocks because 10,000 resamples of 1,000 problems at once would take 80 MB.
    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 6.

    Raises:
        ValueError: there are no problems to draw from.
    """
    if problems <= 0:
        raise ValueError("no scores to resample")
    generator = np.random.default_rng(seed)
    for start in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - start)
        yield generator.multinomial(problems, [1 / problems] * problems, size=size).astype(float)


def resampled_means(values: Array, seed: int = 0, resamples: int = RESAMPLES) -> Array:
    """Means of the columns of `values` (problems x columns, nan where missing) in each resample: resamples x columns.

    A missing value leaves its problem out of that column's mean; a resample that drew none of a column's problems has
    nan there.
    """
    known = (~np.isnan(values)).astype(float)
    filled = np.nan_to_num(values)
    with np.errstate(invalid="ignore"):
        return np.concatenate([(times @ filled) / (times @ known) for times in draws(len(values), seed, resamples)])
