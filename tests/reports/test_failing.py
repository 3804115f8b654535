"""A detail is taken apart into call, expected and got; what does not fit stays readable as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reports.failing import Failing, failing_of


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        (
            "AssertionError\nassert candidate([1, 2]) == [2, 1], 'order'\nflip([1, 2]) returned [1, 2]",
            Failing(
                "AssertionError", "assert candidate([1, 2]) == [2, 1], 'order'", "flip([1, 2])", "[2, 1]", "[1, 2]"
            ),
        ),
        (
            "AssertionError: expected [7, 0]\n__cases__.check_base(eat)\neat(2, 11, 5) returned [13, 0]",
            Failing("AssertionError: expected [7, 0]", "", "eat(2, 11, 5)", "[7, 0]", "[13, 0]"),
        ),
        (
            "ValueError: bad (line 27)\nin sort('three')",
            Failing("ValueError: bad (line 27)", call="sort('three')", line=27),
        ),
        (
            "IndentationError: unexpected indent (program.py, line 3)",
            Failing("IndentationError: unexpected indent (program.py, line 3)", line=3),
        ),
        (
            "AssertionError\nassert math.fabs(poly(c, f(c))) < 1e-4\nf([1]) returned None",
            Failing("AssertionError", "assert math.fabs(poly(c, f(c))) < 1e-4", "f([1])", "", "None"),
        ),
        ("It used 10.1 s of CPU time; the limit is 10 s.", Failing("It used 10.1 s of CPU time; the limit is 10 s.")),
        ("", Failing("")),
    ],
    ids=["assert", "plus", "raised", "compile", "inequality", "timeout", "empty"],
)
def test_the_judges_details_are_taken_apart(detail: str, expected: Failing) -> None:
    """Each form that the judge writes gives its parts, and nothing is guessed."""
    assert failing_of(detail) == expected


def test_a_comparison_inside_brackets_or_strings_is_not_the_tests_own() -> None:
    """Only an `==` outside brackets and strings tells what was expected; two of them tell nothing."""
    assert failing_of("AssertionError\nassert f('a == b', (1 == 1)) == 'x, y'").expected == "'x, y'"
    assert failing_of("AssertionError\nassert f(1) == g(1) == 2").expected == ""


@given(
    st.lists(st.sampled_from([") returned ", "\nin f(", "assert ", "==", "(", "'", "\\", "\n", "x", ", "])).map("".join)
)
def test_any_text_can_be_read(detail: str) -> None:
    """A program may write what it likes into a detail: reading it never fails and never loses the whole."""
    failing = failing_of(detail)
    assert detail.strip() == "" or any((failing.error, failing.check, failing.call, failing.got))
