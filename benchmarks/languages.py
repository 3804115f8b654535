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

import anyio
import docker

from harness.checks import ProgramCheck, Step, TestsCheck
from harness.languages import language, languages
from harness.languages.testing import commands
from harness.sandboxes.cases import Case
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import find_image
from harness.sandboxes.language_cases import cases_in

ROUNDS = 10


def right(name: str) -> list[Case]:
    """A right program with its check, and a good file of tests with its own, where the language has tests."""
    return [case for case in cases_in(name) if case.name in ("programs/right", "tests/good")]


def bare(name: str, case: Case) -> float:
    """Seconds per build and run of the bare toolchain."""
    check = case.check
    if isinstance(check, TestsCheck):
        files = {**check.files, check.answer: case.program}
        steps = [Step(**step) for step in commands(check)["steps"]]
    else:
        assert isinstance(check, ProgramCheck)
        files = {**check.files, check.program: case.program + check.files.get(check.program, "")}
        steps = list(check.steps)
    lines = [f"mkdir -p $(dirname {path}) && printf %s {shlex.quote(text)} > {path}" for path, text in files.items()]
    for step in steps:
        settings = [f"{key}={value}" for key, value in step.env.items()]
        lines.append(" ".join(["echo token |", *settings, shlex.join(step.command), ">/dev/null"]))
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


async def sandboxed(name: str, case: Case) -> float:
    """Seconds per sample in the sandbox, one container."""
    spent = []
    async with DockerSandbox(language=name, parallel=1) as sandbox:
        for _ in range(ROUNDS + 1):
            started = time.perf_counter()
            outcome = await sandbox.run(case.job())
            spent.append(time.perf_counter() - started)
            if outcome.verdict != "passed":
                raise SystemExit(f"{name}: {outcome.verdict}: {outcome.detail}")
    return statistics.mean(spent[1:])


def main() -> None:
    """Print one row for each language."""
    print("| language | bare toolchain, s | sandbox, s | ratio | samples/s, one container |")
    print("| --- | --- | --- | --- | --- |")
    for name in sys.argv[1:] or languages():
        for case in right(name):
            alone, ours = bare(name, case), anyio.run(sandboxed, name, case)
            title = language(name).title + (", a file of tests" if case.name.startswith("tests") else "")
            cells = [title, f"{alone:.2f}", f"{ours:.2f}", f"{ours / alone:.2f}", f"{1 / ours:.1f}"]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
