"""MultiPL-E's tests, taken apart: the call goes into the driver, the expected value nowhere but into the oracle."""

import pytest

from harness.errors import UserError
from harness.languages import language, languages
from harness.languages.multipl_e import preamble, program_check
from harness.suites import load_suite
from tests.languages.made_up import made_up
from tests.suites.data_sets import SHARED, needs_shared

DATA = SHARED / "multipl-e"


@pytest.mark.parametrize("name", list(languages()))
def test_no_expected_value_is_in_the_program_that_holds_the_answer(name: str) -> None:
    """The driver has no expected value in it: a program that searches its surroundings for one would pass wrongly."""
    case = made_up(name)
    tests = case["tests"].replace("4", "41414").replace("-6", "-61616")
    _, check = program_check(name, language(name), case["prompt"], tests)
    assert len(check.calls) == 2
    assert not any(number in text for text in check.files.values() for number in ("41414", "61616"))
    assert all(any(number in text for text in check.oracle.values()) for number in ("41414", "61616"))


def test_brackets_in_strings_do_not_end_a_call() -> None:
    """A bracket or quote inside a string belongs to the string: the call would be cut there otherwise."""
    tests = '    let candidate = f;\n    assert_eq!(candidate(String::from("a)\\"(, ")), String::from("), b"));\n'
    _, check = program_check("rust", language("rust"), "fn f(x: String) -> String {", tests)
    assert check.calls == ('candidate(String::from("a)\\"(, "))',)
    assert 'String::from("), b")' in check.oracle["main.rs"]


def test_java_compares_as_each_test_does() -> None:
    """`==` and `equals` differ for boxed numbers: a Long would equal an Integer if all were compared by value."""
    tests = "    assert(f((1l)) == (2l));\n    assert(f((1l)).equals((Optional.of(2l))));\n"
    _, check = program_check("java", language("java"), "class Problem {\n    // x\n", tests)
    assert "out.same(Problem.f((1l)));" in check.files["HarnessDriver.java"]
    assert "out.equal((Optional.of(2l)));" in check.oracle["HarnessDriver.java"]


def test_results_that_nobody_outside_can_read_are_compared_inside() -> None:
    """A C++ union does not tell what it holds: such a problem is unsplit, with the reason, and has a token."""
    prompt = "union Union_a_b{\n};\n// x\nUnion_a_b f(long x) {\n"
    _, check = program_check(
        "cpp", language("cpp"), prompt, "auto candidate = f;\n    assert(candidate((1)) == (2));\n"
    )
    assert "union" in check.unsplit
    assert "__TOKEN__" in check.files["main.cpp"]
    assert check.oracle == {}


def test_tests_of_another_shape_are_refused() -> None:
    """A file that is not MultiPL-E's is refused when it is loaded, not problem by problem when it is judged."""
    with pytest.raises(ValueError, match="no comparison"):
        program_check("go", language("go"), "package x\n", "func TestX(t *testing.T) {}\n")


def test_an_unknown_language_is_named() -> None:
    """Somebody who misspells a language is told which there are."""
    with pytest.raises(UserError, match="cobol"):
        language("cobol")


def test_the_preamble_ends_where_the_comment_begins() -> None:
    """The class that a prompt opens is no part of its preamble: an answer brings its own."""
    assert preamble("import java.util.*;\nclass Problem {\n    // Twice.\n") == "import java.util.*;\n"
    assert preamble("/// Twice.\nfn twice() {\n") == ""


@needs_shared
@pytest.mark.parametrize("name", list(languages()))
def test_every_problem_of_the_data_set_has_a_check(name: str) -> None:
    """All problems of each language can be judged, and all but the listed ones outside the program."""
    suite = load_suite(f"humaneval-{name}", data=DATA)
    unsplit = [problem.task_id for problem in suite.problems if problem.check.unsplit]
    assert len(unsplit) == (3 if name == "cpp" else 0)
