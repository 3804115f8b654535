"""`harness runs show RUN TASK` and `harness diff`: what a person needs to see why a sample failed."""

import json
import re
from pathlib import Path

import pytest

from harness.records import Execution, Sample, Verdict
from harness.reports.failing import brief_of
from harness.store import RunDirectory
from harness.suites import load_suite
from tests.formats.conftest import smoke_run
from tests.recorded import record_run
from tests.reports.test_points import run_with

from .conftest import Cli


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A run of the smoke suite: every second answer failed."""
    return smoke_run(tmp_path / "results", load_suite("smoke"))


def test_a_sample_is_shown_from_prompt_to_failing_call(cli: Cli, run: RunDirectory) -> None:
    """Prompt, answer, numbered program, failing call with what was expected and got, and output, in this order."""
    task_id = run.info().task_ids[1]
    shown = cli("runs", "show", run.path.name, task_id, "--index", "1")
    assert shown.code == 0, shown.err
    titles = [line for line in shown.out.splitlines() if line.startswith("---")]
    assert titles == [
        f"--- {t}" for t in ("prompt", "answer", "program", "extraction", "what failed", "output", "spent")
    ]
    for text in ("    1  def ", "call      f(1)", "expected  2", "got       3", "hello", "100 tokens in"):
        assert text in shown.out
    assert "sample 0" not in shown.out


def test_both_samples_as_json(cli: Cli, run: RunDirectory) -> None:
    """--json gives every sample of the problem with its program, execution and failing call."""
    found = json.loads(cli("runs", "show", run.path.name, "-p", run.info().task_ids[1], "--json").out)
    assert [one["execution"]["verdict"] for one in found] == ["passed", "failed"]
    assert found[1]["failing"]["got"] == "3"
    assert found[0]["program"]["method"] == "fence"


def test_the_tail_of_an_id_is_enough_and_an_unknown_one_is_named(cli: Cli, run: RunDirectory) -> None:
    """`1` means smoke/1 as it does on input; a problem or sample that the run lacks is an error, not an empty page."""
    assert "=== smoke/1 sample 0" in cli("runs", "show", run.path.name, "1").out
    assert "no problem 'smoke/999'" in cli("runs", "show", run.path.name, "smoke/999").err
    assert "no sample of smoke/1, index 7" in cli("runs", "show", run.path.name, "1", "-i", "7").err


def test_a_run_whose_suite_is_gone_is_shown_without_programs(cli: Cli, tmp_path: Path) -> None:
    """Without the suite's data the recorded facts are still shown, and a note says what is left out."""
    run = record_run(tmp_path / "results", "old", {"t/0": (False,)}, detail="AssertionError\nin f(2)")
    shown = cli("runs", "show", run.path.name, "t/0")
    assert shown.code == 0
    assert "call      f(2)" in shown.out
    assert "without prompt and program" in shown.err


def test_an_answer_cannot_write_to_the_terminal(cli: Cli, run: RunDirectory) -> None:
    """Escape sequences in an answer are spelled out: they could hide a verdict or retitle the window."""
    task_id = run.info().task_ids[0]
    with run.writing() as writer:
        writer.append_samples([Sample(task_id=task_id, index=5, completion="\x1b[2Jgone\u202e")])
    shown = cli("runs", "show", run.path.name, task_id, "-i", "5")
    assert "\\x1b[2Jgone\\u202e" in shown.out
    assert "\x1b" not in shown.out


def test_flipped_problems_are_listed_with_what_failed(cli: Cli, tmp_path: Path) -> None:
    """Only problems that one run solves more often are listed, with the failing call of the other."""
    root = tmp_path / "results"
    call = "AssertionError\nassert candidate(1) == 2\nf(1) returned 3"
    record_run(root, "one", {"t/0": (True,), "t/1": (False,), "t/2": (True,), "t/3": (None,)}, detail=call)
    record_run(root, "two", {"t/0": (False,), "t/1": (False,), "t/2": (True,), "t/3": (True,)}, detail=call)
    told = cli("diff", "run-one", "run-two")
    assert told.code == 0, told.err
    assert "f(1) -> 3, not 2" in told.out
    assert "1 of 3 problems flipped: 1 better in A, 0 in B; 2 alike. 1 problems are not judged in both." in told.out
    [flip] = json.loads(cli("diff", "run-two", "run-one", "--json").out)
    assert (flip["task_id"], flip["better"], flip["b"]) == ("t/0", "B", "passed")


