"""Loading from local files: every format gives the same suite, and every flaw of a file is named with its place."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UserError
from harness.settings import Settings
from harness.suites import Suite, load_suite
from tests.suites.data_sets import FORMATS, NO_SETTINGS, Rows, humaneval_rows, jsonl, mbpp_rows, smoke_rows, written

SHAPES: dict[str, Callable[[], Rows]] = {"humaneval": humaneval_rows, "mbpp": mbpp_rows, "smoke": smoke_rows}


def load(name: str, path: Path, **options: Any) -> Suite:
    """The suite with content of our own in its shape."""
    return load_suite(name, data=path, settings=NO_SETTINGS, allow_changed=True, **options)


@pytest.mark.parametrize("name", SHAPES)
def test_every_format_gives_the_same_suite(tmp_path: Path, name: str) -> None:
    """Fingerprints are over content: jsonl, json and parquet, compressed or not, agree, problems and all."""
    rows = SHAPES[name]()
    suites = [load(name, written(tmp_path, rows, form)) for form in FORMATS]
    assert len({suite.info.fingerprint for suite in suites}) == 1
    assert all(suite.problems == suites[0].problems for suite in suites)


def test_order_line_ends_and_unused_columns_do_not_matter(tmp_path: Path) -> None:
    """A copy that was sorted otherwise, saved with other line ends or given a new column is the same suite."""
    copy = [{**row, "code": row["code"].replace("\r\n", "\n"), "level": 1} for row in reversed(mbpp_rows())]
    original = load("mbpp", written(tmp_path, mbpp_rows()))
    (tmp_path / "copy").mkdir()
    assert load("mbpp", written(tmp_path / "copy", copy)).info == original.info


def test_problems_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Number 2 comes before number 10."""
    suite = load("humaneval", written(tmp_path, humaneval_rows(4)))
    assert [problem.task_id.partition("/")[2] for problem in suite.problems] == ["1", "2", "10", "11"]


def test_a_humaneval_row_becomes_a_problem(tmp_path: Path) -> None:
    """The prompt is also the prefix and the judge's set-up; braces in it stay."""
    problem = load("humaneval", written(tmp_path, humaneval_rows())).problems[0]
    assert problem.entry_point == "add_1"
    assert problem.check.functions == ("add_1",)
    assert problem.check.setup == problem.prefix == problem.prompt
    assert "not {x}" in problem.prompt
    assert problem.check.test.endswith("\ncheck(add_1)\n")
    assert problem.reference == problem.prompt + "    return x + 1\n"


def test_an_mbpp_row_becomes_a_problem(tmp_path: Path) -> None:
    """Its function is found in its asserts; its id is text; only the test split is loaded by default."""
    suite = load("mbpp", written(tmp_path, mbpp_rows()))
    assert [problem.task_id for problem in suite.problems] == ["11", "12"]
    problem = suite.problems[0]
    assert (problem.entry_point, problem.prefix) == ("add_11", "")
    assert problem.check.test == "assert add_11(0) == 11\nassert add_11(1) == 1 + 11\n"
    assert problem.reference == "def add_11(x):\n  return x + 11"


def test_setup_that_builds_the_candidates_objects_runs_after_binding(tmp_path: Path) -> None:
    """Prevents a wrong `error` for every answer to MBPP/367: its set-up calls the candidate's class."""
    row = mbpp_rows((367,))[0] | {"test_setup_code": "root = Node(1)", "test_list": ["assert depth(root) == 1"]}
    check = load("mbpp", written(tmp_path, [row]), split="all").problems[0].check
    assert (check.setup, check.functions, check.classes) == ("", ("depth",), ("Node",))
    assert check.test == "root = Node(1)\nassert depth(root) == 1\n"


def test_a_module_that_tests_forget_to_import_is_set_up(tmp_path: Path) -> None:
    """Prevents a wrong `error` for MBPP/596: its tests use `sys`, which the original grader took from the answer."""
    row = mbpp_rows((596,))[0] | {"test_list": ["assert size(1) == sys.getsizeof(1)"]}
    check = load("mbpp", written(tmp_path, [row]), split="all").problems[0].check
    assert check.functions == ("size",)
    assert check.setup.startswith("import sys\n")


def test_limits_come_from_the_suite_the_exception_and_the_row(tmp_path: Path) -> None:
    """A row of our own suite may have limits; MBPP/123 has more CPU time than the rest."""
    smoke = load("smoke", written(tmp_path, smoke_rows()))
    assert [problem.limits.cpu_s for problem in smoke.problems] == [2, 9]
    mbpp = load("mbpp", written(tmp_path, mbpp_rows((122, 123))))
    assert [problem.limits.cpu_s for problem in mbpp.problems] == [5, 30]


def test_known_bad_programs_come_with_their_verdicts(tmp_path: Path) -> None:
    """Our own suite says which programs must not pass."""
    problem = load("smoke", written(tmp_path, smoke_rows())).problems[0]
    assert [(bad.verdict, "return 0" in bad.program) for bad in problem.known_bad] == [("failed", True)]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"test": None}, "line 2: field 'test': expected text, found null"),
        ({"prompt": 7}, "line 2: field 'prompt': expected text, found a number"),
        ({"wrong": "x"}, "line 2: field 'wrong': Input should be a valid"),
        ({"wrong": [{"program": "", "verdict": "bad"}]}, "line 2: field 'wrong.0.verdict': Input should be"),
        ({"limits": {"cpu_s": -1}}, "line 2: field 'limits.cpu_s': Input should be greater than 0"),
        ({"task_id": "smoke/0"}, "line 2: task_id smoke/0 is there twice, first in"),
    ],
)
def test_a_flawed_row_names_line_and_field(tmp_path: Path, change: dict[str, Any], place: str) -> None:
    """The user finds the flaw without searching."""
    rows = smoke_rows()
    rows[1] |= change
    with pytest.raises(UserError) as caught:
        load("smoke", written(tmp_path, rows))
    assert place in caught.value.message


