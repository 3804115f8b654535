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

from harness.languages import language, languages
from harness.sandboxes.cases import Case
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import find_image
from harness.sandboxes.language_cases import cases_in

ROUNDS = 10


def right(name: str) -> Case:
    """A right program and its check."""
    return next(case for case in cases_in(name) if case.name == "programs/right")


def bare(name: str, case: Case) -> float:
    """Seconds per build and run of the bare toolchain."""
    program, check = case.program, case.check
    assert check is not None
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
        alone, ours = bare(name, right(name)), anyio.run(sandboxed, name, right(name))
        cells = [language(name).title, f"{alone:.2f}", f"{ours:.2f}", f"{ours / alone:.2f}", f"{1 / ours:.1f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
