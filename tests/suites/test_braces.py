"""Tests of counting braces: what strings, characters, comments and lifetimes hold is no brace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.languages import language, languages
from harness.suites import load_suite
from harness.suites.extraction.braces import unclosed
from tests.suites.data_sets import SHARED, needs_shared

SAFE = [
    '"{"',
    r'"\"{"',
    r"'{'",
    r"'\''",
    "'\"'",
    r"'\u{7b}'",
    "// {\n",
    "/* { \n } { */",
    'R"({)"',
    'R"x({)" )x"',
    'r#"{ " "#',
    'r"\\"',
    '"""\n{ " {\n"""',
    "fn f<'a>(x: &'a str, y: &'a str)",
    "1'000'000",
    "'a",
    "x = 5;",
    "{ }",
]


@given(parts=st.lists(st.sampled_from([*SAFE, "{", "}"])))
def test_only_braces_of_the_code_count(parts: list[str]) -> None:
    """Whatever stands between, the count is that of the braces put there."""
    assert unclosed("\n".join(parts)) == parts.count("{") - parts.count("}")


@pytest.mark.parametrize("opening", ["/*", '"', '"""', 'R"(', 'r#"', "'", "//"])
def test_what_never_ends_is_read_once(opening: str) -> None:
    """Hostile text costs linear time: two million characters of what only begins take a moment."""
    assert unclosed("{" + opening * (2_000_000 // len(opening))) == 1


@needs_shared
@pytest.mark.parametrize("name", [name for name in languages() if language(name).answer.open])
def test_prompts_leave_open_what_the_table_says(name: str) -> None:
    """False fails prevented: a bracket too many or too few at the end of every continuation."""
    suite = load_suite(f"humaneval-{name}", data=SHARED / "multipl-e")
    assert {unclosed(problem.prefix) for problem in suite.problems} == {language(name).answer.open}