def test_a_missing_field_is_told_from_a_null(tmp_path: Path) -> None:
    """A file of another suite is recognised by the first field that it lacks."""
    with pytest.raises(UserError, match="line 1: field 'text': expected text, it is missing"):
        load("mbpp", written(tmp_path, humaneval_rows() and [{"task_id": 11}]))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"test_list": ["assert f(1 =="]}, "the tests are not valid Python"),
        ({"test_list": ["assert 1 == 1"]}, "the tests call no function of the candidate's"),
        ({"test_list": "assert f(1)"}, "field 'test_list': expected a list of texts, found text"),
        ({"task_id": True}, "field 'task_id': expected a whole number, found true or false"),
    ],
)
def test_tests_that_test_nothing_are_refused(tmp_path: Path, change: dict[str, Any], place: str) -> None:
    """Prevents a false pass of every answer to a problem whose tests were damaged."""
    rows = mbpp_rows((11, 12))
    rows[1] |= change
    with pytest.raises(UserError) as caught:
        load("mbpp", written(tmp_path, rows))
    assert "line 2: " in caught.value.message
    assert place in caught.value.message


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "a torn line": ("x.jsonl", jsonl(humaneval_rows(1)) + b'\n{"task_id": ', "line 3: not valid JSON"),
    "a number for a row": ("x.jsonl", b"1\n", "line 1: expected an object, found a number"),
    "a torn array": ("x.json", b'[{"task_id":\n', "not valid JSON: Expecting value (line 2"),
    "a torn gzip": ("x.jsonl.gz", gzip.compress(b"{}" * 100)[:-9], "not a whole gzip file"),
    "no gzip at all": ("x.jsonl.gz", b"{}", "cannot be read: Not a gzipped file"),
    "another encoding": ("x.jsonl", '{"a": "é"}'.encode("latin-1"), "not UTF-8 text (byte 7)"),
    "deep nesting": ("x.jsonl", b"[" * 200_000, "nested too deeply"),
    "another format": ("x.csv", b"a,b\n", "the format '.csv' is not known"),
    "no suffix": ("x", b"a,b\n", "the format 'without a suffix' is not known"),
    "an empty file": ("x.jsonl", b"", "holds no problem of humaneval, split test"),
    "no parquet at all": ("x.parquet", b"PAR1", "not a parquet file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_clear_sentence(tmp_path: Path, name: str) -> None:
    """Whatever is wrong with a file, the message names the file and the place."""
    file, content, message = BROKEN[name]
    (tmp_path / file).write_bytes(content)
    with pytest.raises(UserError) as caught:
        load("humaneval", tmp_path / file)
    assert file in caught.value.message
    assert message in caught.value.message


@pytest.mark.parametrize("file", ["none.jsonl", "none.parquet"])
def test_a_file_that_is_not_there_says_so(tmp_path: Path, file: str) -> None:
    """A wrong path is told from a broken file."""
    with pytest.raises(UserError, match="cannot be read: No such file"):
        load("humaneval", tmp_path / file)


def test_changed_content_is_refused_unless_allowed(tmp_path: Path) -> None:
    """Content that is not the pinned one never passes for the suite: it is refused, or marked in the run."""
    path = written(tmp_path, humaneval_rows())
    with pytest.raises(UserError, match=r"3 problems instead of 164, 3 of them differ, the first is HumanEval/1\b"):
        load_suite("humaneval", data=path, settings=NO_SETTINGS)
    allowed = load("humaneval", path)
    assert "3 problems instead of 164" in allowed.changed
    assert "changed: 3 problems" in allowed.info.source


def test_a_file_in_the_settings_is_used_and_an_argument_is_stronger(tmp_path: Path) -> None:
    """`data` beats the settings' file, which beats their folder."""
    folder, one, two = tmp_path / "folder", tmp_path / "one", tmp_path / "two"
    for path, count in ((folder, 1), (one, 2), (two, 3)):
        path.mkdir()
        written(path, humaneval_rows(count)).rename(path / "HumanEval.jsonl")
    settings = Settings(data={"humaneval": one / "HumanEval.jsonl"}, data_dir=folder)

    def loaded(data: Path | None, settings: Settings) -> int:
        return len(load_suite("humaneval", data=data, settings=settings, allow_changed=True).problems)

    assert loaded(None, Settings(data_dir=folder)) == 1
    assert loaded(None, settings) == 2
    assert loaded(two, settings) == 3


def test_a_folder_without_the_suites_file_says_what_it_looked_for(tmp_path: Path) -> None:
    """`--data FOLDER` never falls back to the network in silence."""
    with pytest.raises(UserError, match="holds no file of humaneval") as caught:
        load_suite("humaneval", data=tmp_path, settings=NO_SETTINGS)
    assert "HumanEval.jsonl.gz" in caught.value.hint


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    """A file that passed through a Windows editor still loads."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n\r\n".join(json.dumps(row).encode() for row in humaneval_rows()))
    assert len(load("humaneval", path).problems) == 3
