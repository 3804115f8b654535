"""The GitHub Action: its steps are run as a runner would, as far as that goes without GitHub."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer.main
import yaml

from harness.cli.app import app

ROOT = Path(__file__).parent.parent.parent
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    """action.yml."""
    loaded = yaml.safe_load((ROOT / "action.yml").read_bytes())
    assert isinstance(loaded, dict)
    return loaded


def scripts(action: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that run a script."""
    return [step for step in action["runs"]["steps"] if "run" in step]


def run_step(action: dict[str, Any], step: dict[str, Any], folder: Path, **inputs: str) -> int:
    """Run a step in `folder` with the shell, the files and the variables that a runner gives it; its exit code."""
    given = {name: inputs.get(name, str(declared.get("default", ""))) for name, declared in action["inputs"].items()}
    environment = {name: INPUT.sub(lambda found: given[found[1]], text) for name, text in step.get("env", {}).items()}
    script = folder / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    files = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=folder,
        env={
            **os.environ,
            **files,
            **environment,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "XDG_CONFIG_HOME": str(folder / "config"),
        },
        check=False,
    )
    return done.returncode


def test_every_input_that_is_used_is_declared(action: dict[str, Any]) -> None:
    """The action's steps use all its inputs and no others, and the sample workflow gives it none that it lacks."""
    assert set(INPUT.findall(json.dumps(action))) == set(action["inputs"])
    workflow = yaml.safe_load((ROOT / "docs" / "ci" / "workflow.yml").read_bytes())
    [ours] = [step for step in workflow["jobs"]["evaluate"]["steps"] if "harness@" in step["uses"]]
    assert set(ours["with"]) <= set(action["inputs"])
    required = {name for name, declared in action["inputs"].items() if declared.get("required")}
    assert required <= set(ours["with"])


def test_every_variable_is_one_that_eval_reads(action: dict[str, Any]) -> None:
    """What the action sets as HARNESS_... is the environment variable of an option of `harness eval`."""
    command = typer.main.get_command(app).commands["eval"]  # type: ignore[attr-defined]
    known = {option.envvar for option in command.params}
    used = {name for step in scripts(action) for name in step.get("env", {}) if name.startswith("HARNESS_")}
    assert len(used) > 5
    assert used <= known


def test_every_script_names_its_shell_and_parses(action: dict[str, Any]) -> None:
    """Composite actions need a shell for each script, and bash accepts each."""
    for step in scripts(action):
        assert step["shell"] == "bash"
        subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)


def test_an_error_is_passed_on(action: dict[str, Any], tmp_path: Path) -> None:
    """An evaluation that cannot begin ends the step with harness's own exit code, which is an output as well."""
    code = run_step(action, scripts(action)[-1], tmp_path, model="nobody-knows-it", suite="smoke")
    assert code == 1
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == "exit-code=1\n"


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
def test_the_action_evaluates_and_gates(action: dict[str, Any], tmp_path: Path) -> None:
    """Its last steps build the image, evaluate, leave report, JUnit and summary, and take the report as a baseline."""
    build, evaluate = scripts(action)[-2:]
    assert run_step(action, build, tmp_path) == 0
    asked = {"model": "reference", "suite": "smoke", "arguments": "--limit 12 --parallel 2"}
    assert run_step(action, evaluate, tmp_path, **asked, **{"fail-under": "pass@1=0.9 pass@1=1"}) == 0
    report = json.loads((tmp_path / "harness-report.json").read_bytes())
    assert report["metrics"]["pass@1"] == 1.0
    (tmp_path / "harness-report.json").rename(tmp_path / "main.json")
    gates = {"baseline": "main.json", "max-drop": "0.02"}
    assert run_step(action, evaluate, tmp_path, **asked, **gates) == 0
    root = ElementTree.parse(tmp_path / "harness-junit.xml").getroot()
    assert [suite.get("tests") for suite in root] == ["12", "1"]
    assert "pass@1 is that of" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
