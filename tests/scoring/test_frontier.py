"""The Pareto frontier, its chances, and ties that hold for a whole table."""

import numpy as np
import pytest

from harness.scoring.frontier import Entrant, Standing, cheapest_within_noise, standings
from harness.scoring.scores import Scores

PROBLEMS = [f"t/{i}" for i in range(200)]


def entrant(name: str, passed: int, dollars: float | None, *, first: int = 0) -> Entrant:
    """Passes `passed` of 200 problems, those from `first` on, for the same price each."""
    scores = {task_id: float(first <= i < first + passed) for i, task_id in enumerate(PROBLEMS)}
    return Entrant(name, Scores.whole(scores), None if dollars is None else dict.fromkeys(PROBLEMS, dollars))


def table(*entrants: Entrant) -> dict[str, Standing]:
    """The standings by name."""
    return {standing.name: standing for standing in standings(entrants, resamples=2000)}


def test_the_frontier_is_what_nobody_dominates() -> None:
    """The best, the cheapest and the one between are on the frontier; the worse and dearer one is not."""
    found = table(
        entrant("best", 180, 9.0), entrant("between", 150, 3.0), entrant("cheapest", 90, 1.0), entrant("waste", 80, 4.0)
    )
    assert {name for name, standing in found.items() if standing.on_frontier} == {"best", "between", "cheapest"}
    assert found["best"].probability == found["cheapest"].probability == 1.0
    assert found["waste"].probability == 0.0
    assert (found["best"].score, found["best"].cost) == (0.9, 9.0)


def test_equal_models_do_not_dominate_each_other() -> None:
    """Two models with the same answers at the same price are both on the frontier, whatever the last bits of sums."""
    found = table(entrant("one", 117, 0.1), entrant("two", 117, 0.1))
    assert [standing.probability for standing in found.values()] == [1.0, 1.0]
    assert found["one"].tied_with == ("two",)


def test_a_narrow_lead_is_on_the_frontier_with_a_chance_in_between() -> None:
    """A dearer model that leads by two problems of which each solves others is on the frontier in part of resamples."""
    found = table(entrant("dear", 102, 2.0, first=50), entrant("cheap", 100, 1.0))
    assert found["dear"].on_frontier
    assert 0.4 < (found["dear"].probability or 0) < 0.7
    assert found["cheap"].probability == 1.0


def test_an_unknown_price_takes_part_in_ties_only() -> None:
    """A model of unknown price has no place on the frontier and drives nobody off it, but is tied with its equals."""
    found = table(entrant("priced", 100, 1.0), entrant("unknown", 103, None))
    assert (found["unknown"].on_frontier, found["unknown"].probability, found["unknown"].cost) == (None, None, None)
    assert found["priced"].on_frontier
    assert found["unknown"].tied_with == ("priced",)
    assert table(entrant("unknown", 3, None))["unknown"].tied_with == ()


def test_four_problems_do_not_tell_two_models_apart() -> None:
    """A lead by the only four problems that differ is a tie (exact McNemar: 0.125); one by twelve is none."""
    assert table(entrant("a", 104, 1.0), entrant("b", 100, 1.0))["a"].tied_with == ("b",)
    assert table(entrant("a", 112, 1.0), entrant("b", 100, 1.0))["a"].tied_with == ()


def test_more_models_in_the_table_need_more_evidence() -> None:
    """A lead that tells two models apart does not tell them apart among twenty others: somebody always leads."""
    rng = np.random.default_rng(7)
    noise = [
        Entrant(f"noise {i}", Scores.whole(dict(zip(PROBLEMS, rng.integers(0, 2, 200).astype(float), strict=True))))
        for i in range(20)
    ]
    pair = entrant("a", 106, 1.0), entrant("b", 100, 1.0)
    assert table(*pair)["a"].tied_with == ()
    assert "b" in table(*pair, *noise)["a"].tied_with


def test_unscored_problems_widen_what_is_claimed() -> None:
    """A lead that the unscored problems could reverse is a tie."""
    whole = entrant("a", 130, 2.0), entrant("b", 100, 1.0)
    assert table(*whole)["a"].tied_with == ()
    values = {task_id: value for i, (task_id, value) in enumerate(whole[0].scores.values.items()) if not 90 <= i < 140}
    holed = Entrant("a", Scores(values, *bounds(values)), whole[0].costs)
    assert table(holed, whole[1])["a"].tied_with == ("b",)


def bounds(values: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """What is missing as fails, and as passes."""
    return {t: values.get(t, 0.0) for t in PROBLEMS}, {t: values.get(t, 1.0) for t in PROBLEMS}


def test_the_cheapest_within_noise_of_the_best() -> None:
    """Of those tied with the best the cheapest counts, however cheap a worse one is; unknown prices never do."""
    models = [entrant("best", 150, 9.0), entrant("near", 148, 2.0), entrant("free", 148, None), entrant("bad", 20, 0.1)]
    cheapest = cheapest_within_noise(standings(models, resamples=1000))
    assert cheapest is not None
    assert cheapest.name == "near"
    assert cheapest_within_noise(standings([models[2]], resamples=100)) is None


def test_an_entrant_without_scores_is_refused() -> None:
    """A row without any verdict has no standing."""
    with pytest.raises(ValueError, match="without any score"):
        standings([Entrant("empty", Scores({}, {"t": 0.0}, {"t": 1.0}))])


@pytest.mark.slow
@pytest.mark.parametrize(("problems", "n"), [(60, 1), (164, 1), (164, 5)])
def test_equal_models_are_seldom_told_apart_anywhere_in_a_table(problems: int, n: int) -> None:
    """Of 2,000 tables of eight equally good models at most 6 % hold a pair that is told apart: the band is for all."""
    rng = np.random.default_rng(29)
    task_ids, wrong = PROBLEMS[:problems], 0
    for _ in range(2000):
        chance = rng.beta(0.6, 0.4, problems)
        runs = [dict(zip(task_ids, (rng.binomial(n, chance) / n).tolist(), strict=True)) for _ in range(8)]
        table = standings([Entrant(str(i), Scores.whole(run)) for i, run in enumerate(runs)], resamples=1000)
        wrong += any(len(one.tied_with) < 7 for one in table)
    assert wrong / 2000 <= 0.06
