"""A real vLLM on the CPU serves a tiny Llama that has learnt the smoke suite; harness evaluates it as a user would.

From scratch this installs about 3.3 GB into build/vllm (once), trains for a few minutes and starts a server. Set
HARNESS_VLLM_VENV to use an environment that has vLLM already.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.pricing.throughput import checks
from harness.suites import load_suite

ROOT = Path(__file__).parent.parent.parent
TOOLS = ROOT.parent / "shared" / "tools"
NAME = "tiny-llama"
TRAINING_STEPS = 300
START_S = 600
ENVIRONMENT = {
    **os.environ,
    "VLLM_TARGET_DEVICE": "cpu",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
    "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads would take ten times as long on a machine that is shared
}

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(not TOOLS.is_dir(), reason=f"needs vllm_cpu.sh and tiny_llama.py in {TOOLS}"),
]


@pytest.fixture(scope="module")
def binaries() -> Path:
    """The folder of an environment's commands in which `vllm` works."""
    chosen = Path(os.environ.get("HARNESS_VLLM_VENV") or ROOT / "build" / "vllm")
    if not (chosen / "bin" / "vllm").exists():
        subprocess.run(["bash", TOOLS / "vllm_cpu.sh", chosen], env=ENVIRONMENT, check=True)
    return chosen / "bin"


@pytest.fixture(scope="module")
def checkpoint(binaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of three million parameters that was taught the smoke suite's prompts and solutions."""
    folder = tmp_path_factory.mktemp("tiny-llama")
    pairs = folder / "pairs.jsonl"
    pairs.write_text("".join(json.dumps(pair) + "\n" for pair in lessons()))
    command = [binaries / "python", TOOLS / "tiny_llama.py", pairs, folder / "model", "--steps", str(TRAINING_STEPS)]
    subprocess.run(command, env=ENVIRONMENT, check=True)
    return folder / "model"


def lessons() -> Iterator[dict[str, Any]]:
    """What a model that knows the smoke suite is asked and answers."""
    suite = load_suite("smoke")
    preset = suite.preset(None, "chat")
    for problem in suite.problems:
        messages = [message.model_dump() for message in suite.prompt(problem, preset).messages]
        yield {"messages": messages, "response": f"```python\n{problem.reference}\n```"}


@pytest.fixture(scope="module")
def endpoint(binaries: Path, checkpoint: Path) -> Iterator[str]:
    """The address of a vLLM server on loopback that serves the checkpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = checkpoint.parent / "serve.log"
    command = [
        *(binaries / "vllm", "serve", checkpoint, "--served-model-name", NAME, "--host", "127.0.0.1"),
        *("--port", str(port), "--dtype", "float32", "--max-model-len", "2048"),
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=ENVIRONMENT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(30)


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once GET answers 200; fail with the server's own last words where it ends or takes too long."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
    pytest.fail(f"vLLM did not become healthy; it said:\n{log.read_text(errors='replace')[-4000:]}")


def evaluate(endpoint: str, results: Path, *options: str) -> dict[str, Any]:
    """The report of `harness eval` on the smoke suite, run as a user runs it."""
    command = [
        *(Path(sys.executable).with_name("harness"), "eval", "--model", f"vllm/{NAME}@{endpoint}"),
        *("--suite", "smoke", "--max-tokens", "1024", "--results", results, "--json", *options),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_a_model_on_vllm_is_evaluated(endpoint: str, tmp_path: Path) -> None:
    """A model that has learnt the suite scores above zero, with every sample judged and every token reported."""
    report = evaluate(endpoint, tmp_path)
    assert report["coverage"] == 1.0
    assert report["metrics"]["pass@1"] > 0
    assert report["usage"]["unreported"] == 0
    assert report["usage"]["input"] > 0 < report["usage"]["output"]
    info = json.loads((tmp_path / "runs" / report["run_id"] / "run.json").read_text())
    assert info["endpoint"]["max_model_len"] == 2048


def test_samples_of_a_problem_share_one_request(endpoint: str, tmp_path: Path) -> None:
    """Four samples a problem cost one request each: the prompt is sent, and its tokens are counted, once."""
    report = evaluate(endpoint, tmp_path, "-n", "4", "--temperature", "0.8", "--limit", "6")
    lines = (tmp_path / "runs" / report["run_id"] / "samples.jsonl").read_text().splitlines()
    requests = defaultdict(list)
    for sample in map(json.loads, lines):
        requests[sample["task_id"]].append(sample["request_id"])
    assert len(requests) == 6
    assert all(len(ids) == 4 and len(set(ids)) == 1 and ids[0] for ids in requests.values())
    assert {"pass@1", "pass@4"} <= set(report["metrics"])


def test_usage_agrees_with_the_servers_own_counters(endpoint: str, tmp_path: Path) -> None:
    """Tokens by usage are those that vLLM counted, a prompt once for each of its samples, so a run's price is real."""
    report = evaluate(endpoint, tmp_path, "-n", "3", "--temperature", "0.8", "--limit", "4")
    info = json.loads((tmp_path / "runs" / report["run_id"] / "run.json").read_text())
    (check,) = checks(info["endpoint"]["sessions"])
    assert (check.server_prompt, check.server_output) == (check.prompt, check.output)
