"""From a recorded sample to the program that the sandbox runs, and to what is measured of the sample beside it."""

from collections.abc import Mapping

from harness.records import Problem, Program, PromptMode, Sample, TestsCheck
from harness.suites.extraction import assemble, extract
from harness.suites.extraction.testfile import Reading, given_test_file, read_test_file


def program_of(sample: Sample, problem: Problem, mode: PromptMode, stop: tuple[str, ...] = ()) -> Program:
    """Extract a model's own answer; take somebody else's sample as the program it claims to be."""
    if isinstance(problem.check, TestsCheck):
        return test_file_of(sample, problem.check).program
    if sample.raw:
        return extract(sample.completion or "", problem, mode, stop=stop)
    return assemble(sample.completion, sample.solution, problem)


def test_file_of(sample: Sample, check: TestsCheck) -> Reading:
    """The test file of a sample, and what is measured of the answer itself."""
    if sample.solution is not None:
        return given_test_file(sample.solution, check.language)
    return read_test_file(sample.completion, check.language)


def measures_of(sample: Sample, problem: Problem, observed: Mapping[str, float]) -> dict[str, float]:
    """All that is measured of one sample: of the answer, what the sandbox `observed`, and what follows from both.

    `files-executed`: the tests ran and all passed; `coverage-statement`: they did and covered every statement;
    `mutation-score`: they did, and this is the share of the mutants on which they fail.
    """
    check = problem.check
    if not isinstance(check, TestsCheck):
        return dict(observed)
    seen = {name: observed.get(name, 0.0) for name in ("executed", "tests", "tests_passed", "statements", "covered")}
    good = bool(seen["executed"]) and seen["tests"] == seen["tests_passed"]
    good = good and (seen["tests"] > 0 or not check.tests_required)
    answer = test_file_of(sample, check)
    if answer.program.source is None:  # a blank answer is an empty file, which compiles and has no test to fail
        said = answer.measures
        good = not check.tests_required and said["response-no-error"] > said["response-not-empty"]
    measures = {
        **answer.measures,
        **seen,
        "files-executed": float(good),
        "coverage-statement": float(good and seen["tests"] > 0 and seen["covered"] == seen["statements"]),
    }
    if check.mutants:
        killed = observed.get("killed", 0.0)
        measures |= {"mutants": float(len(check.mutants)), "killed": killed}
        measures["mutation-score"] = killed / len(check.mutants) if good else 0.0
    return measures
