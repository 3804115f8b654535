"""Bad input ends in one paragraph that says what is wrong and what to do, with the documented exit code."""

import json
import re
import socket
from pathlib import Path

import pytest

from tests.backends.provider import Provider, status

from .conftest import Cli, Result


def explained(result: Result, code: int, *words: str) -> None:
    """The error is one paragraph without a traceback, holds these words, and leaves with this code."""
    assert result.code == code, result.err
    assert "Traceback" not in result.err
    paragraphs = [line for line in result.err.splitlines() if line.startswith("harness: ")]
    assert len(paragraphs) == 1, result.err
    for word in words:
        assert word in paragraphs[0]


def test_an_unknown_model_names_the_nearest(cli: Cli) -> None:
    """A misspelt model is answered with the names that come close."""
    explained(cli("eval", "--model", "lama3-70b", "--suite", "smoke"), 1, "lama3-70b", "llama3-70b")


def test_an_unknown_suite_names_the_nearest(cli: Cli) -> None:
    """A misspelt suite is answered with the names that come close."""
    explained(cli("eval", "--model", "reference", "--suite", "humanevel"), 1, "humanevel", "humaneval")


def test_a_missing_key_names_its_variable(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the key nothing is asked, and the error names the variable to set."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = cli("eval", "--model", "gpt-4o", "--suite", "smoke", "--generate-only")
    explained(result, 1, "OPENAI_API_KEY")


def test_an_endpoint_that_is_not_there_is_named(cli: Cli) -> None:
    """A port where nothing listens is an explained error and leaves no run behind."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = f"http://127.0.0.1:{port}/v1"
    explained(cli("eval", "--model", f"vllm/tiny@{url}", "--suite", "smoke", "--generate-only"), 1, url)
    assert not list(Path("results").glob("runs/*"))


def test_an_endpoint_that_serves_another_model_says_which(cli: Cli) -> None:
    """A server that does not have the model is answered with what it does serve."""
    with Provider(serves=("org/one", "org/two"), vllm=True) as provider:
        result = cli("eval", "--model", f"vllm/tiny@{provider.url}", "--suite", "smoke", "--generate-only")
    explained(result, 1, "tiny", "org/one", "org/two")


def test_a_refused_key_keeps_what_was_paid_for_and_is_incomplete(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key refused in the middle leaves the answers on disk, exit code 4 and the command that resumes."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with Provider(then=status(401, "invalid key")) as provider:
        result = cli(
            "eval", "--model", f"openai/tiny@{provider.url}", "--suite", "smoke", "--generate-only", "--limit", "3"
        )
    assert result.code == 4
    assert "harness resume" in result.err
    assert "invalid key" in result.err
    assert "sk-test" not in result.err + result.out


@pytest.mark.parametrize("arguments", [["-n", "0"], ["--mode", "poem"], ["--temperature", "warm"], ["--nosuch"]])
def test_wrong_usage_leaves_with_2(cli: Cli, arguments: list[str]) -> None:
    """An option that cannot be is refused before anything happens."""
    result = cli("eval", "--model", "reference", "--suite", "smoke", *arguments)
    assert result.code == 2
    assert "Traceback" not in result.err


@pytest.mark.docker
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"task_id": "smoke/0"}', ("line 2", "completion")),
        ('{"task_id": "smoke/0", "completion": 7}', ("line 2", "completion", "a number")),
        ('{"task_id": "smoke/999", "completion": "x"}', ("line 2", "smoke/999")),
        ("{", ("line 2", "not JSON")),
    ],
)
def test_a_malformed_samples_file_names_line_and_field(cli: Cli, line: str, words: tuple[str, ...]) -> None:
    """A wrong line stops the scoring before anything runs, names itself and leaves no run behind."""
    Path("s.jsonl").write_text('{"task_id": "smoke/0", "completion": "    return 1"}\n' + line + "\n")
    explained(cli("score", "s.jsonl", "--suite", "smoke"), 1, "s.jsonl", *words)
    assert not list(Path("results").glob("runs/*"))


def test_data_of_another_content_is_refused(cli: Cli) -> None:
    """A suite's file that is not the pinned content is refused with the way to accept it."""
    row = {"task_id": "HumanEval/0", "prompt": "def f():\n", "canonical_solution": "    return 1\n"}
    row |= {"test": "def check(candidate):\n    assert candidate() == 1\n", "entry_point": "f"}
    Path("HumanEval.jsonl").write_text(json.dumps(row) + "\n")
    result = cli("eval", "--model", "reference", "--suite", "humaneval", "--data", "HumanEval.jsonl", "--generate-only")
    explained(result, 1, "HumanEval.jsonl", "allow")


def test_a_run_of_another_version_is_refused(cli: Cli) -> None:
    """A run directory of another format is refused with the version that wrote it, not misread."""
    cli("eval", "--model", "reference", "--suite", "smoke", "--generate-only", "--limit", "1", "-q")
    [path] = Path("results/runs").glob("*/run.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    for command in (["resume", path.parent.name], ["runs", "show", path.parent.name]):
        explained(cli(*command), 1, "format 99")


def test_no_engine_is_explained_and_never_replaced_by_the_host(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Docker engine nothing runs on the host: the error names the engine that was tried."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    result = cli("eval", "--model", "reference", "--suite", "smoke")
    explained(result, 1, "unix:///nonexistent/docker.sock")
    assert not list(Path("results").glob("runs/*"))


def test_one_failing_model_does_not_stop_the_others(cli: Cli) -> None:
    """With two models, the one whose endpoint is missing is told of and the other one runs to its end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    absent = f"vllm/tiny@http://127.0.0.1:{port}/v1"
    result = cli("eval", "-m", absent, "-m", "reference", "-s", "smoke", "--generate-only", "--limit", "2")
    assert result.code != 0
    assert re.search(r"harness: .*127\.0\.0\.1", result.err)
    assert len(list(Path("results/runs").glob("*-reference-smoke-*/samples.jsonl"))) == 1


@pytest.mark.parametrize(
    "command", [["sandbox", "check"], ["sandbox", "build"], ["eval", "-m", "reference", "-s", "smoke"]]
)
def test_a_host_that_is_not_there_is_named(cli: Cli, command: list[str]) -> None:
    """--docker-host names the engine that is asked, and the error names it back; no other engine is tried instead."""
    explained(cli(*command, "--docker-host", "unix:///nowhere/a.sock"), 1, "unix:///nowhere/a.sock")
    two = ["--docker-host", "unix:///nowhere/a.sock", "--docker-host", "unix:///nowhere/b.sock"]
    explained(cli(*command, *two), 1, "unix:///nowhere/a.sock")


def test_hosts_come_from_the_settings(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """harness.yaml names engines for every command, before DOCKER_HOST; the command line and environment go first."""
    Path("harness.yaml").write_text("sandbox: {hosts: ['unix:///nowhere/yaml.sock']}\n")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    explained(cli("sandbox", "check"), 1, "unix:///nowhere/yaml.sock")
    doctor = cli("doctor")
    assert doctor.code == 1
    assert "[miss] sandbox at unix:///nowhere/yaml.sock" in doctor.out
    monkeypatch.setenv("HARNESS_DOCKER_HOST", "unix:///nowhere/env.sock")
    explained(cli("sandbox", "check"), 1, "unix:///nowhere/env.sock")


@pytest.mark.docker
def test_an_unknown_runtime_is_named(cli: Cli, sandbox_image: object) -> None:
    """A runtime that the engine lacks is refused with those that it has."""
    explained(cli("sandbox", "check", "--runtime", "kata-nowhere"), 1, "kata-nowhere", "runc")
