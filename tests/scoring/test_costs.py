"""What a solved problem costs, and cheap answers against a dear one."""

from math import inf

import numpy as np
import pytest
from scipy.stats import bootstrap as reference_bootstrap

from harness.scoring.costs import attempts, cost_per_problem, cost_per_solved
from harness.scoring.scores import Scores

PROBLEMS = [f"t/{i:03}" for i in range(120)]


def over(values: object) -> dict[str, float]:
    """A value for each problem."""
    return dict(zip(PROBLEMS, np.asarray(values, dtype=float).tolist(), strict=True))


def test_the_cost_of_a_solved_problem_is_all_the_money_over_all_that_was_solved() -> None:
    """120 answers at one cent of which 60 passed cost two cents a solved problem, with an interval around it."""
    estimate = cost_per_solved(Scores.whole(over([1, 0] * 60)), over([0.01] * 120))
    assert estimate.value == pytest.approx(0.02)
    assert 0.016 < estimate.low < 0.02 < estimate.high < 0.026


def test_the_interval_of_the_ratio_is_scipys() -> None:
    """The interval of dollars over solved is that of scipy's paired percentile bootstrap of the same ratio."""
    rng = np.random.default_rng(2)
    solved, dollars = rng.integers(0, 2, 120), rng.gamma(2, 0.01, 120)
    expected = reference_bootstrap(
        (dollars, solved), lambda d, s: d.sum() / s.sum(), paired=True, vectorized=False, method="percentile",
        n_resamples=5000, rng=1,
    ).confidence_interval  # fmt: skip
    estimate = cost_per_solved(Scores.whole(over(solved)), over(dollars))
    assert (estimate.low, estimate.high) == pytest.approx((expected.low, expected.high), rel=0.03)


def test_nothing_solved_has_no_price() -> None:
    """A run that solved nothing has no cost per solved problem, and its interval is open above."""
    estimate = cost_per_solved(Scores.whole(over([0] * 120)), over([0.01] * 120))
    assert (estimate.value, estimate.high) == (None, inf)
    assert 0.2 < estimate.low < inf


def test_a_run_that_solved_everything_may_not_solve_all_there_is() -> None:
    """All solved at one cent is no interval of one cent to one cent: prevents false certainty."""
    estimate = cost_per_solved(Scores.whole(over([1] * 120)), over([0.01] * 120))
    assert estimate.value == estimate.low == pytest.approx(0.01)
    assert 1.01 < estimate.high / 0.01 < 1.04


def test_what_is_unscored_widens_the_cost_of_the_solved() -> None:
    """Problems without a verdict make a solved problem at most as dear as if they had failed, at least as if passed."""
    holed = Scores.of_counts({t: (1, int(i < 80), int(i < 40)) for i, t in enumerate(PROBLEMS)})
    failed, passed = (Scores.whole(over([i < 40 or (i >= 80 and ok) for i in range(120)])) for ok in (False, True))
    estimate, costs = cost_per_solved(holed, over([0.01] * 120)), over([0.01] * 120)
    assert estimate.value == pytest.approx(0.02)
    assert estimate.low == cost_per_solved(passed, costs).low
    assert estimate.high == cost_per_solved(failed, costs).high


def test_the_cost_of_a_problem_is_a_mean_with_an_interval() -> None:
    """Answers at one and three cents cost two cents on average, give or take what the draw of problems allows."""
    estimate = cost_per_problem(over([0.01, 0.03] * 60))
    assert estimate.value == pytest.approx(0.02)
    assert 0.0175 < estimate.low < 0.02 < estimate.high < 0.0225
    with pytest.raises(ValueError, match="no scores"):
        cost_per_problem({})


def test_cheap_answers_against_a_dear_one() -> None:
    """A model right three times in five at a hundredth of the price: it reaches a 90 % model at k = 2."""
    cheap = dict.fromkeys(PROBLEMS, (5, 5, 3))
    dear = Scores.whole(over([1] * 108 + [0] * 12))
    table = list(attempts(cheap, over([0.001] * 120), dear, over([0.1] * 120)))
    assert [row.score for row in table] == pytest.approx([0.6, 0.9, 1.0, 1.0, 1.0])
    assert [row.saving.value for row in table] == pytest.approx([100, 50, 100 / 3, 25, 20])
    assert [row.reach for row in table] == [False, True, True, True, True]
    assert [row.surely_reach for row in table] == [False, False, True, True, True]
    assert table[0].lead.high < 0


def test_cheap_answers_that_never_suffice() -> None:
    """Where even all its answers stay behind, no number of them is as good."""
    cheap = {task_id: (2, 2, 2 * (i % 2)) for i, task_id in enumerate(PROBLEMS)}
    table = list(attempts(cheap, over([0.001] * 120), Scores.whole(over([1] * 120)), over([0.1] * 120)))
    assert [row.reach for row in table] == [False, False]


@pytest.mark.slow
@pytest.mark.parametrize("chances", [(1, 9), (2, 1), (19, 1)])
def test_the_interval_of_the_cost_of_a_solved_problem_covers(chances: tuple[int, int]) -> None:
    """Over 2,000 simulated runs whose hard problems are dear, the 95 % interval holds the true ratio in 93 to 97 %."""
    rng = np.random.default_rng(23)
    truth = chances[0] / sum(chances)
    held = []
    for _ in range(2000):
        chance = rng.beta(*chances, 120)
        dollars = 0.01 * (2 - chance) * rng.gamma(4, 0.25, 120)
        estimate = cost_per_solved(Scores.whole(over(rng.binomial(1, chance))), over(dollars))
        held.append(estimate.low <= 0.01 * (2 - truth) / truth <= estimate.high)
    assert 0.93 <= np.mean(held) <= 0.97
