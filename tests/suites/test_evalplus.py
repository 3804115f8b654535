"""The checks of HumanEval+ and MBPP+, made from the scripts in EvalPlus's data sets."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UserError
from harness.records import Problem
from harness.suites import Suite, load_definition, load_suite
from harness.suites.definition import BASE_INPUTS, KNOWN_RESULTS, EvalPlusCheckMap, Special
from harness.suites.evalplus import evalplus_check, results_digest
from harness.suites.rows import Row
from tests.suites.data_sets import NO_SETTINGS, SHARED, humanevalplus_rows, mbppplus_rows, needs_shared, written

Rows = list[dict[str, Any]]


def load(folder: Path, name: str, rows: Rows) -> Suite:
    """A plus suite with rows of our own."""
    return load_suite(name, data=written(folder, rows), settings=NO_SETTINGS, allow_changed=True)


def test_listed_results_become_cases_with_their_base_inputs_counted(tmp_path: Path) -> None:
    """The data's lines are taken over as text, numpy and the comparison are not; the count is the suite's own."""
    check = load(tmp_path, "humanevalplus", humanevalplus_rows()).problem("HumanEval/1").check
    assert check.setup.splitlines() == [
        f"inputs = {[[n] for n in range(8)]}",
        f"results = {[n + 1 for n in range(8)]}",
        "__cases__ = Cases(inputs, results, 4, 0, '')",
    ]
    assert (check.functions, check.stages) == (("add_1",), ("base",))
    assert check.test == "__cases__.check_base(add_1)\n__stage__()\n__cases__.check_plus(add_1)\n"


def test_where_results_are_not_listed_the_reference_computes_them(tmp_path: Path) -> None:
    """The judge gets the data's own reference with its imports."""
    setup = load(tmp_path, "humanevalplus", humanevalplus_rows()).problem("HumanEval/10").check.setup
    assert setup.startswith("from math import floor\n")
    assert "def ref_func(n):" in setup
    assert "Cases(inputs, Computed(ref_func), 5, 0, '')" in setup


def test_what_results_are_known_by_counts_for_that_reference_and_those_inputs_only(tmp_path: Path) -> None:
    """Prevents a false verdict by digests of other data: a changed copy, or another suite's problem of the same id."""
    rows = humanevalplus_rows()
    definition = load_definition("humanevalplus").model_copy(update={"folder": tmp_path})
    problem = load(tmp_path, "humanevalplus", rows).problem("HumanEval/10")
    digest = results_digest("\n".join(problem.check.setup.splitlines()[:-1]))
    (tmp_path / KNOWN_RESULTS).write_text(f"HumanEval/10 {digest} one:1 -\n", encoding="utf-8")
    (tmp_path / BASE_INPUTS).write_text("5  HumanEval/10\n", encoding="utf-8")
    assert isinstance(definition.check, EvalPlusCheckMap)

    def setup(row: dict[str, Any]) -> list[str]:
        check = evalplus_check(definition, definition.check, "HumanEval/10", Row("x", row), Special(reason=""))
        return check.setup.splitlines()

    assert setup(rows[2])[-2:] == [
        "known = 'one:1 -'.split()",
        "__cases__ = Cases(inputs, Computed(ref_func, known), 5, 0, '')",
    ]
    for old, new in (("+ 10", "+ 11"), ("[7]", "[8]")):
        changed = {**rows[2], "test": rows[2]["test"].replace(old, new)}
        assert changed != rows[2]
        assert "Computed(ref_func)" in setup(changed)[-1]


def test_mbpp_plus_names_its_function_and_tolerance_in_the_script(tmp_path: Path) -> None:
    """And its ids are EvalPlus's; problems with a rule of their own get it from suite.yaml."""
    suite = load(tmp_path, "mbppplus", mbppplus_rows())
    assert [problem.task_id for problem in suite.problems] == ["Mbpp/2", "Mbpp/3", "Mbpp/7"]
    assert suite.resolve(3) == suite.resolve("MBPP/3") == "Mbpp/3"
    assert suite.problem(3).entry_point == "add_3"
    assert "Cases(inputs, results, 5, 0.0001, '')" in suite.problem(3).check.setup
    assert "Cases(inputs, results, 3, 0.0001, 'same_set')" in suite.problem(7).check.setup
    assert suite.problem(3).check.setup.startswith("from math import inf\n")


