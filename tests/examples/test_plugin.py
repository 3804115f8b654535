"""The example plug-in, installed as a user would install it: its backend and its suite work like ours."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the built and installed package."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, EXAMPLE], check=True)
    return folder


def harness(installed: Path, folder: Path, *arguments: str) -> str:
    """Standard output of a command in an environment that has the package."""
    paths = [str(installed), str(EXAMPLE.parent.parent)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "XDG_CONFIG_HOME": str(folder)}
    command = [sys.executable, "-m", "harness", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_plugin_is_listed(installed: Path, tmp_path: Path) -> None:
    """An installed package's suite stands in the list beside ours."""
    assert "Three problems about collections" in harness(installed, tmp_path, "suites", "list")


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
def test_its_backend_answers_its_suite(installed: Path, tmp_path: Path) -> None:
    """References pass, known-bad programs do not, and the backend that knows examples by heart solves one of three."""
    checked = harness(installed, tmp_path, "suites", "check", "sets")
    assert "3/3 references passed, 3/3 known-bad programs refused" in checked
    told = harness(installed, tmp_path, "eval", "--model", "docstring/examples", "--suite", "sets", "--json")
    report = json.loads(told)
    assert {task_id: found["passed"] for task_id, found in report["per_problem"].items()} == {
        "sets/0": 0,
        "sets/1": 0,
        "sets/2": 1,
    }
    assert report["coverage"] == 1.0
