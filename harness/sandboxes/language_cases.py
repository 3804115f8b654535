"""Conformance cases in the languages of the table, and files of tests: what harness/languages/cases/*.yaml say.

A language has `programs` (a made-up problem in MultiPL-E's form), `tests` (files under test), or both; each has `cases`
by name, whose fields are those of `_Row`. Where nothing is said, a program may only be refused, and a file of tests may
have any verdict but must have covered nothing.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from harness.checks import PYTHON, Check, Limits, TestsCheck
from harness.languages import language as row_of
from harness.languages.multipl_e import program_check
from harness.records import Record, Verdict
from harness.sandboxes.cases import REFUSED, Case

_LIMITS = Limits(cpu_s=5, wall_s=60, memory_mb=768, processes=256, file_mb=64, output_mb=4)
_ANY = tuple(verdict for verdict in Verdict if verdict is not Verdict.NO_CODE)


class _Row(Record):
    """One case: the verdicts that it may get, what must be measured of it, and whether it runs before an eval.

    `cpu_s` is a limit of its own on CPU time, `before` the case whose program runs just before it in the same sandbox.
    """

    program: str
    says: str = ""
    accept: tuple[Verdict, ...] = ()
    measures: dict[str, float] | None = None
    quick: bool = False
    cpu_s: float | None = None
    before: str | None = None


@cache
def cases_in(name: str) -> tuple[Case, ...]:
    """All cases in a language. UserError: there is no such language."""
    return tuple(case for case, _ in _rows(name))


@cache
def quick_cases_in(name: str) -> tuple[Case, ...]:
    """A few of them, which take seconds: right, wrong, looping, memory-eating, cheating, crashing, not compiling."""
    return tuple(case for case, quick in _rows(name) if quick)


def _table(name: str) -> dict[str, Any]:
    if name != PYTHON:
        row_of(name)  # or there is no such language
    path = files("harness.languages") / "cases" / f"{name}.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _rows(name: str) -> Iterator[tuple[Case, bool]]:
    """The cases in the file's order, each with whether it is a quick one."""
    for part, table in _table(name).items():
        rows = {label: _Row.model_validate(row) for label, row in table["cases"].items()}
        for label, row in rows.items():
            before = rows[row.before].program if row.before else ""
            yield _case(f"{part}/{label}", row, before, _check(name, part, table)), row.quick


def _case(name: str, row: _Row, before: str, check: Check) -> Case:
    program = check.kind == "program"
    return Case(
        name=name,
        says=row.says,
        program=row.program,
        before=before,
        check=check,
        accept=row.accept or (REFUSED if program else _ANY),
        measures={} if program else {"covered": 0} if row.measures is None else row.measures,
        limits=_LIMITS.model_copy(update={"cpu_s": row.cpu_s or _LIMITS.cpu_s}),
    )


def _check(name: str, part: str, table: dict[str, Any]) -> Check:
    if part == "programs":
        return program_check(name, row_of(name), table["prompt"], table["tests"])[1]
    return TestsCheck.model_validate({"language": name, **{key: table[key] for key in table if key != "cases"}})
