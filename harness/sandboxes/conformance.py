"""The one suite that every sandbox must pass: it is what `harness sandbox check` and the start of an eval run.

A sandbox that gives one of these programs another verdict than the case accepts cannot be trusted with any other.
"""

from collections.abc import Sequence

import anyio

from harness.errors import SandboxError
from harness.records import Outcome, Record
from harness.sandboxes.base import Sandbox
from harness.sandboxes.cases import VALUES, Case
from harness.sandboxes.forged_cases import FORGED
from harness.sandboxes.hostile_cases import HOSTILE
from harness.sandboxes.odd_cases import ODD
from harness.sandboxes.resource_cases import RESOURCES

CASES: tuple[Case, ...] = VALUES + ODD + RESOURCES + FORGED + HOSTILE

QUICK: tuple[Case, ...] = tuple(
    case
    for case in CASES
    if case.name in ("correct", "wrong", "endless_loop", "memory_eater", "equals_everything", "hard_exit")
)
"""About two seconds: correct, wrong, looping, memory-eating, cheating and crashing."""


class CaseResult(Record):
    """What a sandbox made of a case: an outcome, or the error that left it without one."""

    case: Case
    outcome: Outcome | None
    error: str = ""

    @property
    def ok(self) -> bool:
        """True where the verdict is one that the case accepts."""
        return self.outcome is not None and self.outcome.verdict in self.case.accept

    def __str__(self) -> str:
        """One line for a person."""
        got = self.outcome.verdict.value if self.outcome else f"no verdict ({self.error})"
        expected = " or ".join(verdict.value for verdict in self.case.accept)
        return f"{self.case.name}: {got}" + ("" if self.ok else f", expected {expected}. {self.case.says}")


async def check_sandbox(sandbox: Sandbox, cases: Sequence[Case] = CASES) -> list[CaseResult]:
    """Run the cases in an entered sandbox, as many at once as it takes, and return a result for each in their order.

    Cases with a program before them run one by one at the end, so that the two really follow each other.
    """
    results: dict[str, CaseResult] = {}

    async def check(case: Case) -> None:
        results[case.name] = await check_case(sandbox, case)

    async with anyio.create_task_group() as tasks:
        for case in cases:
            if not case.before:
                tasks.start_soon(check, case)
    for case in cases:
        if case.before:
            await check(case)
    return [results[case.name] for case in cases]


async def check_case(sandbox: Sandbox, case: Case) -> CaseResult:
    """Run one case in an entered sandbox."""
    try:
        if case.before:
            await sandbox.run(case.job(case.before))
        return CaseResult(case=case, outcome=await sandbox.run(case.job()))
    except SandboxError as error:
        return CaseResult(case=case, outcome=None, error=str(error))