@pytest.mark.parametrize("broken", ["inputs = 7", "", "inputs = [[1]]\nassert add_1(1) == 2"])
def test_a_test_of_another_form_is_refused(tmp_path: Path, broken: str) -> None:
    """Prevents a false pass: a row without inputs or comparison is never a check that asks nothing."""
    rows = humanevalplus_rows()
    rows[0]["test"] = broken
    with pytest.raises(UserError, match="line 1: the test is not in EvalPlus's form"):
        load(tmp_path, "humanevalplus", rows)


def test_a_problem_whose_base_inputs_nobody_counted_is_refused(tmp_path: Path) -> None:
    """Prevents a base verdict that is nobody's."""
    rows = humanevalplus_rows()
    rows[0]["task_id"] = "HumanEval/999"
    with pytest.raises(UserError, match=r"HumanEval/999 is no problem of humanevalplus"):
        load(tmp_path, "humanevalplus", rows)


@needs_shared
@pytest.mark.parametrize(
    ("name", "file", "calls"),
    [
        ("humanevalplus", "HumanEvalPlus-OriginFmt.jsonl.gz", 164),
        ("mbppplus", "MbppPlus-OriginFmt.jsonl.gz", 378),
    ],
)
def test_the_published_copies_load_whole(name: str, file: str, calls: int) -> None:
    """Every problem has a reference and cases with at least one base input, and the pins fit."""
    suite = load_suite(name, data=SHARED / file, settings=NO_SETTINGS)
    assert (len(suite.problems), suite.changed) == (calls, "")
    assert set(load_definition(name).base_inputs) == {problem.task_id for problem in suite.problems}
    for problem in suite.problems:
        assert problem.reference
        assert int(_cases(problem)[2]) >= 1


def _cases(problem: Problem) -> tuple[str, ...]:
    """The arguments of Cases: inputs, what is expected, how many are the base's, tolerance, rule."""
    line = problem.check.setup.splitlines()[-1]
    found = re.fullmatch(r"__cases__ = Cases\((inputs), (results|Computed\(.*\)), (\d+), ([^,]+), ('.*')\)", line)
    assert found, line
    return found.groups()


@needs_shared
def test_these_problems_have_known_results() -> None:
    """All whose results are computed, but Mbpp/88, whose are Counters."""
    computed = [
        (problem.task_id, _cases(problem)[1])
        for name in ("humanevalplus", "mbppplus")
        for problem in load_suite(name, data=SHARED, settings=NO_SETTINGS).problems
        if _cases(problem)[1] != "results"
    ]
    known = [f"HumanEval/{number}" for number in (14, 15, 83, 100, 130, 139)] + ["Mbpp/255", "Mbpp/630"]
    assert [task_id for task_id, cases in computed if "known" in cases] == known
    assert [task_id for task_id, cases in computed if "known" not in cases] == ["Mbpp/88"]


@needs_shared
@pytest.mark.parametrize(
    ("name", "task_id"),
    [
        *(("humanevalplus", f"HumanEval/{number}") for number in (14, 83, 100)),
        ("mbppplus", "Mbpp/630"),
        *(pytest.param("humanevalplus", f"HumanEval/{n}", marks=pytest.mark.slow) for n in (15, 130, 139)),
        pytest.param("mbppplus", "Mbpp/255", marks=pytest.mark.slow),
    ],
)
def test_known_results_are_those_of_the_reference(name: str, task_id: str) -> None:
    """False pass prevented: a digest in the suite that is not of what its reference returns."""
    suite = load_suite(name, data=SHARED, settings=NO_SETTINGS)
    *setup, _ = suite.problem(task_id).check.setup.splitlines()
    known = next(line.removeprefix("known = '").removesuffix("'.split()") for line in setup if line.startswith("known"))
    script = Path(__file__).parents[2] / "scripts" / "known_results.py"
    assert runpy.run_path(str(script))["known_results"]("\n".join(setup)) == known.split()


@needs_shared
def test_exactly_these_problems_have_a_rule_of_their_own() -> None:
    """Those that EvalPlus lists, as far as its release 0.2.0 of MBPP+ has them."""
    rules = {
        problem.task_id: _cases(problem)[4]
        for name in ("humanevalplus", "mbppplus")
        for problem in load_suite(name, data=SHARED, settings=NO_SETTINGS).problems
        if _cases(problem)[4] != "''"
    }
    sets = dict.fromkeys([f"Mbpp/{number}" for number in (2, 7, 111, 140, 232, 579, 769)], "'same_set'")
    matches = dict.fromkeys([f"Mbpp/{number}" for number in (737, 787, 794)], "'not_none'")
    own = {"HumanEval/32": "'root'", "Mbpp/558": "'or_padded_digits'", "Mbpp/581": "'or_height'"}
    assert rules == own | sets | matches
