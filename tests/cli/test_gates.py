"""Gates as a CI meets them: options that are refused, and what resuming a finished run says and leaves behind."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.cli.gating import apply_gates, read_gates
from harness.store import RunDirectory
from tests.recorded import SUITE, one_each, record_run

from .conftest import Cli
from .test_bad_input import explained


def judged(
    run: RunDirectory,
    *fail_under: str,
    baseline: Path | None = None,
    max_drop: float | None = None,
    junit: Path | None = None,
) -> int:
    """The exit code of a run's gates."""
    report = run.report()
    assert report is not None
    return apply_gates(read_gates(fail_under, baseline, max_drop), [(run, report)], junit)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--fail-under", "pass@1"), "pass@1=0.8"),
        (("--fail-under", "pass@1=80"), "pass@1=80"),
        (("--fail-under", "score=0.8"), "score=0.8"),
        (("--fail-under", "pass@5=0.8"), "-n 5"),
        (("--fail-under", "pass@1 base=0.8"), "smoke has no pass@1 base"),
        (("--max-drop", "0.1"), "--baseline"),
    ],
)
def test_gates_that_cannot_be_judged_are_refused_before_anything_is_asked(
    cli: Cli, option: tuple[str, str], words: str
) -> None:
    """A malformed threshold, a metric the run will not have and a drop from nothing are wrong usage."""
    explained(cli("eval", "-m", "reference", "-s", "smoke", *option), 2, words)
    assert not Path("results").exists()


def test_a_baseline_that_does_not_fit_is_refused_before_anything_is_asked(cli: Cli, tmp_path: Path) -> None:
    """A baseline of another suite, of other content, or none at all is an explained error, and nothing was spent."""
    other = record_run(tmp_path, "other", one_each([True] * 9))
    changed = record_run(tmp_path, "changed", one_each([True] * 9), suite=SUITE.model_copy(update={"name": "smoke"}))
    command = ("eval", "-m", "reference", "-s", "smoke", "--baseline")
    explained(cli(*command, str(other.path)), 1, "no run of reference on smoke")
    explained(cli(*command, str(changed.path / "report.json")), 1, "fingerprint f")
    explained(cli(*command, "nowhere.json"), 1, "nowhere.json")
    explained(cli(*command, str(other.path), "--generate-only"), 2, "--generate-only")
    assert not Path("results").exists()


def test_a_baseline_without_any_report_is_refused(cli: Cli, tmp_path: Path) -> None:
    """An empty array, as a failed job may leave behind, is an error: prevents a gate that cannot fail."""
    (tmp_path / "main.json").write_text("[]", encoding="utf-8")
    explained(cli("eval", "-m", "reference", "-s", "smoke", "--baseline", "main.json"), 1, "main.json", "no report")


def test_a_threshold_has_its_own_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """80 of 100 passes at 0.8 and fails at 0.81 with 3, and the words say that chance could lift it."""
    run = record_run(tmp_path, "a", one_each([True] * 80 + [False] * 20))
    assert judged(run, "pass@1=0.8") == 0
    assert judged(run, "pass@1=0.81") == 3
    assert judged(run, "pass@1=0.5", "pass@1=0.9") == 3
    said = capsys.readouterr().err
    assert "gate passed: pass@1 >= 0.8: pass@1 is 80.0% (95 % interval 71.1% to 86.7%), at least 80.0%.\n" in said
    assert "below 81.0%; on other problems of this kind it might reach it.\n" in said
    assert "below 90.0%.\n" in said


def test_unscored_samples_decide_neither_for_nor_against(tmp_path: Path) -> None:
    """75 passed, 20 failed, 5 unscored: 0.75 is reached and 0.81 missed whatever they bring, 0.78 is incomplete (4)."""
    run = record_run(tmp_path, "a", one_each([True] * 75 + [False] * 20 + [None] * 5))
    assert [judged(run, f"pass@1={least}") for least in (0.75, 0.78, 0.81)] == [0, 4, 3]


def test_worse_than_the_baseline_beyond_noise_has_its_own_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A drop of 12 points that noise cannot explain ends with 6, unless as much may be lost."""
    main = record_run(tmp_path, "main", one_each([True] * 80 + [False] * 20))
    run = record_run(tmp_path, "new", one_each([True] * 68 + [False] * 32))
    assert judged(run, baseline=main.path) == 6
    assert judged(run, baseline=main.path, max_drop=0.02) == 6
    assert judged(run, baseline=main.path, max_drop=0.12) == 0
    assert judged(run, "pass@1=0.7", baseline=main.path) == 3
    said = capsys.readouterr().err
    assert "pass@1 fell by 12.0 points against run-main (95 % interval" in said
    assert "more than the 2.0 allowed, and more than noise. 12 problems got worse, 0 better.\n" in said


def test_no_change_is_called_that(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that equals its baseline neither rose nor fell."""
    main = record_run(tmp_path, "main", one_each([True] * 8 + [False] * 2))
    assert judged(main, baseline=main.path) == 0
    said = capsys.readouterr().err
    assert "pass@1 is that of run-main (95 % interval" in said
    assert "rose" not in said


