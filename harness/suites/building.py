"""From a typed row to a problem, as the definition's templates say; pure, and the same for every suite."""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError

from harness.checks import Check, PythonCheck, TestsCheck
from harness.errors import UserError
from harness.languages import language
from harness.languages.multipl_e import program_check
from harness.records import Limits, Problem
from harness.suites.calls import candidate_names
from harness.suites.definition import (
    EvalPlusCheckMap,
    ProgramCheckMap,
    PythonCheckMap,
    Special,
    SuiteDefinition,
    TestsCheckMap,
)
from harness.suites.evalplus import evalplus_check
from harness.suites.prompting import fill
from harness.suites.rows import Row

_PLAIN = Special(reason="")


def build_problem(definition: SuiteDefinition, row: Row) -> Problem:
    """The problem of one row.

    Raises:
        UserError: the tests are not Python, call nothing of the candidate's, or a column holds what does not fit.
    """
    mapped, values = definition.problem, row.values
    task_id = fill(mapped.task_id, values)
    special = definition.special.get(task_id, _PLAIN)
    reference = fill(mapped.reference, values) if mapped.reference else None
    function, check = _check(definition, task_id, row, special, reference)
    content = {
        "task_id": task_id,
        "prompt": fill(mapped.prompt, values),
        "entry_point": fill(mapped.entry_point, values) if mapped.entry_point else function,
        "prefix": fill(mapped.prefix, values),
        "check": check,
        "reference": reference,
        "known_bad": values.get(mapped.known_bad, []) if mapped.known_bad else [],
        "limits": _limits(definition.limits, special.limits, values.get(mapped.limits) if mapped.limits else None),
        "fields": values,
    }
    try:
        return Problem.model_validate(content)
    except ValidationError as error:
        raise _misfit(definition, row, error) from error


def _limits(suite: Limits, special: Mapping[str, float], own: JsonValue) -> dict[str, JsonValue]:
    return {**suite.model_dump(), **special, **(own if isinstance(own, dict) else {})}


def _misfit(definition: SuiteDefinition, row: Row, error: ValidationError) -> UserError:
    """The error in the data set's own words: a part of the problem is named as its column."""
    columns = {"known_bad": definition.problem.known_bad, "limits": definition.problem.limits}
    part, *rest = error.errors()[0]["loc"]
    field = ".".join(str(step) for step in (columns.get(str(part)) or part, *rest))
    return UserError(f"{row.where}: field {field!r}: {error.errors()[0]['msg']}.", "Correct this row.")


def _check(
    definition: SuiteDefinition, task_id: str, row: Row, special: Special, reference: str | None
) -> tuple[str, Check]:
    """The function that is tested (the first of several), and the check."""
    mapped = definition.check
    if isinstance(mapped, ProgramCheckMap):
        return _program_check(definition, mapped, row)
    if isinstance(mapped, TestsCheckMap):
        return "", _tests_check(definition, mapped, row)
    if isinstance(mapped, EvalPlusCheckMap):
        check = evalplus_check(definition, mapped, task_id, row, special)
    else:
        check = _python_check(mapped, row, special, reference)
    return next(iter(check.functions), ""), check


def _program_check(definition: SuiteDefinition, mapped: ProgramCheckMap, row: Row) -> tuple[str, Check]:
    prompt, tests = fill(definition.problem.prompt, row.values), fill(mapped.tests, row.values)
    try:
        return program_check(definition.language, language(definition.language), prompt, tests)
    except ValueError as error:
        raise UserError(f"{row.where}: {error}.", "Is this MultiPL-E's own file?") from error


def _tests_check(definition: SuiteDefinition, mapped: TestsCheckMap, row: Row) -> TestsCheck:
    columns = {field: getattr(mapped, field) for field in ("files", "mutants", "tests_required")}
    content = {
        "language": fill(mapped.language, row.values),
        "answer": fill(mapped.answer, row.values),
        **{field: row.values[column] for field, column in columns.items() if column in row.values},
    }
    try:
        return TestsCheck.model_validate(content)
    except ValidationError as error:
        raise _misfit(definition, row, error) from error


def _python_check(mapped: PythonCheckMap, row: Row, special: Special, reference: str | None) -> PythonCheck:
    setup = fill(mapped.setup, row.values)
    if special.setup:
        setup = f"{special.setup}\n{setup}"
    test = fill(mapped.test, row.values)
    if special.classes:  # such setup builds objects of the candidate's, so it runs after the proxies are bound
        setup, test = "", f"{setup}\n{test}"
    if mapped.functions == "called_by_tests":
        functions = _called(row, test, setup, reference)
    else:
        functions = tuple(fill(template, row.values) for template in mapped.functions)
    functions = tuple(name for name in functions if name not in special.classes)
    return PythonCheck(setup=setup, functions=functions, classes=special.classes, test=test)


def _called(row: Row, test: str, setup: str, reference: str | None) -> tuple[str, ...]:
    try:
        names = candidate_names(test, setup, reference or "")
    except (SyntaxError, ValueError) as error:
        raise UserError(f"{row.where}: the tests are not valid Python: {error}.", "Correct this row.") from error
    if not names:
        raise UserError(f"{row.where}: the tests call no function of the candidate's.", "Correct this row.")
    return names
