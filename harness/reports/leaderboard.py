"""From entries to ranked rows: who is best, for how much money, and how sure that is. Pure, the same for any order.

Only rows of one suite fingerprint, one set of problems and one scale are ranked together. An incomplete row has no
rank: what it lacks could move it either way.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite

import numpy as np

from harness.reports.row import Entry, Group, Row, group_of, price_field, price_of
from harness.scoring.costs import Estimate, cost_per_solved, costs_per_solved
from harness.scoring.frontier import Entrant, cheapest_within_noise, standings, undominated

MARGIN = 0.05
"""Published scores without results by problem: those within this share of the best count as within noise of it."""


@dataclass(frozen=True)
class Place:
    """Where a row stands in its group; `tied_with` holds positions there."""

    on_frontier: bool | None
    probability: float | None
    tied_with: frozenset[int]


def leaderboard(entries: Iterable[Entry]) -> list[Row]:
    """The rows of all groups, ranked within each, sorted by suite, version, problems and rank."""
    found: dict[Group, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[group_of(entry.row)].append(entry)
    order = sorted(found, key=lambda key: (key[:2], -(found[key][0].row.problems or 0), key))
    return [row for key in order for row in _group(found[key])]


def _group(entries: Sequence[Entry]) -> list[Row]:
    """The rows of one group: those with a rank first, then the incomplete ones."""
    field = price_field([entry.row for entry in entries])
    entries = sorted(entries, key=lambda entry: _order(entry.row, price_of(entry.row, field)))
    entries = _with_solved(entries)
    whole = [entry for entry in entries if entry.row.is_whole]
    ranked, reference = _ranked(whole) if whole else ([], None)
    least = price_of(whole[reference].row, field) if reference is not None else None
    rest = [entry.row for entry in entries if not entry.row.is_whole]
    return [_compared(row, price_of(row, field), least) for row in (*ranked, *rest)]


def _with_solved(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with the price of one solved problem and its interval, where the price of each answer is known."""
    known = [(entry.scores, entry.costs) for entry in entries if entry.scores and entry.costs and entry.row.is_whole]
    shared = iter(costs_per_solved(known) if known else [])
    return [_solved(entry, shared) if entry.scores and entry.costs else entry for entry in entries]


def _solved(entry: Entry, shared: Iterator[Estimate]) -> Entry:
    """With the next of the shared estimates where the entry is whole, else with one of its own."""
    assert entry.scores is not None
    solved = next(shared) if entry.row.is_whole else cost_per_solved(entry.scores, entry.costs)
    low, high = (end if isfinite(end) else None for end in (solved.low, solved.high))
    prices = {"usd_per_solved": solved.value, "usd_per_solved_low": low, "usd_per_solved_high": high}
    return replace(entry, row=entry.row.model_copy(update=prices))


def _order(row: Row, price: float | None) -> tuple[float, float, str, str]:
    """Best first; among equals the cheapest, one of unknown price last."""
    quality = -1.0 if row.score is None else row.score
    return -quality, float("inf") if price is None else price, row.model, row.run_id


def _compared(row: Row, price: float | None, least: float | None) -> Row:
    return row.model_copy(update={"times_dearer": price / least}) if price is not None and least else row


def _ranked(entries: Sequence[Entry]) -> tuple[list[Row], int | None]:
    """The rows with rank, ties and frontier, and which of them is the cheapest within noise of the best."""
    rows = [entry.row for entry in entries]
    entrants = [Entrant(str(at), one.scores, one.costs or None) for at, one in enumerate(entries) if one.scores]
    places, reference = _by_bootstrap(entrants) if len(entrants) == len(entries) else _by_margin(rows)
    ranks = [1 + sum((other.score or 0) > (row.score or 0) for other in rows) for row in rows]
    ranked = [
        row.model_copy(
            update={
                "rank": rank,
                "on_frontier": place.on_frontier,
                "frontier_probability": place.probability,
                "tied_with": tuple(sorted({ranks[other] for other in place.tied_with})),
            }
        )
        for row, rank, place in zip(rows, ranks, places, strict=True)
    ]
    return ranked, reference


def _by_bootstrap(entrants: Sequence[Entrant]) -> tuple[list[Place], int | None]:
    """Places from results by problem, and which row is the cheapest within noise of the best."""
    table = standings(entrants)
    places = [Place(one.on_frontier, one.probability, frozenset(map(int, one.tied_with))) for one in table]
    cheapest = cheapest_within_noise(table)
    return places, int(cheapest.name) if cheapest is not None else None


def _by_margin(rows: Sequence[Row]) -> tuple[list[Place], int | None]:
    """The same for figures that were published without results by problem: nothing is known of their noise."""
    field = price_field(rows)
    points = [(row.score or 0.0, price_of(row, field)) for row in rows]
    best = max(score for score, _ in points)
    alike = {at for at, (score, _) in enumerate(points) if score >= best * (1 - MARGIN)}
    scores = np.array([[score for score, _ in points]])
    free = undominated(scores, np.array([[inf if price is None else price for _, price in points]]))[0]
    places = [
        Place(None if price is None else bool(on_frontier), None, frozenset())
        for (_, price), on_frontier in zip(points, free, strict=True)
    ]
    priced = [at for at in alike if points[at][1] is not None]
    return places, min(priced, key=lambda at: points[at][1] or 0.0, default=None)
