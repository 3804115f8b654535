"""The attack corpus in warm containers: forgeries, escapes, interference, resource hogs, odd programs that are right.

The cases lie beside the project (../shared/data/attacks, not ours to copy). Each group runs between two right programs
and a wrong one in the same container, so that what it does to its neighbours shows.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from harness.records import Job, Outcome, Problem, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import ImageInfo
from harness.suites import Suite, load_suite
from harness.suites.extraction import assemble

DATA = Path(__file__).parents[3] / "shared" / "data"
EVIDENCE = ("HK-EVIDENCE", "LEAK", "PWNED")
GOOD = {"id": "good", "task_id": "HumanEval/53", "completion": "    return x + y\n", "expected": "pass"}
BAD = {"id": "bad", "task_id": "HumanEval/53", "completion": "    return x - y\n", "expected": "fail"}

pytestmark = [
    pytest.mark.docker,
    pytest.mark.anyio,
    pytest.mark.skipif(not (DATA / "attacks").is_dir(), reason=f"the attack corpus is not in {DATA}"),
]


def groups(plus: bool) -> Iterator[list[dict[str, Any]]]:
    """Cases that belong together, in their order; most stand alone.

    For the plus suite those to which calls sent ahead could matter, less those that are meant for the base inputs only.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((DATA / "attacks").glob("*.jsonl")):
        for case in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            meant = case["category"] in ("forge", "benign") and not case.get("base_only") if plus else True
            if "completion" in case and case["category"] != "fault" and meant:
                found.setdefault(case.get("seq") or case["id"], []).append(case)
    for group in found.values():
        yield sorted(group, key=lambda case: int(case.get("order") or 0))


def job(case: dict[str, Any], problem: Problem, number: int) -> Job:
    """The case as its adapter would hand it over, under limits that keep the test short."""
    whole = case.get("mode") == "solution"
    text = case["completion"]
    program = assemble(None if whole else text, text if whole else None, problem)
    limits = problem.limits.model_copy(update={"cpu_s": 3.0, "wall_s": 6.0})
    return Job(id=f"{case['id']}#{number}", program=program.source or "", check=problem.check, limits=limits)


def complaint(case: dict[str, Any], outcome: Outcome) -> str | None:
    """What is wrong with the outcome of a case, if anything."""
    if (outcome.verdict is Verdict.PASSED) != (case["expected"] == "pass"):
        return f"{case['id']}: expected {case['expected']}, got {outcome.verdict}: {outcome.detail}"
    if any(word in outcome.output for word in EVIDENCE):
        return f"{case['id']}: {outcome.output[-300:]}"
    return None


@pytest.mark.parametrize("name", ["humaneval", pytest.param("humanevalplus", marks=pytest.mark.slow)])
async def test_no_attack_wins_anything(sandbox_image: ImageInfo, name: str) -> None:
    """False passes, escapes and changed neighbours prevented, with calls sent ahead (HumanEval+) and without."""
    suite = load_suite(name, data=DATA / "suites")
    waiting, wrong = groups(plus=name == "humanevalplus"), []

    async def work() -> None:
        async with DockerSandbox(parallel=1, image=sandbox_image.tag) as sandbox:
            for group in waiting:
                wrong.extend(await tried([GOOD, *group, GOOD, BAD], suite, sandbox))

    async with anyio.create_task_group() as workers:
        for _ in range(2):
            workers.start_soon(work)
    assert wrong == []


async def tried(cases: list[dict[str, Any]], suite: Suite, sandbox: DockerSandbox) -> list[str]:
    """Run the cases one after the other; what was wrong."""
    found = []
    for number, case in enumerate(cases):
        outcome = await sandbox.run(job(case, suite.problem(case["task_id"]), number))
        found.append(complaint(case, outcome))
    return [text for text in found if text]