def test_several_samples_flip_by_their_share(cli: Cli, tmp_path: Path) -> None:
    """With several samples a problem flips where their shares differ, and the shares are shown."""
    root = tmp_path / "results"
    record_run(root, "one", {"t/0": (True, False), "t/1": (True, True)})
    record_run(root, "two", {"t/0": (False, True), "t/1": (True, False)})
    told = cli("diff", "run-one", "run-two")
    assert "2/2 passed" in told.out
    assert "t/0" not in told.out


def test_the_programs_of_a_flip_stand_side_by_side(cli: Cli, tmp_path: Path, run: RunDirectory) -> None:
    """--show prints the first program of each run for a flipped problem."""
    other = smoke_run(tmp_path / "other", load_suite("smoke"))
    task_id = run.info().task_ids[1]
    with other.writing() as writer:
        writer.append_executions([Execution(task_id=task_id, index=0, verdict=Verdict.FAILED, detail="x")])
    told = cli("diff", str(run.path), str(other.path), "--show", "1")
    assert "A: passed" in told.out
    assert "B: failed" in told.out


def test_runs_of_two_suites_have_no_diff(cli: Cli, tmp_path: Path, run: RunDirectory) -> None:
    """Problems of two suites are not the same problems, even where their ids are."""
    record_run(tmp_path / "results", "one", {"smoke/0": (True,)})
    result = cli("diff", "run-one", run.path.name)
    assert result.code == 1
    assert "Name runs of one suite" in result.err


def test_a_run_in_points_is_shown_with_what_was_measured(cli: Cli, tmp_path: Path) -> None:
    """Points of each metric beside their most, and of one answer what each measure brought: not only a verdict."""
    run, _ = run_with(tmp_path / "results", "a", [1, 0.5])
    shown = cli("runs", "show", run.path.name)
    assert re.search(r"covered \| +75 \| 100", shown.out), shown.out
    assert "score" in cli("runs", "list").out
    one = cli("runs", "show", run.path.name, "t/1").out
    assert "=== t/1 sample 0: passed, 6 of 11 points ===" in one
    assert re.search(r"covered +0.5  5 of 10 points", one)


def test_an_answer_that_passed_but_lost_points_is_listed(cli: Cli, tmp_path: Path) -> None:
    """--failed and diff tell of answers whose tests pass and cover little: by verdicts the runs would be alike."""
    results = tmp_path / "results"
    whole, _ = run_with(results, "whole", [1, 1])
    half, _ = run_with(results, "half", [1, 0.5])
    failed = cli("runs", "show", half.path.name, "--failed").out
    assert "covered 0.5" in failed
    assert "t/0" not in failed
    shown = cli("diff", whole.path.name, half.path.name).out
    assert "| t/1     | passed, 11 of 11 points | passed, 6 of 11 points | A      | covered 0.5" in shown
    assert "1 of 2 problems flipped" in shown


def test_runs_in_points_are_compared_by_points(cli: Cli, tmp_path: Path) -> None:
    """Without --metric a suite's own scale counts: by pass@1 both runs below would be perfect."""
    results = tmp_path / "results"
    whole, _ = run_with(results, "whole", [1, 1])
    half, _ = run_with(results, "half", [1, 0.5])
    told = cli("compare", whole.path.name, half.path.name).out
    assert "points 110" in told
    assert "% of the points" in told
    assert "as much as a perfect answer brings costs: A" in told


@pytest.mark.parametrize(
    ("verdict", "detail", "output", "brief"),
    [
        ("failed", 'f(2)\nexpected "4"\ngot "6"', "", 'f(2) -> "6", not "4"'),
        ("compile_error", "javac left with status 1.", "a.cpp: In f:\na.cpp:1: error: no\n", "a.cpp:1: error: no"),
        ("compile_error", "build left with status 1.", "\nx_test.go:1:1: undefined\n", "x_test.go:1:1: undefined"),
        ("compile_error", "SyntaxError: invalid syntax", "", "SyntaxError: invalid syntax"),
        ("error", "ValueError: no\nin f(2)", "", "f(2): ValueError: no"),
        ("passed", "", "", ""),
    ],
)
def test_what_failed_is_told_in_a_line(verdict: Verdict, detail: str, output: str, brief: str) -> None:
    """The failing call, or the compiler's first error: that a compiler left with status 1 helps nobody."""
    execution = Execution(task_id="t", index=0, verdict=verdict, detail=detail, output=output)
    assert brief_of(execution) == brief
