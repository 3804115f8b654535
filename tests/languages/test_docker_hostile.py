"""Programs in other languages that cheat, crash or take too much, in real containers beside neighbours."""

from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml

from harness.languages import language, languages
from harness.languages.multipl_e import program_check
from harness.records import Job, Limits, Outcome, Problem
from harness.sandboxes.docker import DockerSandbox
from harness.suites.extraction import extract

CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("hostile.yaml").read_text(encoding="utf-8"))
LIMITS = Limits(cpu_s=3, wall_s=60, memory_mb=768, processes=256, file_mb=64, output_mb=4)
REFUSED = ["failed", "error"]


@pytest.fixture
def anyio_backend() -> str:
    """Only asyncio: it is what the pipeline runs on."""
    return "asyncio"


def problem_of(name: str) -> Problem:
    """The made-up problem of a language."""
    case = CASES[name]
    function, check = program_check(name, language(name), case["prompt"], case["tests"])
    content = {"prompt": case["prompt"], "prefix": case["prompt"], "check": check, "limits": LIMITS}
    return Problem(task_id=f"{name}/twice", entry_point=function, **content)


@pytest.mark.docker
@pytest.mark.anyio
@pytest.mark.parametrize("name", list(languages()))
async def test_no_program_gets_a_pass_that_it_has_not_earned(name: str) -> None:
    """A program that leaves early, patches what compares or writes results itself never passes; nor its neighbour."""
    problem, case = problem_of(name), CASES[name]
    right = case["right"]
    wrong = right.replace("2 * x", "3 * x")
    surprises: dict[str, str] = {}

    async def judged(sandbox: Any, label: str, text: str, accepted: list[str]) -> None:
        source = extract(f"```\n{text}```\n", problem, "chat").source
        job = Job(id=label, program=source or "", check=problem.check, limits=problem.limits)
        outcome: Outcome = await sandbox.run(job)
        if outcome.verdict.value not in accepted:
            surprises[label] = f"{outcome.verdict}, expected {accepted}: {outcome.detail}\n{outcome.output[-1000:]}"

    async with DockerSandbox(language=name, parallel=2) as sandbox:
        limiter = anyio.CapacityLimiter(2)

        async def between_neighbours(label: str, one: dict[str, Any]) -> None:
            async with limiter:
                await judged(sandbox, label, one["program"], one.get("verdicts", REFUSED))
                await judged(sandbox, f"right after {label}", right, ["passed"])
                await judged(sandbox, f"wrong after {label}", wrong, ["failed"])

        async with anyio.create_task_group() as group:
            for label, one in case["programs"].items():
                group.start_soon(between_neighbours, label, one)
    assert not surprises
