"""How often each problem is drawn when problems are drawn anew: the one source of chance in the statistics, seeded."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESAMPLES = 10_000
BLOCK = 1_000


def draws(weights: Array, seed: int = 0, resamples: int = RESAMPLES) -> Iterator[Array]:
    """Blocks of resamples, each of shape (1,000, problems): how often each problem is drawn in proportion to `weights`.

    As many are drawn as the weights sum to. In blocks because 10,000 resamples of 1,000 problems would take 80 MB.
    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 6.

    Raises:
        ValueError: there are no problems to draw from.
    """
    total = weights.sum()
    if not total:
        raise ValueError("no scores to resample")
    generator = np.random.default_rng(seed)
    for start in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - start)
        yield generator.multinomial(round(total), weights / total, size=size).astype(float)


def resampled_means(values: Array, seed: int = 0, resamples: int = RESAMPLES) -> Array:
    """Means of the columns of `values` (problems x columns, nan where missing) in each resample: resamples x columns.

    A missing value leaves its problem out of that column's mean; a resample that drew none of a column's problems has
    nan there.
    """
    known = (~np.isnan(values)).astype(float)
    filled = np.nan_to_num(values)
    blocks = draws(np.ones(len(values)), seed, resamples)
    with np.errstate(invalid="ignore"):
        return np.concatenate([(times @ filled) / (times @ known) for times in blocks])
