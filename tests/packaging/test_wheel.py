"""The wheel: built, installed in a clean environment and used from another directory, without the checkout."""

import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = [pytest.mark.slow, pytest.mark.docker]  # all together: the wheel is built once


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, in an environment that knows nothing of the checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HARNESS_", "PYTHON"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "-w", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def harness(wheel: Path) -> Iterator[Path]:
    """The command of a clean environment (0.7 GB, removed at the end) with only the wheel and what it needs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder, with_pip=True)
        run(folder / "bin" / "pip", "install", "-qq", wheel, "-c", ROOT / "constraints.txt", cwd=folder)
        yield folder / "bin" / "harness"


def test_the_wheel_holds_its_assets(wheel: Path) -> None:
    """Every file of suites/, sandbox/ and results/published/ is in the wheel, and the type marker is."""
    shipped = set(zipfile.ZipFile(wheel).namelist())
    git = subprocess.run(
        ["git", "ls-files", "--", "suites", "sandbox", "results/published"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    tracked = [name for name in git.stdout.splitlines() if (ROOT / name).is_file()]
    assert tracked
    assert {f"harness/_assets/{name}" for name in tracked} <= shipped
    assert "harness/py.typed" in shipped


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    """No test, run, benchmark or document slips into the wheel."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.startswith("harness")} == set()


def test_the_command_answers_anywhere(harness: Path, tmp_path: Path) -> None:
    """The installed command shows its help and lists the suites it brought along."""
    assert "Usage: harness" in run(harness, "--help", cwd=tmp_path)
    listed = run(harness, "suites", "list", cwd=tmp_path)
    assert {"humaneval", "humanevalplus", "mbpp", "mbpp-sanitized", "mbppplus", "smoke"} <= set(listed.split())


def test_the_smoke_suite_passes_anywhere(harness: Path, tmp_path: Path) -> None:
    """The installed package evaluates the smoke suite's own solutions from another directory: all pass, all judged."""
    report = json.loads(run(harness, "eval", "--model", "reference", "--suite", "smoke", "--json", cwd=tmp_path))
    assert report["coverage"] == 1.0
    assert report["verdicts"]["passed"] == report["problems"] > 0
    assert (tmp_path / "results" / "runs" / report["run_id"] / "report.json").is_file()
