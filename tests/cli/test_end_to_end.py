"""The main job, whole: real HTTP, real Docker, real processes that are killed."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import pytest

from harness.records import Execution, Sample
from harness.sandboxes.owner import PROCESS_LABEL
from harness.store import RunDirectory
from harness.suites import Suite, load_suite
from tests.backends.provider import Behaviour, Body, Provider, Reply, answer_body, status

from .conftest import Cli, spawn

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("sandbox_image")]

KEY = "sk-canary-5f21"


@pytest.fixture(scope="module")
def smoke() -> Suite:
    """Our own suite."""
    return load_suite("smoke")


def solver(suite: Suite, delay_s: float = 0.0) -> Behaviour:
    """A provider that knows every solution, and takes its time."""

    def behave(request: Body) -> Reply:
        asked = request["messages"][-1]["content"]
        problem = next(p for p in suite.problems if p.prompt.strip() in asked)
        text = f"Here it is:\n```python\n{problem.reference}\n```\n"
        return Reply(body=json.dumps(answer_body(request, [text])).encode(), delay_s=delay_s)

    return behave


def containers(pids: set[int]) -> list[str]:
    """The containers that these processes made and that are still there, running or not."""
    client = docker.from_env()
    found = client.containers.list(all=True, filters={"label": PROCESS_LABEL}, ignore_removed=True)
    client.close()
    return [c.name for c in found if int(c.labels[PROCESS_LABEL].split()[0]) in pids]


def without_identity(report: dict[str, Any]) -> dict[str, Any]:
    """A report less its run's name and the day of its prices."""
    return {name: value for name, value in report.items() if name != "run_id"}


def test_the_reference_passes_the_smoke_suite(cli: Cli, smoke: Suite) -> None:
    """`harness eval --model reference --suite smoke` passes every problem, judged by the split judge."""
    result = cli("eval", "--model", "reference", "--suite", "smoke", "--json")
    assert result.code == 0, result.err
    report = json.loads(result.out)
    assert report["metrics"]["pass@1"] == 1.0
    assert report["coverage"] == 1.0
    assert report["problems"] == len(smoke.problems) >= 24
    assert sum(report["modes"].values()) == len(smoke.problems)
    assert "unsplit" not in report["modes"]


def test_known_bad_programs_get_their_verdicts(cli: Cli) -> None:
    """`harness suites check smoke` passes every reference and refuses every known-bad program."""
    result = cli("suites", "check", "smoke")
    assert result.code == 0, result.err
    assert "known-bad programs refused" in result.out


