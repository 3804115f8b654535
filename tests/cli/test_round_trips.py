"""What is exported and scored again gets the verdicts of the run it came from, in real Docker."""

import json
from pathlib import Path

import pytest

from harness.pipeline.answers import answers_of
from harness.records import Execution
from harness.store import RunDirectory
from harness.suites import Suite, load_suite
from tests.formats.conftest import smoke_run

from .conftest import Cli

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("sandbox_image")]


def verdicts(run: RunDirectory) -> dict[tuple[str, int], Execution]:
    """The executions of a run by sample."""
    return {(one.task_id, one.index): one for one in run.executions()}


def generations(run: RunDirectory, suite: Suite) -> list[list[str]]:
    """The run's programs as BigCode writes them: a list for each problem of the suite, in its order."""
    lists: dict[str, list[str]] = {problem.task_id: [] for problem in suite.problems}
    for answer in answers_of(run, suite):
        lists[answer.sample.task_id].append(answer.program.source or "")
    return [programs for programs in lists.values() if programs]


@pytest.mark.parametrize("to", ["human-eval", "evalplus", "inspect", "generations"])
def test_an_export_scores_like_its_run(cli: Cli, tmp_path: Path, to: str) -> None:
    """Whatever the format, the right programs pass and the wrong ones do not, sample by sample."""
    suite = load_suite("smoke")
    run, path = smoke_run(tmp_path / "results", suite), tmp_path / "samples"
    if to == "generations":
        path.write_text(json.dumps(generations(run, suite)))
    else:
        assert cli("export", run.path.name, "--to", to, "-o", str(path)).code == 0
    scored = cli("score", str(path), "--suite", "smoke", "--partial", "--json")
    assert scored.code == 0, scored.err
    again = verdicts(RunDirectory.find(tmp_path / "results", json.loads(scored.out)["run_id"]))
    assert {key: one.verdict == "passed" for key, one in again.items()} == {
        key: one.verdict == "passed" for key, one in verdicts(run).items()
    }
