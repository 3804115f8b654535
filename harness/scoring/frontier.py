"""Who is on the Pareto frontier of quality and cost, how sure that is, and who is tied with whom.

One model dominates another that is neither better nor cheaper, and worse in one of the two. All models share the same
resamples of the problems, so that a problem which is hard for all of them moves all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from harness.scoring.intervals import Z_95
from harness.scoring.resampling import RESAMPLES, Array, resampled_means
from harness.scoring.scores import Scores

DIGITS = 12
"""Sums of the same numbers may differ in the last bits; two models that differ by less than 1e-12 are equal."""


@dataclass(frozen=True)
class Entrant:
    """A row of a leaderboard: its scores, and the dollars of one answer to each problem; None: the price is unknown."""

    name: str
    scores: Scores
    costs: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Standing:
    """Where an entrant stands among the others of its table.

    `score` and `cost` are means over problems. `on_frontier` is what was observed, `probability` the share of resamples
    in which it is so; both are None where the cost is unknown. `tied_with` are those that this suite cannot tell from
    it: a difference is claimed only where it holds for all pairs of the table at once with 95 % confidence.
    """

    name: str
    score: float
    cost: float | None
    on_frontier: bool | None
    probability: float | None
    tied_with: tuple[str, ...]


def standings(entrants: Sequence[Entrant], seed: int = 0, resamples: int = RESAMPLES) -> list[Standing]:
    """The standing of each entrant, in the order given.

    Entrants of unknown cost take part in the ties, not in the frontier: nobody can say whom they dominate.

    Raises:
        ValueError: an entrant has no scored problem, or the price of none of its problems is known.
    """
    task_ids = sorted({task_id for entrant in entrants for task_id in entrant.scores.low})
    arrays = [entrant.scores.arrays(task_ids) for entrant in entrants]
    values, low, high = (np.stack(columns, axis=1) for columns in zip(*arrays, strict=True))
    costs = np.stack([_costs(entrant, task_ids) for entrant in entrants], axis=1)
    known = np.array([entrant.costs is not None for entrant in entrants])
    if np.isnan(values).all(axis=0).any() or np.isnan(costs[:, known]).all(axis=0).any():
        raise ValueError("an entrant without any score or cost")
    scale = np.nanmax(costs[:, known], initial=0) or 1.0
    table = _Table(values, low, high, costs[:, known] / scale)
    chances = np.full((2, len(entrants)), np.nan)
    chances[:, known] = _chances(table, known, seed, resamples)
    ties = _ties(table, seed, resamples)
    return [
        _standing(entrant, chances[:, place], [entrants[other].name for other in np.flatnonzero(ties[place]).tolist()])
        for place, entrant in enumerate(entrants)
    ]


def _standing(entrant: Entrant, chances: Array, tied_with: Sequence[str]) -> Standing:
    priced = entrant.costs is not None
    observed, probability = (float(chance) if priced else None for chance in chances)
    return Standing(
        name=entrant.name,
        score=fmean(entrant.scores.values.values()),
        cost=fmean(entrant.costs.values()) if entrant.costs is not None else None,
        on_frontier=None if observed is None else observed == 1.0,
        probability=probability,
        tied_with=tuple(tied_with),
    )


def cheapest_within_noise(table: Sequence[Standing]) -> Standing | None:
    """The cheapest of those that are tied with the best, the best included; None where no such cost is known."""
    best = max(table, key=lambda standing: standing.score)
    tied = [s for s in table if s.cost is not None and (s.name == best.name or s.name in best.tied_with)]
    return min(tied, key=lambda standing: standing.cost or 0.0, default=None)


@dataclass(frozen=True)
class _Table:
    """Problems x entrants; `costs` has the priced entrants only, scaled to a largest of 1."""

    values: Array
    low: Array
    high: Array
    costs: Array


def _costs(entrant: Entrant, task_ids: Sequence[str]) -> Array:
    known = entrant.costs or {}
    return np.array([known.get(task_id, np.nan) for task_id in task_ids], dtype=float)


def undominated(scores: Array, costs: Array) -> NDArray[np.bool_]:
    """Which entrants nobody dominates, row by row: all of shape (rows, entrants)."""
    scores, costs = np.round(scores, DIGITS), np.round(costs, DIGITS)
    free = np.ones(scores.shape, dtype=bool)
    for place in range(scores.shape[1]):
        score, cost = scores[:, [place]], costs[:, [place]]
        dominates = (scores >= score) & (costs <= cost) & ((scores > score) | (costs < cost))
        dominates[:, place] = False
        free[:, place] = ~dominates.any(axis=1)
    return free


def _chances(table: _Table, known: NDArray[np.bool_], seed: int, resamples: int) -> Array:
    """2 x priced entrants: on the frontier as observed (0 or 1), and in which share of resamples."""
    values = table.values[:, known]
    observed = undominated(np.nanmean(values, axis=0)[None], np.nanmean(table.costs, axis=0)[None])
    drawn = undominated(resampled_means(values, seed, resamples), resampled_means(table.costs, seed, resamples))
    return np.stack([observed[0], drawn.mean(axis=0)])


def _ties(table: _Table, seed: int, resamples: int) -> NDArray[np.bool_]:
    """Entrants x entrants: which differences stay within a 95 % band that holds for all pairs at once.

    Sup-t band: Montiel Olea & Plagborg-Moeller 2019, "Simultaneous confidence bands", J. Applied Econometrics 34(1).
    Its width has Agresti & Min's 2005 correction for matched pairs (Biometrics 61(2)), one problem more that differs as
    much as any: without it four problems that all speak for one model would already tell it from the other. Student's t
    takes the place of the normal distribution (Abramowitz & Stegun 1964, 26.7.5), since the errors are estimates.
    Unscored samples count against whoever is ahead.
    """
    lead = table.low.mean(axis=0)[:, None] - table.high.mean(axis=0)[None, :]
    critical = _critical(table.values, seed, resamples)
    critical += (critical**3 + critical) / (4 * len(table.values))
    apart = lead > critical * _standard_errors(table.values, more=1)
    tied: NDArray[np.bool_] = ~(apart | apart.T)
    np.fill_diagonal(tied, val=False)
    return tied


def _critical(values: Array, seed: int, resamples: int) -> float:
    """How many standard errors the largest of all differences strays in 95 % of resamples; 1.96 for one pair alone."""
    deviations = resampled_means(values, seed, resamples) - np.nanmean(values, axis=0)
    largest = np.zeros(len(deviations))
    for place, errors in enumerate(_standard_errors(values)):
        differing = errors > 1e-9  # sums of equal fractions may differ in the last bits
        strays = np.abs(deviations[:, differing] - deviations[:, [place]]) / errors[differing]
        largest = np.fmax(largest, np.nanmax(strays, axis=1, initial=0))
    return max(Z_95, float(np.quantile(largest, 0.95)))


def _standard_errors(values: Array, more: int = 0) -> Array:
    """Entrants x entrants: of mean differences over problems that both have, as if `more` (0 or 1) more differed."""
    errors = []
    for place in range(values.shape[1]):
        differences = values - values[:, [place]]
        n = (~np.isnan(differences)).sum(axis=0) + 2 * more
        squares = np.nan_to_num(differences) ** 2
        farthest = squares.max(axis=0)
        extra = more * np.where(farthest, farthest, 1)
        spread = squares.sum(axis=0) + extra - np.nansum(differences, axis=0) ** 2 / np.maximum(n, 1)
        errors.append(np.sqrt(np.maximum(spread, 0)) / np.maximum(n, 1))
    return np.stack(errors)
