"""The extractors that ours is measured against do what their names say, on any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records import Problem, PythonCheck
from harness.suites.extraction.rivals import RIVALS, extract_as

PROBLEM = Problem(
    task_id="t/0",
    prompt="def f(x):\n",
    entry_point="f",
    prefix="def f(x):\n",
    check=PythonCheck(functions=("f",), test=""),
)
TWO = "One:\n```python\ndef f(x):\n    return 1\n```\nBetter:\n```\ndef f(x):\n    y = 2\n    return y\n```\nDone."
PIECES = st.sampled_from(["```", "```python", "def f(x):", "    return 1", "text here", "", "~~~", "`", "\t``` x"])


def found(name: str, answer: str) -> str | None:
    """What a rival finds in a chat answer."""
    return extract_as(name, answer, PROBLEM, "chat").source


def test_fences_are_taken_first_or_last() -> None:
    """The first and the last fence are what stands between their lines; an open fence ends with the text."""
    assert found("first-fence", TWO) == "def f(x):\n    return 1"
    assert found("last-fence", TWO) == "def f(x):\n    y = 2\n    return y"
    assert found("first-fence", "```\nx = 1") == "x = 1"
    assert found("first-fence", "no fence") == "no fence"


def test_the_longest_span_ignores_fences() -> None:
    """The longest run of code counts, wherever it stands."""
    assert found("longest-span", TWO) == "def f(x):\n    y = 2\n    return y"


def test_raw_is_the_answer_itself() -> None:
    """Raw keeps the fences, and a blank answer has no program."""
    assert found("raw", TWO) == TWO
    assert found("raw", " \n") is None


def test_a_completion_without_a_fence_follows_the_prompt() -> None:
    """In completion mode a body continues the prompt and ends at the first stop sequence."""
    program = extract_as("raw", "    return 1\n\nprint(2)", PROBLEM, "completion", ("\nprint",))
    assert program.source == "def f(x):\n    return 1\n"


@pytest.mark.parametrize("name", sorted(RIVALS))
@given(answer=st.lists(PIECES | st.text(max_size=12), max_size=12).map("\n".join))
def test_any_answer_has_a_program_or_none(name: str, answer: str) -> None:
    """No text makes an extractor raise, and none of them finds more than the answer holds."""
    source = found(name, answer)
    assert source is None or len(source) <= len(answer)
