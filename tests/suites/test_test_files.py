"""What is read from an answer that is a file of tests, and agreement with the recorded answers of DevQualityEval."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.suites.extraction.testfile import given_test_file, read_test_file

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "devqualityeval"
METRICS = ("response-no-error", "response-not-empty", "response-with-code", "response-no-excess")
CODE = "package plain\n\nfunc TestPlain() {}"


def flags(answer: str | None) -> list[float]:
    """The four metrics of an answer itself."""
    measures = read_test_file(answer, "go").measures
    return [measures[name] for name in METRICS]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (f"```go\n{CODE}\n```", [1, 1, 1, 1]),
        (f"Here it is:\n```go\n{CODE}\n```", [1, 1, 1, 0]),
        (f" ```golang \n{CODE}\n```", [1, 1, 1, 1]),
        (f"```go\r\n{CODE}\r\n```\r\n", [1, 1, 1, 1]),
        (f"```\n```go\n{CODE}\n```\n```", [1, 1, 1, 1]),
        (CODE, [1, 1, 0, 0]),
        (f"{CODE}\n```", [1, 1, 0, 0]),
        (f"```go package plain\n{CODE}\n```", [1, 1, 0, 0]),
        (f"```go\n{CODE}\n```<|eot_id|>", [1, 1, 0, 0]),
        ("  \n", [1, 0, 0, 0]),
        (None, [0, 0, 0, 0]),
    ],
)
def test_an_answer_has_the_points_of_its_own_that_the_original_gives(answer: str | None, expected: list[int]) -> None:
    """Fences stand on lines of their own, the first block is the code, and what surrounds it is excess."""
    assert flags(answer) == expected


def test_without_a_block_the_whole_text_is_tried_less_a_lone_fence() -> None:
    """An answer whose first fence is missing is still a test file: it would be called wrong for the last one."""
    assert read_test_file(f"{CODE}\n```", "go").program.source == f"{CODE}\n"
    assert read_test_file("", "go").program.source is None


def test_the_first_of_several_blocks_counts_and_the_others_are_excess() -> None:
    """A second block is not run, and its length is measured."""
    read = read_test_file(f"```go\n{CODE}\n```\nor\n```go\nother\n```", "go")
    assert read.program.source == f"{CODE}\n"
    assert read.measures["excess-characters"] == len("or\n```go\nother\n```")


def test_lines_that_are_only_comments_are_counted() -> None:
    """Line comments and every line of a block comment count, code with a comment behind it does not."""
    java = "// one\nclass A { // not\n/* two\nthree */\n}\n"
    assert read_test_file(f"```java\n{java}```", "java").measures["comment-lines"] == 3
    assert read_test_file("```python\n# one\nx = 1  # not\n```", "python").measures["comment-lines"] == 1


def test_a_file_given_as_such_has_all_points_of_an_answer() -> None:
    """Nothing surrounds a file that somebody hands in as the solution."""
    read = given_test_file(CODE, "go")
    assert read.program.source == CODE
    assert [read.measures[name] for name in METRICS] == [1, 1, 1, 1]


@given(st.text(alphabet="`go \n\r~x", max_size=200))
def test_any_text_is_read(text: str) -> None:
    """No text raises, and only code in a block can be without excess."""
    measures = read_test_file(text, "go").measures
    assert measures["response-no-excess"] <= measures["response-with-code"] <= measures["response-not-empty"]


@pytest.mark.parametrize("run", [1, 2])
def test_every_recorded_answer_has_the_published_points(run: int) -> None:
    """All four metrics of every recorded answer agree; the one entry that is no model has no answer to read."""
    path = RECORDED / f"devqualityeval-v0.4.0-run{run}.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    differing: Counter[str] = Counter()
    asked = [row for row in rows if row["model"] != "symflower/symbolic-execution"]
    for row in asked:
        # an answer that is null may be an error or an empty answer: only the published error tells them apart
        silent = row["response"] is None and not row["published"]["response-no-error"]
        found = read_test_file(None if silent else row["response"] or "", row["language"]).measures
        differing.update(name for name in METRICS if found[name] != row["published"][name])
    assert len(asked) == 276
    assert not differing
