"""The judge of programs in other languages, fed with reports as a program could forge them."""

import json
import os
import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

CHECK = {
    "kind": "program",
    "files": {"main.x": "__TOKEN__"},
    "program": "candidate.x",
    "steps": [{"command": ["build"], "env": {}}, {"command": ["run"], "env": {}}],
    "calls": ["f(1)", "f(2)"],
    "compare": "exact",
    "unsplit": "",
    "expected": "1\n2\n",
}


def judged(
    inside: SimpleNamespace, results: str, *, status: int = 0, step: int = 1, cpu_s: float = 0.1, **check: Any
) -> tuple[str, str]:
    """The verdict on a program whose workshop reports this; `{token}` in the results is the token of the order."""
    (read_here, write_there), (read_there, write_here) = os.pipe(), os.pipe()
    there = inside.frames.Channel(read_there, write_there, 1 << 20)

    def workshop() -> None:
        there.send(b"ready")
        order = json.loads(there.receive())
        text = results.replace("{token}", order["files"]["main.x"])
        there.send(json.dumps({"step": step, "status": status, "cpu_s": cpu_s}).encode(), text.encode())

    thread = threading.Thread(target=workshop)
    thread.start()
    try:
        here = inside.frames.Channel(read_here, write_here, 1 << 20)
        word, detail = inside.programs.judge({**CHECK, **check}, "", here, 5.0)
    finally:
        thread.join()
        for descriptor in (read_here, write_there, read_there, write_here):
            os.close(descriptor)
    return word, detail


@pytest.mark.parametrize(
    ("results", "status", "verdict"),
    [
        ("1\n2\n", 0, "passed"),
        ("1\n3\n", 0, "failed"),
        ("1\n", 0, "error"),
        ("", 0, "error"),
        ("1\n2", 0, "error"),
        ("1\n2\n2\n", 0, "error"),
        ("1\n2\n", 256, "error"),
        ("1\n2\n", 9, "error"),
    ],
)
def test_only_all_results_and_a_clean_end_pass(
    inside: SimpleNamespace, results: str, status: int, verdict: str
) -> None:
    """An exit status of 0 without the right results never passes, nor do right results and a crash."""
    assert judged(inside, results, status=status)[0] == verdict


def test_a_failed_build_is_a_compile_error(inside: SimpleNamespace) -> None:
    """What the compiler refuses is the answer's compile error and not a failure of its run."""
    assert judged(inside, "", status=256, step=0) == ("compile_error", "build left with status 1.")


def test_cpu_time_used_up_is_a_timeout(inside: SimpleNamespace) -> None:
    """A program that the kernel ends for its CPU time is a timeout, whatever signal it died of."""
    assert judged(inside, "", status=9, cpu_s=5.2)[0] == "timeout"


def test_what_equals_nothing_never_passes(inside: SimpleNamespace) -> None:
    """NaN is unequal to itself: a program that returns it where a test expects it fails, as in its own language."""
    assert judged(inside, "?nan\n2\n", expected="?nan\n2\n")[0] == "failed"


def test_without_the_token_nothing_passes(inside: SimpleNamespace) -> None:
    """Where the comparison is inside, a program that writes some text of its own instead of the token fails."""
    assert judged(inside, "{token}\n{token}\n", unsplit="why", expected="")[0] == "passed"
    assert judged(inside, "ok\nok\n", unsplit="why", expected="")[0] == "failed"


def test_a_report_of_tests_needs_the_token(inside: SimpleNamespace) -> None:
    """A file of tests that writes the report itself does not count as executed: it does not know the token."""
    told, detail = judged(inside, "{token} 2 2 5 4\n", kind="tests", status=256)
    assert (told, json.loads(detail.partition("\n")[0])["covered"]) == ("passed", 4)
    assert judged(inside, "{token} 2 1 5 4\n", kind="tests")[0] == "failed"
    assert judged(inside, "{token} 0 0 5 0\n", kind="tests")[0] == "failed"
    assert judged(inside, "0123 2 2 5 5\n", kind="tests")[0] == "error"
    assert judged(inside, "{token} 2 2 5\n", kind="tests")[0] == "error"
    assert judged(inside, "{token} 2 2 5 many\n", kind="tests")[0] == "odd error"


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("1", "1.0", True),
        ("1", '"1"', True),
        ("true", "1", True),
        ("null", '{"$":"undefined"}', True),
        ("null", "0", False),
        ('""', "0", True),
        ("[1,[2]]", "[1,[2]]", True),
        ("[1]", "1", False),
        ("[1]", "[1,2]", False),
        ('{"$":"NaN"}', '{"$":"NaN"}', True),
        ('{"$":"NaN"}', "0", False),
        ('{"$":"Infinity"}', '{"$":"-Infinity"}', False),
        ('{"$":"bigint","v":"5"}', "5", True),
        ('{"$":"function"}', '{"$":"function"}', False),
        ('{"$":"object","v":[["a",1]]}', '{"$":"object","v":[["a","1"]]}', True),
        ('{"$":"object","v":[["a",1]]}', '{"$":"object","v":[["b",1]]}', False),
        ('{"$":"object","v":[]}', "[]", False),
        ('{"$":"Map","v":[]}', '{"$":"Set","v":[]}', False),
    ],
)
def test_javascript_is_compared_as_its_own_assert_does(
    inside: SimpleNamespace, one: str, other: str, equal: bool
) -> None:
    """`assert.deepEqual` compares loosely: a right answer that returns null for undefined must not fail."""
    assert inside.loose.equal(one, other) is equal
    assert inside.loose.equal(other, one) is equal


@given(text=st.text())
def test_any_text_is_a_verdict_or_malformed(inside: SimpleNamespace, text: str) -> None:
    """Whatever a program writes as a result, comparing it ends in True, False or one of two known errors."""
    with suppress(ValueError, RecursionError):
        assert inside.loose.equal(text, "[1]") in (True, False)