def test_noise_does_not_fail_a_gate_and_says_what_it_could_not_see(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A drop of 4 points from 12 problems that flipped one way and 8 the other passes, with the least visible drop."""
    main = record_run(tmp_path, "main", one_each([True] * 12 + [False] * 8 + [True] * 80))
    run = record_run(tmp_path, "new", one_each([False] * 12 + [True] * 8 + [True] * 80))
    assert judged(run, baseline=main.path, max_drop=0.02) == 0
    assert (
        "not more than noise. A drop below 10.0 points could not have been shown. 12 problems got worse, 8 better."
        in (capsys.readouterr().err)
    )


def test_what_is_missing_never_fails_the_baseline_gate(tmp_path: Path) -> None:
    """A drop that the unscored problems could undo does not fail: a broken sandbox is no regression."""
    main = record_run(tmp_path, "main", one_each([True] * 80 + [False] * 20))
    holed = record_run(tmp_path, "holed", one_each([True] * 68 + [None] * 8 + [False] * 24))
    assert judged(holed, baseline=main.path) == 0


def test_the_baseline_of_several_is_that_of_the_model(tmp_path: Path) -> None:
    """An array of reports, as --json prints it, is a baseline for each of its models."""
    good, bad = (record_run(tmp_path, name, one_each([ok] * 50)) for name, ok in (("good", True), ("bad", False)))
    kept = tmp_path / "main.json"
    reports = [json.loads((run.path / "report.json").read_bytes()) for run in (good, bad)]
    kept.write_text(json.dumps(reports))
    again = record_run(tmp_path / "later", "bad", one_each([False] * 50))
    assert judged(again, baseline=kept) == 0


def test_junit_has_a_case_for_each_problem_and_gate(tmp_path: Path) -> None:
    """Passed, failed and unscored problems become passed, failed and erroneous cases, whatever bytes they printed."""
    answers = {"t/0": (True, False), "t/1": (False, False), "t/2": (None, None)}
    run = record_run(tmp_path, "a", answers, detail="got \x00\x1b[31m\ud7ff <&> wrong")
    path = tmp_path / "reports" / "junit.xml"
    assert judged(run, "pass@1=0.9", junit=path) == 3
    root = ElementTree.parse(path).getroot()
    problems, gates = root.findall("testsuite")
    assert (problems.get("tests"), problems.get("failures"), problems.get("errors")) == ("3", "1", "1")
    assert [[child.tag for child in case] for case in problems] == [[], ["failure"], ["error"]]
    failure, error = problems.find("testcase/failure"), problems.find("testcase/error")
    assert failure is not None
    assert error is not None
    assert failure.get("message") == "failed (0 of 2 samples passed)"
    assert "<&> wrong" in (failure.text or "")
    assert "container_killed" in (error.get("message") or "")
    assert problems.findall("testcase")[0].get("time") == "0.500"
    assert [(case.get("name"), case[0].tag) for case in gates] == [("pass@1 >= 0.9", "failure")]


def test_github_gets_a_step_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where GitHub names a file for it, a markdown table of the run and its gates is appended."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    judged(record_run(tmp_path, "a|b", one_each([True] * 9 + [False])), "pass@1=0.8")
    told = summary.read_text()
    assert told.startswith("before\n### harness\n")
    assert "| a\\|b | s v1 | 10 | 90.0% | 59.6% to 98.2% | 100.0% | unknown |" in told
    assert "- passed: `pass@1 >= 0.8`: pass@1 is 90.0%" in told


def test_a_file_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """A junit path below a file is the machine's error, told with the path."""
    (tmp_path / "file").write_text("")
    run = record_run(tmp_path, "a", one_each([True]))
    with pytest.raises(Exception, match=r"Cannot write .*junit[.]xml"):
        judged(run, junit=tmp_path / "file" / "junit.xml")


@pytest.mark.parametrize("path", ["file/junit.xml", "folder"])
def test_a_junit_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    cli: Cli, tmp_path: Path, path: str
) -> None:
    """Prevents an evaluation that was paid for and lost, as a CI's disk is when the job fails at its very end."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    result = cli("eval", "-m", "reference", "-s", "smoke", "--generate-only", "--junit", path)
    explained(result, 1, f"Cannot write {path}")
    assert not (tmp_path / "results").exists()
