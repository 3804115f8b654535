"""Extraction on text that nobody meant as an answer: it never raises, never recurses, and takes linear time."""

import sys
import time
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.records import Problem, PromptMode, PythonCheck
from harness.suites.extraction import assemble, extract

PREFIX = 'import math\n\n\ndef area(radius: float) -> float:\n    """Area of a circle."""\n'
AREA = Problem(
    task_id="test/area",
    prompt=PREFIX,
    entry_point="area",
    prefix=PREFIX,
    check=PythonCheck(functions=("area",), test="assert area(0) == 0"),
)
MARKUP = (
    "```",
    "```python",
    "~~~",
    "````",
    "<think>",
    "</think>",
    "<|eot_id|>",
    "</s>",
    "[PYTHON]",
    "[/PYTHON]",
    "[DONE]",
)
TOKENS = (
    "\n",
    "\n\n",
    "    ",
    "\t",
    "\r\n",
    "\ud800",
    "\x00",
    "\\",
    "#",
    *"()[]{}:=,@'",
    '"',
    "'''",
    '"""',
    "f'{",
    "é",
    "…",
)
CODE = (
    "def area(radius):",
    "    return math.pi",
    "lambda x:",
    "for x in",
    "import a",
    "from a import b as c",
    "async def",
)
PIECES = (*MARKUP, *TOKENS, *CODE, "This is a sentence.", "class A:", "return", ">>> x")
UNITS = {
    "def": "def ",
    "open definitions": "def area(\n",
    "brackets": "(",
    "open calls": "f(\n",
    "bare fences": "```\n",
    "python fences": "```python\n",
    "fences around strings": "```\n'''\n",
    "strings that never close": "```\n\\'''\n```\n```\n",
    "triple quotes": '"""\n',
    "backslashes": "\\",
    "quotes": '"',
    "minus signs": "-",
    "attributes": "a.",
    "subscripts": "a[],",
    "tags": "<think>",
    "closing tags": "</think>",
    "special tokens": "</s> \n x\n",
    "headers": "<s>",
    "markers": "[PYTHON]\n",
    "decorators": "@a\n",
    "blocks of code": "```\ndef area(r): return g\n```\n",
    "code and prose": "x = 1\n\nprose here\n",
    "transcript": ">>> def f\n",
    "loops": "for x in y ",
    "spaces": " ",
    "blank lines": "\n",
    "quotations": "> ```\n",
    "elements": "<pre><code>",
    "ends of elements": "<pre><code></code>",
    "quotes with a tag": "'''python\n",
    "inner fences": "`````\n````x\n",
    "sentences": "```x\nThis is prose.\n",
}


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(["chat", "completion"]))
def test_any_mixture_of_markup_and_code_has_an_outcome(answer: str, mode: PromptMode) -> None:
    """Whatever the mixture, extraction returns a program that a file can hold, or none."""
    program = extract(answer, AREA, mode, stop=("\nclass",))
    assert (program.source is None) == (program.method == "none")
    assert program.source is None or program.source.encode()


@settings(max_examples=200)
@given(st.text())
def test_any_text_has_an_outcome(text: str) -> None:
    """No text raises, in either function."""
    extract(text, AREA, "chat")
    assemble(text, None, AREA)
    assemble(None, text, AREA)


@settings(max_examples=100)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_a_continuation_keeps_the_prompt_whole(body: str) -> None:
    """Whatever follows, the program of a completion-mode body begins with the prompt, unchanged."""
    program = extract("    return 1\n" + body.replace("<", "").replace("[", ""), AREA, "completion")
    assert program.source is not None
    assert program.source.startswith(PREFIX + "    return 1\n")


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
@pytest.mark.parametrize("frame", ["{}", "```python\ndef area(radius):\n    return 0\n```\n{}"])
def test_hostile_repetition_costs_linear_time(unit: str, frame: str) -> None:
    """Four times the text takes about four times the CPU time, not sixteen: no answer can stall a run."""

    def once(answer: str) -> float:
        start = time.process_time()
        extract(answer, AREA, "completion")
        extract(answer, AREA, "chat")
        return time.process_time() - start

    def seconds(size: int) -> float:
        answer = frame.replace("{}", unit * (size // len(unit)))
        return min(once(answer) for _ in range(3))  # the least is the one that a busy machine disturbed least

    assert seconds(12_000) < 8 * seconds(3_000) + 0.2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=3).map("".join),
    st.sampled_from(["chat", "completion"]),
)
def test_four_times_the_text_is_four_times_the_work(unit: str, start: str, mode: PromptMode) -> None:
    """Counted in lines of Python run, whatever is repeated costs at most in proportion to its length."""

    def work(times: int) -> int:
        count = 0

        def tracer(_frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal count
            count += event == "line"
            return tracer

        before = sys.gettrace()
        sys.settrace(tracer)
        try:
            extract(start + unit * times, AREA, mode)
        finally:
            sys.settrace(before)
        return count

    assert work(160) < 5 * work(40) + 2_000


@pytest.mark.parametrize("nest", ["(", "[", "{", "-", "not ", "lambda: ", "a.", "a(", "1+", "if x:\n ", "f'{"])
def test_deep_nesting_does_not_reach_a_parser(nest: str) -> None:
    """Nesting that overflows the parser's stack is scanned like any text, and the program is kept as it is."""
    code = "def area(radius):\n    return 0\n\n\nx = " + nest * 20_000 + "1"
    assert extract(f"```python\n{code}\n```", AREA, "chat").source == code


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_a_megabyte_is_read_in_seconds(unit: str) -> None:
    """A one-megabyte answer, a hundred times the longest that a model is asked for, takes seconds."""
    start = time.process_time()
    extract("```python\ndef area(radius):\n    return 0\n```\n" + unit * (1_000_000 // len(unit)), AREA, "chat")
    assert time.process_time() - start < 60
