"""How often each problem is drawn when problems are drawn anew: the one source of chance in the statistics, seeded."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESAMPLES = 10_000
BLOCK = 1_000


def draws(problems: int, seed: int = 0, resamples: int = RESAMPLES, *, halves: bool = False) -> Iterator[Array]:
    """Blocks of resamples, each of shape (1,000, problems): how often each problem is drawn, `problems` in all.

    With `halves` there are two columns more, each drawn half as often as a problem, and one more is drawn in all.
    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", ch. 6.

    Raises:
        ValueError: there are no problems to draw from.
    """
    if not problems:
        raise ValueError("no scores to resample")
    drawn = _drawn(problems, seed, resamples, halves)
    for start in range(0, resamples, BLOCK):
        yield drawn[start : start + BLOCK].astype(float)


@lru_cache(maxsize=2)
def _drawn(problems: int, seed: int, resamples: int, halves: bool) -> NDArray[np.uint16]:
    """Kept, with halves and without, since drawing takes most of the time and all statistics of a suite share it.

    Each takes 20 MB for 1,000 problems.
    """
    weights = np.append(np.ones(problems), [0.5, 0.5] if halves else [])
    total = round(weights.sum())
    generator = np.random.default_rng(seed)
    drawn = np.empty((resamples, len(weights)), dtype=np.uint16)
    for start in range(0, resamples, BLOCK):
        block = drawn[start : start + BLOCK]
        block[:] = generator.multinomial(total, weights / total, size=len(block))
    return drawn


def resampled_means(values: Array, seed: int = 0, resamples: int = RESAMPLES) -> Array:
    """Means of the columns of `values` (problems x columns, nan where missing) in each resample: resamples x columns.

    A missing value leaves its problem out of that column's mean; a resample that drew none of a column's problems has
    nan there.
    """
    known = (~np.isnan(values)).astype(float)
    filled = np.nan_to_num(values)
    blocks = draws(len(values), seed, resamples)
    with np.errstate(invalid="ignore"):
        return np.concatenate([(times @ filled) / (times @ known) for times in blocks])
