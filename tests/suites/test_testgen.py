"""Our own suite of tests as answers: what ships is what its cases say."""

import ast
import json
import runpy
from collections import Counter
from pathlib import Path

import pytest
import yaml

from harness.checks import TestsCheck
from harness.suites import Suite, load_suite

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def testgen() -> Suite:
    """The suite."""
    return load_suite("testgen")


def test_the_problems_are_those_that_the_cases_make() -> None:
    """problems.jsonl is what scripts/testgen.py writes: nobody edits it, or forgets to make it anew."""
    made = runpy.run_path(str(ROOT / "scripts" / "testgen.py"))["row"]
    cases = yaml.safe_load((ROOT / "suites" / "testgen" / "cases.yaml").read_text(encoding="utf-8"))
    rows = [made(case, language) for language in ("go", "java", "python") for case in cases]
    lines = (ROOT / "suites" / "testgen" / "problems.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == rows


def test_each_case_is_there_in_each_language_with_tests_that_must_be_refused(testgen: Suite) -> None:
    """Twenty real cases and the empty one, three languages each, and known-bad tests for all of them."""
    assert Counter(problem.task_id.partition("/")[0] for problem in testgen.problems) == dict.fromkeys(
        ("go", "java", "python"), 21
    )
    assert all(problem.reference and problem.known_bad for problem in testgen.problems)


def test_every_mutant_is_python_and_another_program_than_the_original(testgen: Suite) -> None:
    """A mutant that is no Python, or no mutant, would be noticed by all tests, or by none."""
    for problem in testgen.problems:
        assert isinstance(problem.check, TestsCheck)
        [*trees] = (ast.dump(ast.parse(text)) for mutant in problem.check.mutants for text in mutant.values())
        own = [ast.dump(ast.parse(text)) for text in problem.check.files.values() if trees]
        assert len(set(trees + own)) == len(trees) + len(own)
