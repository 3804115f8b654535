"""The comparison of two runs, problem by problem."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scoring.paired import compare
from harness.scoring.scores import Scores


def answers(*passed: int, n: int = 1) -> Scores:
    """Scores of a run with `n` samples a problem of which so many passed."""
    return Scores.of_counts({f"t/{i}": (n, n, c) for i, c in enumerate(passed)})


def of_table(both: int, a_only: int, b_only: int, neither: int) -> tuple[Scores, Scores]:
    """Two runs of one sample a problem with this fourfold table."""
    a = answers(*[1] * both, *[1] * a_only, *[0] * b_only, *[0] * neither)
    b = answers(*[1] * both, *[0] * a_only, *[1] * b_only, *[0] * neither)
    return a, b


def test_one_answer_a_problem_is_compared_by_mcnemar() -> None:
    """Of 100 problems 20 flipped one way and 5 the other: 15 points, p = 0.0041, and the flipped ones are named."""
    result = compare(*of_table(50, 20, 5, 25))
    assert (result.method, result.paired, result.unpaired) == ("mcnemar", 100, 0)
    assert (result.a, result.b, result.difference) == pytest.approx((0.7, 0.55, 0.15))
    assert result.p_value == pytest.approx(0.004077315)
    assert result.shown
    assert 0 < result.low < 0.15 < result.high
    assert set(result.better) == {f"t/{i}" for i in range(50, 70)}
    assert set(result.worse) == {f"t/{i}" for i in range(70, 75)}


def test_the_same_answers_show_no_difference_and_say_how_little_that_means() -> None:
    """Equal runs differ by 0 with an interval around it, and six problems would have been needed to show anything."""
    result = compare(*of_table(60, 0, 0, 40))
    assert (result.difference, result.p_value, result.shown) == (0.0, 1.0, False)
    assert result.low < 0 < result.high
    assert result.smallest == 0.06 < result.detectable


def test_several_answers_a_problem_are_bootstrapped() -> None:
    """Five samples a problem are compared by their shares, with an interval around the difference."""
    a, b = answers(5, 4, 3, 5, 0, 2, 5, 4, 3, 5, n=5), answers(4, 3, 3, 4, 0, 1, 4, 3, 2, 3, n=5)
    result = compare(a, b)
    assert result.method == "bootstrap"
    assert result.difference == pytest.approx(0.18)
    assert result.p_value == pytest.approx(2 / 2**8)
    assert result.low < 0.18 < result.high
    assert result == compare(a, b)


def test_equal_shares_are_not_equal_for_certain() -> None:
    """Two runs that agree on every problem in all five samples still get an interval that is wider than nothing."""
    same = answers(*[5, 0] * 15, n=5)
    result = compare(same, same)
    assert result.low < 0 < result.high


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=20))
def test_swapping_the_runs_turns_the_signs(pairs: list[tuple[int, int]]) -> None:
    """B against A is A against B with every sign turned and the same p."""
    a, b = answers(*[x for x, _ in pairs]), answers(*[y for _, y in pairs])
    one, other = compare(a, b), compare(b, a)
    assert (one.difference, one.low, one.high) == pytest.approx((-other.difference, -other.high, -other.low))
    assert (one.p_value, one.better, one.worse) == (other.p_value, other.worse, other.better)


def test_unscored_problems_are_neither_passes_nor_fails() -> None:
    """A lead that the unscored problems could undo is not shown, though the scored ones alone would show it."""
    counts = {f"t/{i}": (1, 1, int(i < 60)) for i in range(100)}
    a, b = Scores.of_counts(counts), Scores.of_counts({t: (1, 1, int(i < 48)) for i, t in enumerate(counts)})
    assert compare(a, b).shown
    holed = Scores.of_counts({t: (1, int(i < 90), int(i < 60)) for i, t in enumerate(counts)})
    result = compare(holed, b)
    assert (result.paired, result.unpaired) == (90, 10)
    assert result.difference == pytest.approx(12 / 90)
    whole = compare(a, b)
    assert result.low == whole.low
    assert result.high > whole.high
    assert compare(b, holed).high == pytest.approx(-result.low)
    worst = Scores.of_counts({t: (1, int(i not in range(50, 60)), int(i < 50)) for i, t in enumerate(counts)})
    assert not compare(worst, b).shown
    assert compare(worst, b).low < 0 < compare(worst, b).high


def test_unscored_samples_of_a_scored_problem_widen_too() -> None:
    """Four of five samples judged leave the problem's score open by a fifth, and the interval with it."""
    b = answers(*[2, 3] * 20, n=5)
    whole = compare(answers(*[3] * 40, n=5), b)
    holed = compare(Scores.of_counts({f"t/{i}": (5, 4, 3) for i in range(40)}), b)
    assert holed.difference == pytest.approx(0.25)
    assert holed.high - holed.low > whole.high - whole.low + 0.15


def test_only_problems_asked_of_both_are_compared() -> None:
    """A run with --limit 3 is compared on its three problems; nothing is said of the others."""
    result = compare(answers(1, 0, 1), answers(1, 1, 1, 0, 0, 0))
    assert (result.paired, result.unpaired, result.worse) == (3, 0, ("t/1",))


def test_runs_without_a_common_problem_are_refused() -> None:
    """Nothing to pair is an error, not a difference of zero."""
    with pytest.raises(ValueError, match="no problem"):
        compare(answers(1), Scores.whole({"other": 1.0}))


def test_more_verdicts_than_samples_are_refused() -> None:
    """Counts that cannot be are an error."""
    with pytest.raises(ValueError, match="more verdicts"):
        Scores.of_counts({"t": (1, 2, 0)})


def simulated(rng: np.random.Generator, problems: int, n: int, lead: float) -> tuple[Scores, Scores]:
    """Two runs on problems of very different difficulty; A's chance is B's moved by `lead` of the way to 1."""
    chance = rng.beta(0.6, 0.4, problems)
    better = chance + lead * (1 - chance)
    return answers(*rng.binomial(n, better), n=n), answers(*rng.binomial(n, chance), n=n)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problems", "n", "lead"), [(164, 1, 0.0), (164, 1, 0.2), (400, 1, 0.1), (164, 5, 0.0), (164, 5, 0.2), (60, 5, 0.1)]
)
def test_intervals_cover_and_tests_keep_their_level(problems: int, n: int, lead: float) -> None:
    """Over 2,000 simulated pairs of runs the 95 % interval holds the truth in 93 to 97 %; equals rarely differ."""
    rng = np.random.default_rng(11)
    results = [compare(*simulated(rng, problems, n, lead)) for _ in range(2000)]
    truth = lead * 0.4
    assert 0.93 <= np.mean([result.low <= truth <= result.high for result in results]) <= 0.97
    if not lead:
        assert np.mean([result.shown for result in results]) <= 0.06


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 5])
def test_the_detectable_difference_is_shown_four_times_in_five(n: int) -> None:
    """A true difference of the size called detectable is shown in about 80 % of simulated pairs of runs."""
    rng = np.random.default_rng(13)
    typical = np.mean([compare(*simulated(rng, 164, n, 0.2)).detectable for _ in range(20)])
    results = [compare(*simulated(rng, 164, n, float(typical) / 0.4)) for _ in range(300)]
    assert 0.7 < np.mean([result.shown for result in results]) < 0.9
