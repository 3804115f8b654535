"""The smoke suite's own file: whole, varied, and right about which programs pass.

Everything in it is our own code, so most of it may run here in the test's process; what loops, exits, floods or forges
is left to the sandbox (`harness suites check smoke`).
"""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest

from harness.assets import asset
from harness.records import Verdict

FIELDS = {"task_id", "prompt", "entry_point", "canonical_solution", "test", "wrong"}
SANDBOX_ONLY = ("_exit", "sys.exit", "__eq__", "builtins")
"""Marks of the forgeries, which would fool or end a grader that shares its process with them."""
JUDGED_HERE = {Verdict.FAILED, Verdict.ERROR, Verdict.COMPILE_ERROR}


@cache
def rows() -> tuple[dict[str, Any], ...]:
    """The rows of suites/smoke/problems.jsonl."""
    lines = asset("suites", "smoke", "problems.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def ids(row: dict[str, Any]) -> str:
    """A readable test id."""
    return f"{row['task_id']}-{row['entry_point']}"


def verdict(row: dict[str, Any], program: str) -> Verdict:
    """A plain in-process grader: whose line raised decides between `failed` and `error`."""
    names: dict[str, Any] = {"__name__": "candidate"}
    try:
        exec(compile(program, "<program>", "exec"), names)
    except SyntaxError:
        return Verdict.COMPILE_ERROR
    check: dict[str, Any] = {}
    exec(row["prompt"], check)
    exec(compile(row["test"], "<test>", "exec"), check)
    try:
        check["check"](names[row["entry_point"]])
    except Exception as error:
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        in_test = trace is not None and trace.tb_frame.f_code.co_filename == "<test>"
        return Verdict.FAILED if in_test else Verdict.ERROR
    return Verdict.PASSED


def test_every_row_has_the_same_shape() -> None:
    """Rows are sorted by number, of one shape, with at least six asserts and two wrong programs each."""
    assert [row["task_id"] for row in rows()] == [f"smoke/{number}" for number in range(len(rows()))]
    assert len(rows()) >= 28
    for row in rows():
        assert set(row) - {"limits"} == FIELDS
        assert f"def {row['entry_point']}(" in row["prompt"]
        assert row["prompt"].endswith('"""\n')
        assert len(row["prompt"]) < 400
        assert row["test"].count("assert ") >= 6
        assert len(row["wrong"]) >= 2
        assert len({wrong["program"] for wrong in row["wrong"]}) == len(row["wrong"])


def test_every_verdict_occurs() -> None:
    """The wrong programs together show every verdict that code can get."""
    counts = Counter(Verdict(wrong["verdict"]) for row in rows() for wrong in row["wrong"])
    assert set(counts) == set(Verdict) - {Verdict.PASSED, Verdict.NO_CODE}
    slow = [row for row in rows() if any(wrong["verdict"] == "timeout" for wrong in row["wrong"])]
    assert all(row["limits"] == {"cpu_s": 1.0, "wall_s": 10} for row in slow)


def test_every_result_type_occurs() -> None:
    """The tests compare every type of value that must cross from program to judge."""
    text = "\n".join(row["prompt"] + row["test"] for row in rows())
    made = ("Counter(", "deque(", "Decimal(", "Fraction(", "date(", "frozenset(", "Point(")
    plain = ('b"ab"', "2j", '"nan"', '"inf"', "is None", "is True", "10**299", "(-1, -1): 1", r"\u00e9")
    hinted = ("Iterator[", "Callable[", "except ValueError")
    assert [mark for mark in (*made, *plain, *hinted) if mark not in text] == []


@pytest.mark.parametrize("row", rows(), ids=ids)
def test_the_reference_passes(row: dict[str, Any]) -> None:
    """The prompt continued by its canonical solution passes."""
    assert verdict(row, row["prompt"] + row["canonical_solution"]) is Verdict.PASSED


@pytest.mark.parametrize("row", rows(), ids=ids)
def test_wrong_programs_do_not_pass(row: dict[str, Any]) -> None:
    """Every wrong program gets the verdict that the suite states for it."""
    for wrong in row["wrong"]:
        if wrong["verdict"] in JUDGED_HERE and not any(mark in wrong["program"] for mark in SANDBOX_ONLY):
            assert verdict(row, wrong["program"]) == wrong["verdict"], wrong["program"]
