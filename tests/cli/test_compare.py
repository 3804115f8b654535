"""`harness compare`: what it prints, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.recorded import SUITE, one_each, record_run

from .conftest import Cli
from .test_bad_input import explained


def flips(only_a: int, only_b: int, both: int = 60, neither: int = 40) -> tuple[list[bool], list[bool]]:
    """Two runs of one sample a problem; the problems that only one solved come first."""
    a = [True] * only_a + [False] * only_b + [True] * both + [False] * neither
    b = [False] * only_a + [True] * only_b + [True] * both + [False] * neither
    return a, b


def recorded(tmp_path: Path, only_a: int, only_b: int) -> None:
    """Runs a and b below results/."""
    for name, passed in zip("ab", flips(only_a, only_b), strict=True):
        record_run(tmp_path / "results", name, one_each(passed))


def test_a_difference_that_is_shown(cli: Cli, tmp_path: Path) -> None:
    """20 against 4 discordant problems is told as better, with the exact p and the problems that flipped."""
    recorded(tmp_path, 20, 4)
    result = cli("compare", "run-a", "run-b")
    assert result.code == 0, result.err
    assert "A - B: +12.9 points" in result.out
    assert "p = 0.0015; exact McNemar test over 124 problems" in result.out
    assert "A is better than B" in result.out
    assert "better in A: 20: t/0, t/1, " in result.out
    assert "better in B: 4: t/20, t/21, t/22, t/23\n" in result.out


def test_no_difference_says_what_could_have_been_shown(cli: Cli, tmp_path: Path) -> None:
    """5 against 4 discordant problems is told as not shown, with the least difference that would have been."""
    recorded(tmp_path, 5, 4)
    result = cli("compare", "run-a", "run-b")
    assert "No difference is shown; that is not the same as equal." in result.out
    assert "no difference below 6.4 points could have been shown by 109 problems" in result.out


def test_a_handful_of_problems_cannot_show_anything(cli: Cli, tmp_path: Path) -> None:
    """Five problems that all speak for A are too few to show any difference, and the answer says so."""
    for name, ok in (("a", True), ("b", False)):
        record_run(tmp_path / "results", name, one_each([ok] * 5))
    assert "none could have been: 5 problems are too few" in cli("compare", "run-a", "run-b").out


def test_a_baseline_adjusts_for_three_comparisons(cli: Cli, tmp_path: Path) -> None:
    """With a third run all three pairs are compared, and each p is Holm's: the least of them three times its own."""
    recorded(tmp_path, 20, 4)
    record_run(tmp_path / "results", "c", one_each(flips(20, 4)[1]))
    found = json.loads(cli("compare", "run-a", "run-b", "--baseline", "run-c", "--json").out)
    assert [(one["run_a"], one["run_b"]) for one in found] == [
        ("run-a", "run-b"),
        ("run-a", "run-c"),
        ("run-b", "run-c"),
    ]
    alone = json.loads(cli("compare", "run-a", "run-b", "--json").out)[0]["p_value"]
    assert [one["p_value"] for one in found] == pytest.approx([3 * alone, 3 * alone, 1.0])


def test_money_is_compared_where_both_prices_are_known(cli: Cli, tmp_path: Path) -> None:
    """Five answers at one dollar against one at thirty: what a solved problem costs, and how many answers suffice."""
    cheap = {f"t/{i}": [True, True, False, False, False] for i in range(50)}
    record_run(tmp_path / "results", "cheap", cheap, dollars="1")
    record_run(tmp_path / "results", "dear", {t: [i < 40] for i, t in enumerate(cheap)}, dollars="30")
    result = cli("compare", "run-cheap", "run-dear")
    assert "sign-flip test, paired bootstrap over 50 problems" in result.out
    assert "a solved problem costs: A $2.50 ($2.36 to $2.60); B $37.50 (" in result.out
    assert "an answer costs: A $1.00 ($1.00 to $1.00); B $30.00 ($30.00 to $30.00)" in result.out
    assert "3 answers of A (pass@3 90.0%, if something picks the right one) reach one of B" in result.out
    assert "; 10 times cheaper (10 to 10)\n" in result.out
    record_run(tmp_path / "results", "free", {t: [True] for t in cheap})
    assert "money: unknown, since the cost of B is not known whole" in cli("compare", "run-cheap", "run-free").out


