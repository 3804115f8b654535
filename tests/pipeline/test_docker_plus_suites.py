"""HumanEval+ and MBPP+ in the real sandbox: references pass, programs that are nearly right do not."""

import anyio
import pytest

from harness.pipeline.check import check_suite
from harness.records import Job, Outcome, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.settings import Settings
from harness.suites import Suite, load_suite
from tests.suites.data_sets import SHARED, needs_shared

pytestmark = [pytest.mark.docker, needs_shared]


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


@pytest.mark.slow
@pytest.mark.usefixtures("sandbox_image")
@pytest.mark.parametrize("name", ["humanevalplus", "mbppplus"])
def test_every_reference_passes(name: str) -> None:
    """False fails prevented: all 164 and all 378, special rules, tolerances, match objects, computed results."""
    assert surprises(suite(name)) == []


@pytest.mark.usefixtures("sandbox_image")
@pytest.mark.parametrize(
    ("name", "task_id", "change", "verdict", "stages"),
    [
        ("humanevalplus", "HumanEval/53", ("return x + y", "return x + y + (x > 10**6)"), Verdict.FAILED, ("base",)),
        ("humanevalplus", "HumanEval/53", ("return x + y", "return x - y"), Verdict.FAILED, ()),
        (
            "humanevalplus",
            "HumanEval/53",
            ("return x + y", "while x > 10**6: pass\n    return x + y"),
            Verdict.TIMEOUT,
            ("base",),
        ),
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
