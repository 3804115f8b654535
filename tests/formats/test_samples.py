"""Other tools' sample files are read exactly, and what is wrong with one is named."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UserError
from harness.formats.samples import _Given, read_samples
from harness.records import Sample


def resolve(raw: str | int) -> str:
    """Knows 1 and 2 only."""
    if str(raw) not in {"1", "2"}:
        raise UserError(f"The suite has no problem {raw!r}.", "Nearest: 1.")
    return str(raw)


def write(path: Path, *rows: Any) -> Path:
    """Rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(path: Path) -> list[Sample]:
    """All samples of a file."""
    return list(read_samples(path, resolve, lambda place, _: str(place + 1)))


def test_rows_are_indexed_per_problem_in_the_order_of_the_file(tmp_path: Path) -> None:
    """The index counts within a problem, from 0, whatever lies between."""
    path = write(tmp_path / "s", *({"task_id": t, "completion": c} for t, c in [(1, "a"), ("2", "b"), (1, "c")]))
    assert [(s.task_id, s.index, s.completion, s.raw) for s in read(path)] == [
        ("1", 0, "a", False),
        ("2", 0, "b", False),
        ("1", 1, "c", False),
    ]


def test_solutions_transcripts_and_our_own_samples_are_told_apart(tmp_path: Path) -> None:
    """A solution is a whole program; a response and our own raw answers go through extraction."""
    own = Sample(task_id="1", index=0, completion="```x```").model_dump(mode="json")
    path = write(tmp_path / "s", {"task_id": 1, "solution": "p"}, {"task_id": 1, "response": "r"}, own)
    assert [(s.solution, s.completion, s.raw) for s in read(path)] == [
        ("p", None, False),
        (None, "r", True),
        (None, "```x```", True),
    ]


def test_gzip_blank_lines_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    """A gzipped file, blank lines and a leading byte order mark read like the plain file."""
    path = tmp_path / "s.jsonl.gz"
    path.write_bytes(gzip.compress(b'\xef\xbb\xbf{"task_id": 1, "completion": "a"}\n\n'))
    assert [s.completion for s in read(path)] == ["a"]


def test_an_empty_completion_is_a_sample(tmp_path: Path) -> None:
    """Empty text is an answer of the model's, not a malformed line."""
    assert read(write(tmp_path / "s", {"task_id": 1, "completion": ""}))[0].completion == ""


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"completion": "x"}, "line 2: field task_id is missing"),
        ({"task_id": [1], "completion": "x"}, "line 2: field task_id is a list"),
        ({"task_id": True, "completion": "x"}, "line 2: field task_id is true/false"),
        ({"task_id": 1}, "line 2: it has neither `completion` nor `solution`"),
        ({"task_id": 1, "completion": None}, "line 2: it has neither"),
        ({"task_id": 1, "completion": 3}, "line 2: field completion is a number"),
        ({"task_id": 9, "completion": "x"}, "line 2: The suite has no problem 9"),
        ([1], "line 2: it is a list, expected an object"),
        (None, "line 2: it is null, expected an object"),
    ],
)
def test_a_malformed_line_is_named_with_its_field(tmp_path: Path, row: Any, message: str) -> None:
    """What is wrong with a line is said with the line's number and the field's name."""
    with pytest.raises(UserError, match=message):
        read(write(tmp_path / "s", {"task_id": 1, "completion": "x"}, row))


def test_the_same_numbered_sample_twice_is_refused(tmp_path: Path) -> None:
    """Two lines that claim to be the same sample would count one answer twice."""
    row = {"task_id": 1, "index": 0, "completion": "x"}
    with pytest.raises(UserError, match="line 2: sample 0 of 1 was given before"):
        read(write(tmp_path / "s", row, row))


@given(st.lists(st.integers(0, 6), max_size=12))
def test_numbers_are_refused_exactly_where_they_repeat(numbers: list[int]) -> None:
    """Out of order is fine, and what is remembered of numbers in order is their count: memory stays flat."""
    given_before = _Given()
    for place, number in enumerate(numbers):
        assert given_before.add("t", number) == (number not in numbers[:place])
    in_order = _Given()
    assert all(in_order.add("t", number) for number in range(50))
    assert not in_order.ahead


def test_files_that_are_no_sample_files_are_explained(tmp_path: Path) -> None:
    """A missing file, a folder, a torn gzip, text that is no JSON and an empty file each get an error of their own."""
    torn = tmp_path / "torn.gz"
    torn.write_bytes(gzip.compress(b'{"task_id": 1}' * 100)[:-20])
    (tmp_path / "text").write_text("hello\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "wide").write_text('{"task_id": 1, "completion": ""}', encoding="utf-16")
    (tmp_path / "nothing").mkdir()
    for name, message in [
        ("none", "no file"),
        (".", "holds no samples"),
        ("torn.gz", "not a whole gzip"),
        ("text", "line 1: it is not JSON"),
        ("empty", "holds no samples"),
        ("wide", "line 1: it is not UTF-8"),
        ("nothing", "holds no samples"),
    ]:
        with pytest.raises(UserError, match=message):
            read(tmp_path / name)


def test_a_lone_surrogate_does_not_stop_the_file(tmp_path: Path) -> None:
    """Text that cannot be written as UTF-8 is kept readable instead of breaking the run."""
    assert read(write(tmp_path / "s", {"task_id": 1, "completion": "\ud800"}))[0].completion == "?"
