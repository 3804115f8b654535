"""Who is ranked with whom, how, and at what price: nothing is claimed that the results do not show."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reports.leaderboard import leaderboard
from harness.reports.row import Entry, Row, groups

from .entries import entry, figure, passing


def by_model(rows: list[Row]) -> dict[str, Row]:
    """The rows by name."""
    return {row.model: row for row in rows}


def test_the_best_score_is_first_and_equal_scores_share_a_rank() -> None:
    """90, 80, 80 and 10 of 100 rank 1, 2, 2 and 4, the cheaper of two equals first."""
    models = [("d", 10, 0.1), ("b", 80, 0.2), ("a", 90, 0.1), ("c", 80, 0.1)]
    rows = leaderboard(entry(name, passing(count), price) for name, count, price in models)
    assert [(row.rank, row.model) for row in rows] == [(1, "a"), (2, "c"), (2, "b"), (4, "d")]


@pytest.mark.parametrize(
    "other",
    [
        {"fingerprint": "g"},
        {"problem_set": "q"},
        {"suite": "t"},
        {"suite_version": "2"},
        {"scale": "points"},
    ],
)
def test_unlike_rows_are_never_ranked_together(other: dict[str, object]) -> None:
    """Another content, selection, suite, version or scale makes a table of its own, where even the worse is first."""
    rows = leaderboard([entry("good", passing(9, 10)), entry("bad", passing(1, 10), **other)])
    assert [row.rank for row in rows] == [1, 1]
    assert len(groups(rows)) == 2


def test_an_incomplete_row_has_no_rank_and_dominates_nobody() -> None:
    """One lucky sample of a hundred, all others lost, does not make the best model: it stands last and unranked."""
    lucky = entry("lucky", [True], 0.0001, coverage=0.01, problems=100, samples=100)
    rows = leaderboard([lucky, entry("solid", passing(70)), entry("weak", passing(20), 0.02)])
    assert [(row.rank, row.model) for row in rows] == [(1, "solid"), (2, "weak"), (None, "lucky")]
    assert (rows[2].on_frontier, rows[2].frontier_probability, rows[2].tied_with) == (None, None, ())
    assert rows[0].on_frontier


def test_a_row_without_any_score_is_kept() -> None:
    """A run whose provider failed from the first request on is shown, not dropped."""
    failed = entry("failed", [False], None, score=None, low=None, high=None, pass_at_1=None, coverage=0.0)
    rows = leaderboard([failed, entry("solid", passing(1, 1))])
    assert [(row.rank, row.model, row.score) for row in rows] == [(1, "solid", 1.0), (None, "failed", None)]


def test_the_frontier_is_what_nothing_beats_in_both() -> None:
    """Best and dear, good and cheap are on it; worse and dearer is not, and is so in hardly any resample."""
    rows = by_model(
        leaderboard(
            [
                entry("dear", passing(95), 1.0),
                entry("cheap", passing(60), 0.01),
                entry("beaten", passing(40), 0.5),
            ]
        )
    )
    assert [rows[name].on_frontier for name in ("dear", "cheap", "beaten")] == [True, True, False]
    assert [rows[name].frontier_probability for name in ("dear", "cheap", "beaten")] == [1.0, 1.0, 0.0]


def test_an_unknown_price_takes_no_place_on_the_frontier_but_keeps_its_rank() -> None:
    """A model of unknown price is neither cheap nor dear: it has rank and ties, no frontier and no ratio."""
    rows = by_model(leaderboard([entry("unknown", passing(96), None), entry("known", passing(95), 1.0)]))
    unknown = rows["unknown"]
    assert (unknown.rank, unknown.on_frontier, unknown.frontier_probability, unknown.times_dearer) == (
        1,
        None,
        None,
        None,
    )
    assert unknown.tied_with == (2,)
    assert rows["known"].on_frontier


def test_dearer_is_measured_from_the_cheapest_within_noise_of_the_best() -> None:
    """96 and 95 of 100 are tied: the dear one is 25 times dearer, the cheapest of all is out of their noise."""
    rows = by_model(
        leaderboard(
            [
                entry("dear", passing(96), 2.5),
                entry("fair", passing(95), 0.1),
                entry("poor", passing(30), 0.01),
            ]
        )
    )
    assert rows["dear"].tied_with == (2,)
    assert [rows[name].times_dearer for name in ("dear", "fair", "poor")] == pytest.approx([25.0, 1.0, 0.1])


def test_nothing_is_a_multiple_of_free() -> None:
    """Where the cheapest within noise of the best costs nothing there is no ratio, rather than an infinite one."""
    rows = leaderboard([entry("free", passing(9, 10), 0.0), entry("paid", passing(9, 10), 1.0)])
    assert [row.times_dearer for row in rows] == [None, None]


def test_a_solved_problem_costs_what_the_unsolved_ones_cost_too() -> None:
    """50 of 100 solved at one dollar an answer is two dollars a solved problem, with an interval around it."""
    [row] = leaderboard([entry("m", passing(50), 1.0)])
    assert row.usd_per_solved == 2.0
    assert row.usd_per_solved_low is not None
    assert row.usd_per_solved_high is not None
    assert 1.6 < row.usd_per_solved_low < 2 < row.usd_per_solved_high < 2.6


def test_what_was_never_solved_has_no_price_per_solved() -> None:
    """Nothing solved has no price each, neither zero nor infinite; what is known of it is that it is no bargain."""
    [row] = leaderboard([entry("m", passing(0), 1.0)])
    assert (row.usd_per_solved, row.usd_per_solved_high) == (None, None)
    assert row.usd_per_solved_low is not None
    assert 20 < row.usd_per_solved_low < 60


def test_published_figures_claim_no_ties_and_no_probability() -> None:
    """Of figures without results by problem nobody is tied; the ratio is to the cheapest within 5 % of the best."""
    figures = [figure("top", 150, 40.0), figure("near", 146, 1.6), figure("far", 130, 1.0), figure("priced", None, 3.2)]
    rows = by_model(leaderboard(figures))
    assert all(row.tied_with == () and row.frontier_probability is None for row in rows.values())
    assert [rows[name].times_dearer for name in ("top", "near", "far", "priced")] == pytest.approx([25, 1, 0.625, 2])
    assert [rows[name].on_frontier for name in ("top", "near", "far", "priced")] == [True, True, True, None]
    assert [rows[name].rank for name in ("top", "near", "far", "priced")] == [1, 2, 3, None]


def test_two_runs_of_one_model_are_two_rows() -> None:
    """The same model measured twice is shown twice, and each is tied with the other."""
    rows = leaderboard([entry("m", passing(5, 10), run_id="one"), entry("m", passing(6, 10), run_id="two")])
    assert [(row.run_id, row.tied_with) for row in rows] == [("two", (2,)), ("one", (1,))]


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_entries_does_not_matter(rng: random.Random) -> None:
    """The same entries in any order give the same rows."""
    entries: list[Entry] = [entry(f"m{at}", passing(at % 4, 6), 0.01 * (at % 3 + 1)) for at in range(6)]
    entries += [figure("p", 3, 1.0), figure("q", 3, 1.0)]
    first = leaderboard(entries)
    rng.shuffle(entries)
    assert leaderboard(entries) == first
