"""Gates at the end of real runs: programs judged in Docker, and the exit codes that a CI sees."""

import json
from pathlib import Path

import pytest

from harness.suites import load_suite

from .conftest import Cli

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("sandbox_image")]


def samples(path: Path, wrong: int) -> str:
    """A file with a program for each problem of the smoke suite, the first so many of them wrong."""
    lines = [
        json.dumps({"task_id": problem.task_id, "solution": "x = 1" if place < wrong else problem.reference})
        for place, problem in enumerate(load_suite("smoke").problems)
    ]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_a_score_is_gated(cli: Cli, tmp_path: Path) -> None:
    """`harness score` ends with 0 for a good file, 3 below a threshold, and 6 for eight programs that broke."""
    good = cli("score", samples(tmp_path / "good.jsonl", 0), "-s", "smoke", "--json", "--fail-under", "pass@1=1")
    assert good.code == 0, good.err
    main = tmp_path / "main.json"
    main.write_text(good.out)
    bad = ("score", samples(tmp_path / "bad.jsonl", 8), "-s", "smoke", "--json")
    assert cli(*bad, "--fail-under", "pass@1=0.9").code == 3
    worse = cli(*bad, "--baseline", str(main), "--max-drop", "0.02")
    assert worse.code == 6
    assert "8 problems got worse, 0 better." in worse.err
    assert json.loads(worse.out)["verdicts"]["passed"] == json.loads(good.out)["verdicts"]["passed"] - 8
    noise = cli("score", samples(tmp_path / "few.jsonl", 3), "-s", "smoke", "--baseline", str(main))
    assert noise.code == 0
    assert "not more than noise" in noise.err