def test_a_model_behind_http_is_evaluated(cli: Cli, smoke: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers over real HTTP pass, one wrong answer fails, tokens are counted, and the key is nowhere on disk."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    wrong = answer_wrong(smoke)
    with Provider(wrong, then=solver(smoke)) as provider:
        result = cli(
            "eval", "-m", f"openai/tiny@{provider.url}", "-s", "smoke", "--json", "-n", "2", "--concurrency", "1"
        )
    assert result.code == 0, result.err
    report = json.loads(result.out)
    total = 2 * len(smoke.problems)
    assert report["samples"] == report["scored"] == total
    assert report["verdicts"]["passed"] == total - 1
    assert report["metrics"]["pass@2"] == 1.0
    assert report["usage"] == {"input": 10 * total, "output": 5 * total, "cached": 0, "reasoning": 0, "unreported": 0}
    for path in Path("results").rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


def answer_wrong(suite: Suite) -> Behaviour:
    """Code that does nothing."""
    text = f"```python\ndef {suite.problems[0].entry_point}(*args, **kwargs):\n    pass\n```"
    return lambda request: Reply(body=json.dumps(answer_body(request, [text])).encode())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_run_killed_at_any_moment_resumes_to_the_same_report(
    tmp_path: Path, smoke: Suite, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """After SIGKILL at random moments resume loses no paid answer, buys none twice and ends in the same report."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    moments = random.Random(seed)
    pids: set[int] = set()
    with Provider(then=solver(smoke, delay_s=0.05)) as provider:
        ask = ["eval", "-m", f"openai/tiny@{provider.url}", "-s", "smoke", "-q", "--json", "-n", "2"]
        undisturbed = json.loads(finished(tmp_path / "a", *ask))
        asked_undisturbed = len(posts(provider))
        killed_in_flight = 0
        process = spawn(fresh(tmp_path / "b"), *ask)
        for _ in range(3):
            seen = len(posts(provider))
            pids.add(process.pid)
            wait_for(lambda seen=seen: len(posts(provider)) >= seen + moments.randint(3, 12), process)  # type: ignore[misc]
            time.sleep(moments.random() * 0.3)
            recorded = len(samples(tmp_path / "b"))
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=30)
            killed_in_flight += 8
            assert len(samples(tmp_path / "b")) >= recorded
            [run] = (tmp_path / "b" / "results" / "runs").glob("*")
            process = spawn(tmp_path / "b", "resume", run.name, "-q", "--json")
        pids.add(process.pid)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert without_identity(json.loads(out)) == without_identity(undisturbed)
    drawn = samples(tmp_path / "b")
    assert len({(s.task_id, s.index) for s in drawn}) == len(drawn) == asked_undisturbed
    assert len(posts(provider)) - asked_undisturbed <= asked_undisturbed + killed_in_flight
    assert len(executions(tmp_path / "b")) == asked_undisturbed
    assert containers(pids) == []


@pytest.mark.slow
def test_ctrl_c_stops_cleanly_and_says_how_to_resume(
    tmp_path: Path, smoke: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C keeps every answer that was asked for, leaves no container, exits with 130 and names the next command."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Provider(then=solver(smoke, delay_s=0.1)) as provider:
        process = spawn(
            fresh(tmp_path), "eval", "-m", f"openai/tiny@{provider.url}", "-s", "smoke", "--concurrency", "2"
        )
        wait_for(lambda: len(posts(provider)) >= 5, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert "harness resume" in err
        assert len(samples(tmp_path)) == len(posts(provider)) < len(smoke.problems)
        assert containers({process.pid}) == []
        [run] = (tmp_path / "results" / "runs").glob("*")
        report = json.loads(finished(tmp_path, "resume", run.name, "-q", "--json"))
        assert report["metrics"]["pass@1"] == 1.0
        assert len(posts(provider)) == len(smoke.problems)


def test_a_provider_that_fails_leaves_an_incomplete_run_that_resume_repairs(
    cli: Cli, smoke: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request refused for good is unscored, not wrong: exit code 4, and after `harness resume` the run is whole."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Provider(status(400, "prompt too long"), then=solver(smoke)) as provider:
        first = cli("eval", "-m", f"openai/tiny@{provider.url}", "-s", "smoke", "--json", "--limit", "4")
        assert first.code == 4
        report = json.loads(first.out)
        assert (report["coverage"], report["metrics"]["pass@1"]) == (0.75, 1.0)
        second = cli("resume", report["run_id"], "--json")
    assert second.code == 0, second.err
    assert json.loads(second.out)["coverage"] == 1.0
    assert len(posts(provider)) == 5


def test_somebody_elses_samples_are_scored(cli: Cli, smoke: Suite) -> None:
    """Whole solutions and continuations of one file get a verdict each, in the order of the file."""
    problem = smoke.problems[0]
    body = problem.reference.removeprefix(problem.prefix) if problem.reference else ""
    rows = [
        {"task_id": problem.task_id, "completion": body},
        {"task_id": problem.task_id, "solution": problem.reference},
        {"task_id": problem.task_id, "solution": "def broken(:"},
        {"task_id": problem.task_id, "completion": ""},
    ]
    Path("samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = cli("score", "samples.jsonl", "--suite", "smoke", "--partial", "--json")
    assert result.code == 0, result.err
    [run] = Path("results/runs").glob("*")
    verdicts = {e.index: e.verdict for e in RunDirectory(run).executions()}
    assert [verdicts[i] for i in range(3)] == ["passed", "passed", "compile_error"]
    assert verdicts[3] != "passed"
    incomplete = cli("score", "samples.jsonl", "--suite", "smoke")
    assert incomplete.code == 4
    assert "no sample for" in incomplete.err
    assert "harness resume" not in incomplete.err


def fresh(directory: Path) -> Path:
    """An empty working directory."""
    directory.mkdir(exist_ok=True)
    return directory


def finished(directory: Path, *arguments: str) -> str:
    """Standard output of a command that must succeed."""
    process = spawn(fresh(directory), *arguments)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    return out


def posts(provider: Provider) -> list[Any]:
    """The completions asked for so far."""
    return [request for request in provider.requests if request.method == "POST"]


def samples(directory: Path) -> list[Sample]:
    """What is on disk."""
    return [s for run in (directory / "results" / "runs").glob("*") for s in RunDirectory(run).samples()]


def executions(directory: Path) -> list[Execution]:
    """What was judged."""
    return [e for run in (directory / "results" / "runs").glob("*") for e in RunDirectory(run).executions()]


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Until it holds or the process ends, a minute at most."""
    deadline = time.monotonic() + 60
    while not condition() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
