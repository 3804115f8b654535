"""Can chance explain a difference between two runs? Exact tests over problems, and what they could have shown."""

from collections.abc import Sequence
from math import comb

import numpy as np

from harness.scoring.resampling import BLOCK, RESAMPLES, Array

LEVEL = 0.05
"""Below this p-value a difference counts as shown."""

FEWEST = 6
"""Problems that must differ, all one way, before a test can reach p < 0.05: 2 / 2^6."""

ENUMERABLE = 13
"""Up to so many differing problems all sign flips are looked at, 2^13; beyond, RESAMPLES of them are drawn."""


def mcnemar(a_only: int, b_only: int) -> float:
    """Two-sided p of the exact McNemar test, from the numbers of problems that only A and only B solved.

    Of n = a_only + b_only discordant problems each is A's with chance 1/2 if neither run is better: twice the smaller
    tail of Binomial(n, 1/2), at most 1.
    Source: McNemar 1947, Psychometrika 12(2); Agresti 2013, "Categorical Data Analysis", ch. 11.1.
    """
    n = a_only + b_only
    tail = sum(comb(n, i) for i in range(min(a_only, b_only) + 1))
    return min(1.0, 2 * tail / (1 << n))


def sign_flip(differences: Array, seed: int = 0) -> float:
    """Two-sided p of Fisher's randomisation test of per-problem differences: exact McNemar where these are -1, 0 and 1.

    If neither run is better, A and B could have changed places at any problem: how often is the sum then at least as
    far from zero? All 2^n changes are looked at for up to 13 differing problems, otherwise 10,000 drawn ones with the
    observed one counted among them.
    Sources: Fisher 1935, "The Design of Experiments", ch. 3; Phipson & Smyth 2010, SAGMB 9(1), for the one added.
    """
    if _is_binary(differences):
        return mcnemar(int((differences > 0).sum()), int((differences < 0).sum()))
    sums, exact = _flipped_sums(differences, seed)
    extreme = int((sums >= abs(differences.sum()) - 1e-9).sum())
    return extreme / len(sums) if exact else (extreme + 1) / (len(sums) + 1)


def smallest_significant(differences: Array, seed: int = 0) -> float:
    """The least mean difference with p < 0.05, were the problems that differ as many and as far apart as these.

    With fewer than six that differ no test could have shown anything: six problems, all one way, are the least. Above
    1 where there are not even six problems.
    """
    differing = int(np.count_nonzero(differences))
    if differing < FEWEST:
        return FEWEST / len(differences)
    if _is_binary(differences):
        leads = range(differing % 2, differing + 1, 2)
        lead = next(lead for lead in leads if mcnemar((differing + lead) // 2, (differing - lead) // 2) < LEVEL)
        return lead / len(differences)
    sums, _ = _flipped_sums(differences, seed)
    reached = np.unique(np.round(sums, 9))
    return float(next(total for total in reached if (sums >= total - 1e-9).mean() < LEVEL)) / len(differences)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for there being several of them, in the order given.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian J. of Statistics 6(2).
    """
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = largest
    return adjusted


def _is_binary(differences: Array) -> bool:
    return bool(np.isin(differences, (-1.0, 0.0, 1.0)).all())


def _flipped_sums(differences: Array, seed: int) -> tuple[Array, bool]:
    """Absolute sums with signs flipped, and whether they are all that there are."""
    sizes = np.abs(differences[differences != 0])
    if len(sizes) <= ENUMERABLE:
        codes = np.arange(2 ** len(sizes))[:, None] >> np.arange(len(sizes))
        return np.abs((1.0 - 2.0 * (codes & 1)) @ sizes), True
    generator = np.random.default_rng(seed)
    blocks = [generator.integers(0, 2, (BLOCK, len(sizes))) * 2.0 - 1.0 for _ in range(RESAMPLES // BLOCK)]
    return np.abs(np.concatenate([signs @ sizes for signs in blocks])), False
