"""Whose fault it is: pure decisions of the Docker sandbox, and the suite that judges sandboxes."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import pytest
from pydantic import JsonValue

from harness.errors import SandboxError, UserError
from harness.languages import languages
from harness.records import Job, Outcome, Verdict
from harness.sandboxes.cell import CellError
from harness.sandboxes.conformance import CASES, QUICK, cases_of, check_sandbox
from harness.sandboxes.docker import charged, doubtful

MakeJob = Callable[..., Job]
DIED = CellError("container_died", "The container ended with status 9.", Verdict.ERROR)
DROWNED = CellError("container_died", "The container ran out of memory.", Verdict.OUT_OF_MEMORY)
AWAY = CellError("engine_away", "The Docker engine does not answer.")


@pytest.mark.parametrize(
    ("verdict", "by_wall", "expected"),
    [
        (Verdict.TIMEOUT, True, True),
        (Verdict.TIMEOUT, False, False),
        (Verdict.OUT_OF_MEMORY, False, True),
        (Verdict.PASSED, False, False),
        (Verdict.ERROR, False, False),
    ],
)
def test_what_the_machine_could_have_done_is_doubted(verdict: Verdict, by_wall: bool, expected: bool) -> None:
    """A timeout by the wall clock and a lack of memory are run again: prevents a false verdict from a busy machine."""
    assert doubtful(Outcome(id="x", verdict=verdict, by_wall=by_wall)) is expected


def test_a_program_that_kills_every_container_is_charged(job: MakeJob) -> None:
    """A container that dies each time, also alone, is the program's doing."""
    outcome = charged(job("x"), [DIED, DIED, DIED])
    assert outcome.verdict is Verdict.ERROR
    assert "status 9" in outcome.detail


def test_memory_is_charged_as_memory(job: MakeJob) -> None:
    """A container that runs out of memory each time is the program's out_of_memory."""
    assert charged(job("x"), [DROWNED, DIED, DROWNED]).verdict is Verdict.OUT_OF_MEMORY


@pytest.mark.parametrize("faults", [[DIED, DIED, AWAY], [AWAY, DIED, DIED], [DROWNED, AWAY, DIED]])
def test_one_fault_of_ours_clears_the_program(job: MakeJob, faults: list[CellError]) -> None:
    """Where one try failed for a reason of the machine's there is no verdict: prevents a false error."""
    with pytest.raises(SandboxError) as caught:
        charged(job("x"), faults)
    assert caught.value.reason == faults[-1].reason


class Gullible:
    """A sandbox that passes everything, or breaks on everything."""

    def __init__(self, broken: bool) -> None:
        self.broken = broken
        self.seen: list[str] = []
        self.parallel = 4

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def describe(self) -> dict[str, JsonValue]:
        """Nothing to say."""
        return {}

    async def run(self, job: Job) -> Outcome:
        """Pass, or break."""
        self.seen.append(job.id)
        if self.broken:
            raise SandboxError("broken", reason="broken")
        return Outcome(id=job.id, verdict=Verdict.PASSED)


@pytest.mark.anyio
async def test_a_gullible_sandbox_is_found_out() -> None:
    """A sandbox that passes everything fails every case but the passing ones, and the result says which."""
    results = await check_sandbox(Gullible(broken=False))
    assert [result.case for result in results] == list(CASES)
    assert all(result.ok == (Verdict.PASSED in result.case.accept) for result in results)
    assert "equals_everything: passed, expected failed or error" in "\n".join(map(str, results))


@pytest.mark.anyio
async def test_a_broken_sandbox_is_reported_case_by_case() -> None:
    """A sandbox that breaks passes no case, and its words are kept."""
    results = await check_sandbox(Gullible(broken=True), QUICK)
    assert not any(result.ok for result in results)
    assert all("broken" in result.error for result in results)


def test_the_suite_covers_the_verdicts() -> None:
    """Every verdict that a sandbox can give is expected by some case, and names are unique."""
    assert len({case.name for case in CASES}) == len(CASES) >= 35
    assert {verdict for case in CASES for verdict in case.accept} == set(Verdict) - {Verdict.NO_CODE}
    assert len(QUICK) == 6


@pytest.mark.parametrize("name", list(languages()))
def test_the_few_programs_of_a_language_cover_its_verdicts(name: str) -> None:
    """Before an eval in any language a right, a wrong, a looping, a hungry and a broken program are tried."""
    quick = cases_of(name, quick=True)
    found = {verdict for case in quick for verdict in case.accept}
    assert set(Verdict) - found <= {Verdict.NO_CODE, Verdict.OUTPUT_LIMIT}
    assert 0 < len(quick) < len(cases_of(name)) == len({case.name for case in cases_of(name)})


def test_an_unknown_language_has_no_cases() -> None:
    """A misspelt language is named, and not taken for one in which nothing can go wrong."""
    with pytest.raises(UserError, match="cobol"):
        cases_of("cobol")


@pytest.mark.anyio
async def test_a_sandbox_that_counts_wrongly_is_found_out() -> None:
    """False points prevented: a passed test file must have the measures that it earned."""
    [good] = [case for case in cases_of("go") if case.name == "tests/good"]
    [result] = await check_sandbox(Gullible(broken=False), [good])
    assert not result.ok
    assert "tests/good: passed, executed 0, tests 0" in str(result)
    assert "expected passed, executed 1, tests 1" in str(result)
