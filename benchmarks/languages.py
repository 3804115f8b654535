"""What the sandbox costs per sample in each language, beside the bare toolchain on the same files in the same image.

PYTHONPATH=. python benchmarks/languages.py [LANGUAGE ...]

Both take the same made-up program, one after the other, on a quiet machine: the bare toolchain as the container's root
without limits (`docker exec` into one warm container, a shell loop inside), the sandbox with one container, after its
first sample, so that the oracle is known.
"""

import shlex
import statistics
import sys
import time
from pathlib import Path

import anyio
import docker
import yaml

from harness.languages import language, languages
from harness.languages.multipl_e import program_check
from harness.records import Job, Limits, Problem
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import find_image
from harness.suites.extraction import extract

CASES = yaml.safe_load((Path(__file__).parents[1] / "tests" / "languages" / "hostile.yaml").read_text(encoding="utf-8"))
ROUNDS = 10
LIMITS = Limits(cpu_s=10, wall_s=60, memory_mb=1024, processes=256, file_mb=64)


def made_up(name: str) -> tuple[Problem, str]:
    """The problem and a right program for it."""
    case = CASES[name]
    function, check = program_check(name, language(name), case["prompt"], case["tests"])
    problem = Problem(task_id=name, prompt=case["prompt"], prefix=case["prompt"], entry_point=function, check=check)
    return problem, extract(f"```\n{case['right']}```\n", problem, "chat").source or ""


def bare(name: str, problem: Problem, program: str) -> float:
    """Seconds per build and run of the bare toolchain."""
    check = problem.check
    assert check.kind == "program"
    files = {**check.files, check.program: program + check.files.get(check.program, "")}
    lines = [f"printf %s {shlex.quote(text)} > {name_}" for name_, text in files.items()]
    lines += [
        " ".join([*(f"{key}={value}" for key, value in step.env.items()), shlex.join(step.command), ">/dev/null"])
        for step in check.steps
    ]
    once = " && ".join(["rm -rf /tmp/w", "mkdir /tmp/w", "cd /tmp/w", *lines])
    script = f"for i in $(seq {ROUNDS + 1}); do [ $i = 2 ] && date +%s.%N; {once} || exit 1; done; date +%s.%N"
    client = docker.from_env()
    container = client.containers.run(
        find_image(language=name).tag, ["-c", script], entrypoint="sh", network_mode="none", detach=True
    )
    try:
        status = container.wait(timeout=600)["StatusCode"]
        said = container.logs(stderr=False).decode().split()
        if status:
            raise SystemExit(f"{name}: the bare toolchain failed: {container.logs().decode()[-2000:]}")
    finally:
        container.remove(force=True)
        client.close()
    return (float(said[-1]) - float(said[0])) / ROUNDS


async def sandboxed(name: str, problem: Problem, program: str) -> float:
    """Seconds per sample in the sandbox, one container."""
    spent = []
    async with DockerSandbox(language=name, parallel=1) as sandbox:
        for number in range(ROUNDS + 1):
            started = time.perf_counter()
            job = Job(id=f"{name}/{number}", program=program, check=problem.check, limits=LIMITS)
            outcome = await sandbox.run(job)
            spent.append(time.perf_counter() - started)
            if outcome.verdict != "passed":
                raise SystemExit(f"{name}: {outcome.verdict}: {outcome.detail}")
    return statistics.mean(spent[1:])


def main() -> None:
    """Print one row for each language."""
    print("| language | bare toolchain, s | sandbox, s | ratio | samples/s, one container |")
    print("| --- | --- | --- | --- | --- |")
    for name in sys.argv[1:] or languages():
        problem, program = made_up(name)
        alone, ours = bare(name, problem, program), anyio.run(sandboxed, name, problem, program)
        cells = [language(name).title, f"{alone:.2f}", f"{ours:.2f}", f"{ours / alone:.2f}", f"{1 / ours:.1f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
