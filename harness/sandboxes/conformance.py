"""The one suite that every sandbox must pass: it is what `harness sandbox check` and the start of an eval run.

A sandbox that gives one of these programs another verdict than the case accepts cannot be trusted with any other.
"""

from collections.abc import Sequence

import anyio

from harness.checks import PYTHON
from harness.errors import SandboxError
from harness.records import Outcome, Record
from harness.sandboxes.base import Sandbox
from harness.sandboxes.cases import VALUES, Case
from harness.sandboxes.forged_cases import FORGED
from harness.sandboxes.hostile_cases import HOSTILE
from harness.sandboxes.language_cases import cases_in, quick_cases_in
from harness.sandboxes.odd_cases import ODD
from harness.sandboxes.resource_cases import RESOURCES

CASES: tuple[Case, ...] = VALUES + ODD + RESOURCES + FORGED + HOSTILE

QUICK: tuple[Case, ...] = tuple(
    case
    for case in CASES
    if case.name in ("correct", "wrong", "endless_loop", "memory_eater", "equals_everything", "hard_exit")
)
"""About two seconds: correct, wrong, looping, memory-eating, cheating and crashing."""


def cases_of(language: str = PYTHON, *, quick: bool = False) -> tuple[Case, ...]:
    """All cases for programs and files of tests in a language, or the few that stand before an eval.

    Raises:
        UserError: there is no such language.
    """
    found = quick_cases_in(language) if quick else cases_in(language)
    return ((QUICK if quick else CASES) if language == PYTHON else ()) + found


class CaseResult(Record):
    """What a sandbox made of a case: an outcome, or the error that left it without one."""

    case: Case
    outcome: Outcome | None
    error: str = ""

    @property
    def ok(self) -> bool:
        """True where the verdict is one that the case accepts, and the measures are those that it must have."""
        return self.outcome is not None and self.outcome.verdict in self.case.accept and not self._differing

    @property
    def _differing(self) -> dict[str, float]:
        """The measures that are not as they must be; one that is not there counts as 0."""
        found = self.outcome.measures if self.outcome else {}
        return {name: found.get(name, 0) for name, must in self.case.measures.items() if found.get(name, 0) != must}

    def __str__(self) -> str:
        """One line for a person."""
        got = self.outcome.verdict.value if self.outcome else f"no verdict ({self.error})"
        got += "".join(f", {name} {value:g}" for name, value in self._differing.items())
        expected = " or ".join(verdict.value for verdict in self.case.accept)
        expected += "".join(f", {name} {self.case.measures[name]:g}" for name in self._differing)
        return f"{self.case.name}: {got}" + ("" if self.ok else f", expected {expected}. {self.case.says}".rstrip())


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
