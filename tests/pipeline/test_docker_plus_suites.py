"""HumanEval+ and MBPP+ in the real sandbox: references pass, programs that are nearly right do not."""

from dataclasses import replace

import anyio
import pytest

from harness.pipeline.check import check_suite
from harness.records import Job, Outcome, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.settings import Settings
from harness.suites import Suite, load_suite
from tests.suites.data_sets import SHARED, needs_shared

pytestmark = [pytest.mark.docker, needs_shared]

LISTED = (*(2, 7, 88, 111, 140, 232, 558, 579, 581, 630, 737, 769, 787, 794), *range(14, 810, 60))


def suite(name: str) -> Suite:
    """The published suite."""
    return load_suite(name, settings=Settings(data_dir=SHARED))


def surprises(of: Suite) -> list[str]:
    """References of the suite that did not pass."""

    async def check() -> list[str]:
        async with DockerSandbox() as sandbox:
            found = await check_suite(of, sandbox)
            assert found.references_passed + len(found.surprises) == len(of.problems)
            assert set(found.modes) == {"split"}
            return found.surprises

    return anyio.run(check)


@pytest.mark.usefixtures("sandbox_image")
@pytest.mark.parametrize("name", ["humanevalplus", "mbppplus"])
def test_references_pass_a_sample_of_the_problems(name: str) -> None:
    """False fails prevented: special rules, tolerances, match objects and computed results, through the split judge."""
    whole = suite(name)
    numbers = {f"Mbpp/{number}" for number in LISTED} | {
        f"HumanEval/{number}" for number in (2, 4, 14, 32, 83, 139, 160)
    }
    some = tuple(p for p in whole.problems if p.task_id in numbers)
    assert len(some) > 6
    assert surprises(replace(whole, problems=some)) == []


@pytest.mark.slow
@pytest.mark.usefixtures("sandbox_image")
@pytest.mark.parametrize("name", ["humanevalplus", "mbppplus"])
def test_every_reference_passes(name: str) -> None:
    """All 164 and all 378, a result of 1.7 million tuples (Mbpp/255) included."""
    assert surprises(suite(name)) == []


@pytest.mark.usefixtures("sandbox_image")
@pytest.mark.parametrize(
    ("name", "task_id", "change", "verdict", "stages"),
    [
        ("humanevalplus", "HumanEval/53", ("return x + y", "return x + y + (x > 10**6)"), Verdict.FAILED, ("base",)),
        ("humanevalplus", "HumanEval/53", ("return x + y", "return x - y"), Verdict.FAILED, ()),
        ("humanevalplus", "HumanEval/2", ("return ", "return 1e-5 + "), Verdict.FAILED, ()),
        ("humanevalplus", "HumanEval/2", ("return ", "return 1e-8 + "), Verdict.PASSED, ("base",)),
        ("humanevalplus", "HumanEval/2", ("return ", "return str, "), Verdict.FAILED, ()),
        ("mbppplus", "Mbpp/2", ("return tuple(", "return iter("), Verdict.PASSED, ("base",)),
        ("mbppplus", "Mbpp/737", ("return ", "return not "), Verdict.FAILED, ()),
    ],
)
def test_what_is_nearly_right_is_judged_by_the_rules(
    name: str, task_id: str, change: tuple[str, str], verdict: Verdict, stages: tuple[str, ...]
) -> None:
    """Prevents false passes and false fails of changed references, and base verdicts that do not fit."""
    problem = suite(name).problem(task_id)
    assert problem.reference is not None
    program = problem.reference.replace(*change)
    assert program != problem.reference

    async def judged() -> Outcome:
        async with DockerSandbox(parallel=1) as sandbox:
            return await sandbox.run(Job(id="1", program=program, check=problem.check, limits=problem.limits))

    outcome = anyio.run(judged)
    assert (outcome.verdict, outcome.stages) == (verdict, stages), outcome.detail
