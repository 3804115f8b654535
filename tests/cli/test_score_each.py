"""A file with the answers of several models: a run for each, priced as of the day they were drawn."""

import csv
import io
import json
from pathlib import Path

import pytest

from harness.store import list_runs
from harness.suites import load_suite

from .conftest import Cli
from .test_bad_input import explained

MODELS = ("openrouter/openai/gpt-4-turbo", "nobody/knows-this")


def answers(path: Path) -> Path:
    """Two models' answers to one problem of the smoke suite; the second gave none."""
    problem = load_suite("smoke").problems[0]
    texts = (f"```python\n{problem.reference}\n```", None)
    rows = [{"model": m, "task_id": problem.task_id, "response": t} for m, t in zip(MODELS, texts, strict=True)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
def test_each_model_of_a_file_gets_a_run_and_the_prices_of_its_day(cli: Cli, tmp_path: Path) -> None:
    """`--each model` names runs by that column, `--drawn` looks up what the model cost then; no answer is no code."""
    path = answers(tmp_path / "all.jsonl")
    result = cli("score", str(path), "-s", "smoke", "--each", "model", "--drawn", "2024-05-01", "--partial", "--json")
    assert result.code == 0, result.err
    reports = json.loads(result.out)
    assert [report["model"] for report in reports] == list(MODELS)
    assert [report["metrics"]["pass@1"] for report in reports] == [1.0, 0.0]
    assert reports[1]["verdicts"]["no_code"] == 1
    assert len(list_runs(Path("results"))) == 2
    rows = list(csv.DictReader(io.StringIO(cli("leaderboard", "--csv").out)))
    assert {row["model"]: row["usd_per_mtok"] for row in rows} == {MODELS[0]: "40", MODELS[1]: ""}


def test_a_column_that_no_row_has_is_refused(cli: Cli, tmp_path: Path) -> None:
    """A mistyped column is an explained error, not a run without samples."""
    explained(cli("score", str(answers(tmp_path / "all.jsonl")), "-s", "smoke", "--each", "modle"), 1, "modle")
