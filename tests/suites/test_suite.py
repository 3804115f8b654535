"""A loaded suite: naming a problem, choosing a preset, asking."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UserError
from harness.languages import languages
from harness.suites import Suite, load_suite
from tests.suites.data_sets import NO_SETTINGS, SHARED, humaneval_rows, mbpp_rows, needs_shared, written


@pytest.fixture(scope="module")
def mbpp(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """A small suite in MBPP's shape."""
    return small("mbpp", tmp_path_factory.mktemp("mbpp"), mbpp_rows())


@pytest.fixture(scope="module")
def humaneval(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """A small suite in HumanEval's shape."""
    return small("humaneval", tmp_path_factory.mktemp("humaneval"), humaneval_rows())


def small(name: str, folder: Path, rows: list[dict[str, object]]) -> Suite:
    """A suite with content of our own."""
    return load_suite(name, data=written(folder, rows), settings=NO_SETTINGS, allow_changed=True)


@pytest.mark.parametrize("raw", [11, "11", "MBPP/11", "Mbpp/11", "mbpp/11"])
def test_every_spelling_of_an_mbpp_id_is_the_same_problem(mbpp: Suite, raw: str | int) -> None:
    """Samples of any tool find their problem."""
    assert mbpp.resolve(raw) == "11"
    assert mbpp.problem(raw).task_id == "11"


@given(raw=st.integers(0, 20) | st.text() | st.from_regex(r"([Mm][Bb][Pp]*/)?1[0-9]?", fullmatch=True))
def test_an_id_is_its_own_or_refused(mbpp: Suite, raw: str | int) -> None:
    """No odd spelling ever lands on another problem."""
    known = str(raw).lower().removeprefix("mbpp/") in {"11", "12"}
    if known:
        assert mbpp.resolve(raw) in str(raw)
    else:
        with pytest.raises(UserError, match="has no problem"):
            mbpp.resolve(raw)


def test_humaneval_ids_are_taken_as_they_are(humaneval: Suite) -> None:
    """A bare number or another suite's prefix is not guessed at; the nearest ids are named."""
    assert humaneval.resolve("HumanEval/1") == "HumanEval/1"
    for raw in ("1", 1, "MBPP/1"):
        with pytest.raises(UserError, match="has no problem"):
            humaneval.resolve(raw)
    with pytest.raises(UserError) as caught:
        humaneval.resolve("HumanEva/1")
    assert "HumanEval/1" in caught.value.hint


def test_a_problem_of_another_split_is_not_there(mbpp: Suite) -> None:
    """Problem 2 belongs to the prompt split: asking for it in the test split says so."""
    with pytest.raises(UserError, match=r"mbpp \(split test\) has no problem '2'"):
        mbpp.problem(2)


def test_a_program_without_an_id_is_its_places_in_python(humaneval: Suite) -> None:
    """BigCode's lists are in the order of Python's data sets, which is that of their numbers."""
    assert [humaneval.nth(place, "x = 1") for place in range(3)] == ["HumanEval/1", "HumanEval/2", "HumanEval/10"]
    with pytest.raises(UserError, match="the suite has no such problem: it has 3, in this order"):
        humaneval.nth(3, "x = 1")


@needs_shared
@pytest.mark.parametrize("name", list(languages()))
def test_a_program_without_an_id_tells_it_by_its_prompt_elsewhere(name: str) -> None:
    """False fails prevented: data sets of other languages are in no order, so a list's place says nothing."""
    suite = load_suite(f"humaneval-{name}", data=SHARED / "multipl-e")
    signatures = [problem.prefix.rstrip().rpartition("\n")[2] for problem in suite.problems]
    for number, problem in enumerate(suite.problems):
        program = f"{problem.prefix}  x\n}}\n\n{signatures[number - 1]}\n  another\n}}\n"
        assert suite.nth(0, program) == problem.task_id
        signature = program[len(problem.prefix.rstrip().rpartition("\n")[0]) :]
        if signatures.count(signatures[number]) == 1:
            assert suite.nth(0, f"// worded otherwise\n{signature}") == problem.task_id
        else:
            with pytest.raises(UserError, match="nothing tells which problem it answers"):
                suite.nth(0, f"// worded otherwise\n{signature}")
    with pytest.raises(UserError, match="it begins with no prompt of the suite"):
        suite.nth(0, "int main() { return 0; }")


def test_the_papers_prompt_shows_problems_two_three_and_four(mbpp: Suite) -> None:
    """The shots' texts come from the loaded data, outside the chosen split."""
    prompt = mbpp.prompt(mbpp.problem(11), mbpp.preset(None, "completion"))
    assert [prompt.text.count(f"adds {number}. Your code") for number in (2, 3, 4, 11)] == [1, 1, 1, 1]
    assert "[BEGIN]\ndef add_2(x):\n  return x + 2\n[DONE]" in prompt.text
    assert prompt.text.endswith("assert add_11(0) == 11\nassert add_11(1) == 1 + 11\n[BEGIN]\n")
    assert prompt.stop == ("[DONE]",)


def test_a_few_shot_preset_without_its_shots_says_so(tmp_path: Path) -> None:
    """A file of the test split alone serves the zero-shot presets only."""
    suite = small("mbpp", tmp_path, mbpp_rows((11, 12)))
    assert suite.preset("zero-shot", "chat").name == "zero-shot"
    with pytest.raises(UserError, match="shows the problems 2, 3, 4, which"):
        suite.preset("three-shot", "completion")


def test_a_completion_prompt_of_humaneval_is_the_prompt_as_published(humaneval: Suite) -> None:
    """Not a character is added or taken away."""
    problem = humaneval.problems[0]
    prompt = humaneval.prompt(problem, humaneval.preset(None, "completion"))
    assert prompt.text == problem.prompt
    assert "\ndef " in prompt.stop


@pytest.mark.parametrize("mode", ["chat", "completion"])
def test_every_preset_of_every_mode_renders(mbpp: Suite, humaneval: Suite, mode: str) -> None:
    """Each preset gives a prompt of its mode that holds the problem's own text."""
    for suite, text in ((mbpp, "adds 11"), (humaneval, "add_1")):
        for preset in suite.definition.presets:
            if preset.mode == mode:
                prompt = suite.prompt(suite.problems[0], preset)
                assert text in (prompt.text if mode == "completion" else prompt.messages[-1].content)
                assert suite.prompt(suite.problems[0], preset.name) == prompt
    with pytest.raises(UserError, match="no chat prompt preset named 'nonesuch'"):
        mbpp.prompt(mbpp.problems[0], "nonesuch")
