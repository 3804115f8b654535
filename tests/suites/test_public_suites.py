"""The public data sets, read from local copies: sizes, pins, and what is special in them."""

import ast
import warnings

import pytest

from harness.errors import UserError
from harness.records import Problem
from harness.settings import Settings
from harness.suites import Suite, load_definition, load_suite
from harness.suites.dataset import digests, of_split, read_rows
from harness.suites.extraction import extract
from harness.suites.fingerprint import data_fingerprint
from tests.suites.data_sets import SHARED, needs_shared

pytestmark = needs_shared

LOCAL = Settings(data_dir=SHARED)
SPLITS = [
    ("humaneval", None, 164),
    ("mbpp", None, 500),
    ("mbpp", "all", 974),
    ("mbpp", "train", 374),
    ("mbpp", "validation", 90),
    ("mbpp", "prompt", 10),
    ("mbpp-sanitized", None, 427),
    ("mbpp-sanitized", "test", 257),
]


@pytest.fixture(scope="module")
def mbpp() -> Suite:
    """All of MBPP."""
    return load_suite("mbpp", split="all", settings=LOCAL)


def top_level(problem: Problem) -> dict[str, type]:
    """Names of the functions and classes that the reference defines, with their kind of syntax node."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escape sequences in the data set's own solutions
        body = ast.parse(problem.reference or "").body
    return {node.name: type(node) for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@pytest.mark.parametrize(("name", "split", "count"), SPLITS)
def test_a_published_copy_is_accepted_and_whole(name: str, split: str | None, count: int) -> None:
    """The pins fit the published content, and each split has the size that its authors give."""
    suite = load_suite(name, split=split, settings=LOCAL)
    assert (len(suite.problems), suite.changed) == (count, "")


@pytest.mark.parametrize("name", ["humaneval", "mbpp", "mbpp-sanitized"])
def test_the_pins_of_a_split_follow_from_those_of_its_rows(name: str) -> None:
    """suite.yaml and rows.sha256 were written from the same content."""
    definition = load_definition(name)
    path = next(SHARED / file for file in definition.source.files if (SHARED / file).is_file())
    rows = read_rows(definition, path)
    for split in definition.splits.values():
        assert split.fingerprint == data_fingerprint(digests(of_split(rows, split)))


def test_every_mbpp_problem_names_the_functions_that_its_tests_call(mbpp: Suite) -> None:
    """The reference defines each of them, so no problem fails for a name that nobody could give."""
    for problem in mbpp.problems:
        assert problem.check.functions
        assert set(top_level(problem)).issuperset(problem.check.functions + problem.check.classes)


def test_only_three_mbpp_problems_use_the_candidates_classes(mbpp: Suite) -> None:
    """The list in suite.yaml is complete: the tests of all others call functions only."""
    with_classes = {problem.task_id: problem.check.classes for problem in mbpp.problems if problem.check.classes}
    assert with_classes == {"367": ("Node",), "601": ("Pair",), "927": ("Node",)}
    for problem in mbpp.problems:
        defined = top_level(problem)
        assert {defined[name] for name in problem.check.functions} == {ast.FunctionDef}


def test_a_function_named_sum_is_asked_of_the_candidate(mbpp: Suite) -> None:
    """Prevents a false verdict for MBPP/126, whose function is called like a built-in."""
    assert mbpp.problem(126).check.functions == ("sum",)


def test_no_text_of_the_suites_keeps_a_carriage_return(mbpp: Suite) -> None:
    """MBPP's line ends are made plain, so hub, file and edited copies give the same prompts."""
    assert not any("\r" in problem.model_dump_json() for problem in mbpp.problems)


def test_another_suites_file_is_refused() -> None:
    """The sanitized file is not taken for the full one."""
    with pytest.raises(UserError, match="item 1: field 'text': expected text, it is missing"):
        load_suite("mbpp", data=SHARED / "sanitized-mbpp.json", settings=LOCAL)


def test_one_changed_row_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Prevents verdicts by tampered tests: a single changed character is refused with the id of its row."""
    text = (SHARED / "mbpp.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    text[299] = text[299].replace("assert", "assert ", 1)
    path = tmp_path_factory.mktemp("changed") / "mbpp.jsonl"
    path.write_text("".join(text), encoding="utf-8")
    with pytest.raises(UserError, match="1 of them differ, the first is 300"):
        load_suite("mbpp", data=path, settings=LOCAL)


def test_a_changed_shot_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Problems shown in prompts are pinned as well, though they lie outside the split."""
    text = (SHARED / "mbpp.jsonl").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("changed") / "mbpp.jsonl"
    path.write_text(text.replace("def similar_elements(", "def similar_elements (", 1), encoding="utf-8")
    with pytest.raises(UserError, match="problem 2, which prompts show, differs"):
        load_suite("mbpp", data=path, settings=LOCAL)


@pytest.mark.parametrize("name", ["humaneval", "humanevalplus"])
def test_the_presets_of_published_setups_hold_the_prompt_as_they_do(name: str) -> None:
    """EvalPlus's chat prompt and Meta's for Llama 3, whose begun answer our extraction takes up where it ended."""
    suite = load_suite(name, settings=LOCAL)
    for problem in suite.problems:
        [asked] = suite.prompt(problem, suite.preset("evalplus", "chat")).messages
        assert asked.content.endswith(f"in a markdown code block:\n```python\n{problem.prompt.strip()}\n```")
        llama = suite.preset("llama3", "completion")
        text = suite.prompt(problem, llama).text
        assert text.count(problem.prompt) == 2
        assert text.endswith(f"Here is the completed function:\n```python\n{problem.prompt}")
        body = (problem.reference or "").removeprefix(problem.prefix)
        program = extract(f"{body}\n```\nIt works.", problem, "completion", stop=llama.stop)
        assert program.source is not None
        assert program.source.rstrip() == (problem.reference or "").rstrip()
