"""Answers in other languages: which block is the program, and what it gets from the prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.languages import language, languages
from harness.languages.multipl_e import program_check
from harness.records import Problem
from harness.suites.extraction import assemble, extract
from tests.languages.made_up import made_up


def problem_of(name: str) -> Problem:
    """The made-up problem of a language."""
    case = made_up(name)
    function, check = program_check(name, language(name), case["prompt"], case["tests"])
    return Problem(task_id="twice", entry_point=function, prompt=case["prompt"], prefix=case["prompt"], check=check)


@pytest.mark.parametrize("name", list(languages()))
def test_the_block_that_defines_the_function_is_the_program(name: str) -> None:
    """An example before the answer, or a shell command after it, must not be run in its place."""
    right = made_up(name)["cases"]["right"]["program"]
    answer = f"Install:\n```sh\nmake\n```\nUse:\n```{name}\nx = 2\n```\nCode:\n```{name}\n{right}```\nDone.\n"
    program = extract(answer, problem_of(name), "chat")
    assert (program.method, right.strip().splitlines()[-1] in (program.source or "")) == ("fence", True)
    assert "make" not in (program.source or "")


@pytest.mark.parametrize("name", list(languages()))
def test_a_continuation_is_closed(name: str) -> None:
    """A base model stops before the last bracket, which the data set's tests begin with: it must not be lacking."""
    bodies = {"java": "        return 2 * x;", "cpp": "    return 2 * x;", "rust": "    2 * x"}
    body = bodies.get(name, "    return 2 * x\n}")
    program = extract(body, problem_of(name), "completion", stop=("\nfunc",))
    source = program.source or ""
    assert program.method == "continuation"
    assert source.count("{") == source.count("}")
    assert assemble(body, None, problem_of(name)).source == source


@pytest.mark.parametrize("name", list(languages()))
def test_only_what_is_open_is_closed(name: str) -> None:
    """False fails prevented: a bracket too many behind a whole body, one too few behind a program cut before it."""
    problem = problem_of(name)
    bodies = {"java": "        return 2 * x;\n    }\n}", "rust": "    2 * x\n}"}
    body = bodies.get(name, "    return 2 * x;\n}")
    wanted = assemble(body, None, problem).source or ""
    cut = body.removesuffix("}").rstrip() if name in ("cpp", "java", "rust") else body
    for completion, solution in ((cut, None), (None, problem.prefix + body), (None, problem.prefix + cut)):
        source = assemble(completion, solution, problem).source or ""
        assert source.count("{") == source.count("}")
        assert source.split()[-12:] == wanted.split()[-12:]


def test_a_java_method_gets_its_class_and_imports() -> None:
    """A bare method is wrapped, another class gets the name that the tests call, and a public one loses `public`."""
    java = problem_of("java")
    method = extract("```java\npublic static long twice(long x) { return 2 * x; }\n```", java, "chat").source or ""
    assert method.startswith("import java.util.*;")
    assert "class Problem {" in method
    named = extract("```java\npublic class Solution { static long twice(long x) { return 2; } }\n```", java, "chat")
    assert "class Problem extends Solution {}" in (named.source or "")
    assert "public class" not in (named.source or "")


def test_go_gets_its_package_and_unused_imports_are_used() -> None:
    """The prompt's imports are for its tests: an answer that does not need them must still compile."""
    go = problem_of("go")
    bare = extract("```go\nfunc twice(x int) int { return 2 * x }\n```", go, "chat").source or ""
    assert bare.startswith("package candidate\n")
    assert "var _ = fmt.Sprint" in bare
    assert "var _ = testing.Short" in bare
    own = extract(
        '```go\nimport "strings"\n\nfunc twice(x int) int { return len(strings.Repeat("a", x)) }\n```', go, "chat"
    )
    assert (own.source or "").startswith('package candidate\nimport "strings"')
    assert '"testing"' not in (own.source or "")


def test_an_answer_without_code_has_none() -> None:
    """Prose in a chat answer is no program."""
    assert extract("I cannot do that.", problem_of("go"), "chat").source is None
    assert assemble(" ", None, problem_of("go")).source is None


@given(answer=st.text(alphabet="`~go \nfunctwice(){}\t"))
def test_any_answer_is_read_without_an_error(answer: str) -> None:
    """Extraction never raises, whatever a model says."""
    for name in languages():
        extract(answer, problem_of(name), "chat")
        extract(answer, problem_of(name), "completion")