@pytest.mark.parametrize(
    ("dollars", "told"),
    [
        ("1.5", " reach one of B, as far as was observed; 1.33 times dearer (1.33 to 1.33)\n"),
        ("1000", " reach one of B, as far as was observed; 500 times cheaper (500 to 500)\n"),
    ],
)
def test_many_cheap_answers_may_be_dearer_than_one(cli: Cli, tmp_path: Path, dollars: str, told: str) -> None:
    """Two answers at a dollar against one at a dollar and a half are dearer: prevents "0.75 times cheaper"."""
    cheap = {f"t/{i}": [True, True, True, False, False] for i in range(50)}
    record_run(tmp_path / "results", "cheap", cheap, dollars="1")
    record_run(tmp_path / "results", "dear", {t: [i < 40] for i, t in enumerate(cheap)}, dollars=dollars)
    assert told in cli("compare", "run-cheap", "run-dear").out


def test_one_problem_and_one_price_are_put_in_words(cli: Cli, tmp_path: Path) -> None:
    """Equal prices are called that, one problem is one, and a model that solved nothing has the least it may cost."""
    record_run(tmp_path / "results", "one", {"t/0": [True]}, dollars="1")
    record_run(tmp_path / "results", "none", {"t/0": [False]}, dollars="1")
    said = cli("compare", "run-one", "run-none").out
    assert "1 problem is too few to show any" in said
    assert "B nothing solved, at least $" in said
    assert "one answer of A reaches one of B, as far as was observed; at the same price\n" in said
    assert "one answer of A does not reach one of B" in cli("compare", "run-none", "run-one").out


def test_report_files_are_compared_like_runs(cli: Cli, tmp_path: Path) -> None:
    """A copied report.json gives the same answer as the run that it came from."""
    recorded(tmp_path, 20, 4)
    kept = tmp_path / "main.json"
    kept.write_bytes((tmp_path / "results/runs/run-b/report.json").read_bytes())
    told = [cli("compare", "run-a", other, "--json").out for other in ("run-b", str(kept))]
    assert told[0] == told[1]
    assert json.loads(told[0])[0]["difference"] == pytest.approx(16 / 124)


def test_unscored_problems_are_told(cli: Cli, tmp_path: Path) -> None:
    """A lead of eight to none of which three have no verdict is told with what is missing, and not called shown."""
    a, b = flips(8, 0)
    record_run(tmp_path / "results", "b", one_each(b))
    record_run(tmp_path / "results", "whole", one_each(a))
    assert "A is better than B" in cli("compare", "run-whole", "run-b").out
    record_run(tmp_path / "results", "a", one_each([*[None] * 3, *a[3:]]))
    result = cli("compare", "run-a", "run-b")
    assert "coverage 97.2%" in result.out
    assert "over 105 problems, 3 more without a verdict in one" in result.out
    assert "No difference is shown" in result.out


def test_runs_of_other_content_are_not_compared(cli: Cli, tmp_path: Path) -> None:
    """Two fingerprints are refused, and so are an unknown metric, a missing run and a file that is no report."""
    record_run(tmp_path / "results", "a", one_each([True] * 9))
    record_run(tmp_path / "results", "b", one_each([True] * 9), suite=SUITE.model_copy(update={"fingerprint": "g"}))
    explained(cli("compare", "run-a", "run-b"), 1, "fingerprint f", "run-b of s with g")
    explained(cli("compare", "run-a", "run-a", "--metric", "pass@5"), 1, "pass@5", "1 samples a problem")
    explained(cli("compare", "run-a", "run-a", "--metric", "pass@1 base"), 1, "pass@1 base", "It has pass@1.")
    explained(cli("compare", "run-a", "run-x"), 1, "run-x")
    (tmp_path / "bad.json").write_text('{"run_id": 1}')
    explained(cli("compare", "run-a", "bad.json"), 1, "bad.json is not a report")
    (tmp_path / "bad.json").write_text("{")
    explained(cli("compare", "run-a", "bad.json"), 1, "bad.json is not JSON")
