"""Each tool's own format is told by its content and read as that tool means it."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UserError
from harness.formats.found import Columns
from harness.formats.inspect_logs import ZSTANDARD
from harness.formats.samples import read_samples
from harness.records import Sample, Usage

TASKS = ("He/0", "He/1", "He/2")
FIELDS = ("task_id", "completion", "solution", "response", "choices", "body", "output", "eval", "samples", "code_list")
FIELDS += ("name", "completions", "doc", "filtered_resps")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)


def resolve(raw: str | int) -> str:
    """Knows three problems."""
    if raw not in TASKS:
        raise UserError(f"The suite has no problem {raw!r}.", "Nearest: He/0.")
    return str(raw)


def nth(place: int, program: str) -> str:
    """They are in this order."""
    if place >= len(TASKS):
        raise UserError("the suite has no such problem: it has 3, in this order.")
    return TASKS[place]


def read(path: Path) -> list[Sample]:
    """All samples of a file."""
    return list(read_samples(path, resolve, nth))


def put(folder: Path, content: Any, name: str = "file") -> Path:
    """A file of one JSON value."""
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def chat(text: str, **more: Any) -> dict[str, Any]:
    """A response object of the chat API."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 6}}
    return {"id": "x", "object": "chat.completion", "model": "m-1", "choices": [choice], "usage": usage, **more}


def inspect_sample(task: str, epoch: int, text: str, **more: Any) -> dict[str, Any]:
    """A sample of an Inspect log."""
    output = {"model": "m", "choices": [{"message": {"role": "assistant", "content": text}, "stop_reason": "stop"}]}
    usage = {"input_tokens": 4, "output_tokens": 5, "total_tokens": 15, "input_tokens_cache_read": 6}
    return {"id": task, "epoch": epoch, "input": "", "target": "", "output": {**output, "usage": usage}, **more}


def test_evalplus_results_give_their_programs(tmp_path: Path) -> None:
    """What EvalPlus leaves of an evaluation is judged anew; an entry without its program is named."""
    entries = [{"task_id": "He/1", "solution": text, "base_status": "fail"} for text in ("x = 1", "x = 2")]
    path = put(tmp_path, {"date": "", "hash": "", "eval": {"He/1": entries}})
    assert [(s.task_id, s.index, s.solution) for s in read(path)] == [("He/1", 0, "x = 1"), ("He/1", 1, "x = 2")]
    with pytest.raises(UserError, match="He/0, 1: field solution is null"):
        read(put(tmp_path, {"hash": "", "eval": {"He/0": {"nfiles": 1, "base": []}}}))


def test_generations_follow_the_order_of_the_suite(tmp_path: Path) -> None:
    """BigCode's file has no ids: its n-th list holds the programs for the suite's n-th problem."""
    samples = read(put(tmp_path, [["a", "b"], [], ["c"]]))
    assert [(s.task_id, s.index, s.solution) for s in samples] == [("He/0", 0, "a"), ("He/0", 1, "b"), ("He/2", 0, "c")]
    assert not any(s.raw for s in samples)


def test_generations_for_more_problems_than_there_are_are_refused(tmp_path: Path) -> None:
    """A file of another suite would be scored against the wrong problems, so its length is checked."""
    with pytest.raises(UserError, match=r"item 4: the suite has no such problem: it has 3"):
        read(put(tmp_path, [["a"]] * 4))


def test_custom_output_names_its_problems(tmp_path: Path) -> None:
    """LiveCodeBench's custom output names each problem and lists its programs, in any order."""
    rows = [{"question_id": "He/2", "code_list": ["a", "b"]}, {"question_id": "He/0", "code_list": ["c"]}]
    found = [(s.task_id, s.index, s.solution) for s in read(put(tmp_path, rows))]
    assert found == [("He/2", 0, "a"), ("He/2", 1, "b"), ("He/0", 0, "c")]


def test_an_array_of_rows_reads_like_its_lines(tmp_path: Path) -> None:
    """The objects of a JSON lines file may stand in one array, gzipped or not."""
    path = tmp_path / "file.json.gz"
    path.write_bytes(gzip.compress(json.dumps([{"task_id": "He/1", "completion": "c"}], indent=1).encode()))
    assert [(s.task_id, s.completion) for s in read(path)] == [("He/1", "c")]


def test_a_folder_of_programs_is_evalplus(tmp_path: Path) -> None:
    """EvalPlus's folders read as whole programs; sample 10 comes after sample 9."""
    for name, text in [("He_1/0.py", "a"), ("He_1/9.py", "b"), ("He_1/10.py", "c"), ("He_0/0.py", "d")]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "notes.txt").write_text("x")
    assert [(s.task_id, s.solution) for s in read(tmp_path)] == [
        ("He/0", "d"), ("He/1", "a"), ("He/1", "b"), ("He/1", "c"),
    ]  # fmt: skip


def completions(task: str, *texts: str) -> dict[str, Any]:
    """What MultiPL-E writes of a problem."""
    return {"name": task, "language": "cpp", "prompt": "p", "tests": "t", "completions": list(texts), "top_p": 0.95}


def test_multipl_e_completions_continue_the_prompt(tmp_path: Path) -> None:
    """A folder of files, gzipped or not, reads like one file or line of it; the results beside it are not looked at."""
    (tmp_path / "He_1.json.gz").write_bytes(gzip.compress(json.dumps(completions("He/1", "a", "b")).encode()))
    put(tmp_path, completions("He/0", "c"), "He_0.json")
    put(tmp_path, {"name": "He/2", "results": [{"program": "x", "status": "OK"}]}, "He_2.results.json")
    samples = read(tmp_path)
    assert [(s.task_id, s.index, s.completion) for s in samples] == [
        ("He/0", 0, "c"),
        ("He/1", 0, "a"),
        ("He/1", 1, "b"),
    ]
    assert not any(s.raw for s in samples)
    lines = tmp_path / "lines"
    lines.write_text("".join(json.dumps(completions(*row)) + "\n" for row in (("He/0", "c"), ("He/1", "a", "b"))))
    assert read(lines) == samples
    assert read(tmp_path / "He_1.json.gz") == samples[1:]


def test_a_cut_file_in_a_folder_is_named(tmp_path: Path) -> None:
    """Half a download among many files is found, not scored as fewer samples."""
    whole = gzip.compress(json.dumps(completions("He/1", "a" * 1000)).encode())
    (tmp_path / "He_1.json.gz").write_bytes(whole[:-20])
    with pytest.raises(UserError, match=r"He_1.json.gz is not a whole gzip file"):
        read(tmp_path)


def logged(task: str | int, *programs: str, by: str = "create_test") -> str:
    """A line of lm-evaluation-harness's --log_samples, where `by` names the filter."""
    row = {
        "doc_id": 0,
        "doc": {"task_id": task, "prompt": "def f():"},
        "target": "check(f)",
        "arguments": {"gen_args_0": {"arg_0": "def f():", "arg_1": {"until": ["\nclass"]}}},
        "resps": [["raw"] * len(programs)],
        "filtered_resps": [list(programs)],
        "filter": by,
        "metrics": ["pass@1"],
        "pass@1": 0.0,
    }
    return json.dumps(row) + "\n"


def test_logged_samples_are_the_programs_that_were_judged(tmp_path: Path) -> None:
    """lm-evaluation-harness's log gives what its filter made of the answers, several or one a problem."""
    path = tmp_path / "samples_humaneval_2026-01-01T00-00-00.000000.jsonl"
    taken = logged("He/2", "c").replace('[["c"]]', '["c"]')
    path.write_text(logged("He/0", "a", "b") + taken)
    assert [(s.task_id, s.index, s.solution) for s in read(path)] == [
        ("He/0", 0, "a"),
        ("He/0", 1, "b"),
        ("He/2", 0, "c"),
    ]


def test_a_second_filter_brings_no_further_samples(tmp_path: Path) -> None:
    """Prevents a wrong pass@k: an answer under two filters is one sample, and the user says which."""
    path = tmp_path / "log"
    path.write_text(logged("He/0", "a") + logged("He/0", "b", by="strict"))
    with pytest.raises(UserError, match="line 2: sample 0 of He/0 was given before"):
        read(path)
    chosen = read_samples(path, resolve, nth, Columns(only=("filter", "strict")))
    assert [s.solution for s in chosen] == ["b"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"name": "He/0", "completions": "a"}, "field completions is text, expected a list"),
        ({"name": None, "completions": ["a"]}, "it has none of name"),
        ({"name": "He/0", "completions": ["a", 1]}, r"field completions\[1\] is a number, expected text"),
        ({"doc": {}, "filtered_resps": ["a"]}, "field doc: it has none of task_id"),
        (
            {"doc": {"task_id": "He/0"}, "filtered_resps": [["a", None]]},
            "field filtered_resps, 2 is null, expected text",
        ),
        ({"task_id": "He/0", "code_list": "a"}, "its programs are text, expected a list"),
    ],
)
def test_a_malformed_list_is_named(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    """What cannot be read is refused with its line and field."""
    with pytest.raises(UserError, match=message):
        read(put(tmp_path, row))


@pytest.mark.parametrize(
    "row",
    [
        chat("x", task_id="He/1"),
        chat("x", metadata={"task_id": "He/1"}),
        {"task_id": "He/1", "response": chat("x")},
        {"custom_id": "He/1", "response": {"status_code": 200, "body": chat("x")}, "error": None},
    ],
    ids=["beside", "metadata", "wrapped", "batch"],
)
def test_a_chat_response_is_a_raw_answer_with_its_usage(tmp_path: Path, row: dict[str, Any]) -> None:
    """A response object, bare, wrapped or of a batch, is extracted like a model's answer and keeps its tokens."""
    [sample] = read(put(tmp_path, row))
    assert (sample.task_id, sample.completion, sample.raw, sample.model) == ("He/1", "x", True, "m-1")
    assert sample.usage == Usage(input=10, output=4, cached=6)


def test_choices_are_samples_and_share_the_usage(tmp_path: Path) -> None:
    """One response with several choices is several samples in the order of their index; tokens are counted once."""
    row = chat("a", task_id="He/0")
    row["choices"] = [{"index": 1, "message": {"content": "b"}}, {"index": 0, "message": {"content": "a"}}]
    samples = read(put(tmp_path, row))
    assert [(s.index, s.completion) for s in samples] == [(0, "a"), (1, "b")]
    assert sum(s.usage.input for s in samples if s.usage) == 10
    assert all(s.usage and s.usage.apportioned for s in samples)


def test_an_answer_of_the_responses_api_is_its_messages(tmp_path: Path) -> None:
    """Of the Responses API's output the messages count, reasoning does not."""
    body = {
        "object": "response",
        "task_id": "He/0",
        "output": [
            {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "hm"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "x"}]},
        ],
        "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
    }
    [sample] = read(put(tmp_path, body))
    assert (sample.completion, sample.usage) == ("x", Usage(input=3, output=2))


def test_a_response_without_a_problem_is_refused(tmp_path: Path) -> None:
    """An answer that does not say what it answers is never guessed at."""
    with pytest.raises(UserError, match=r"line 1: it does not say which problem"):
        read(put(tmp_path, chat("x")))


def test_a_batch_error_is_no_answer(tmp_path: Path) -> None:
    """A provider's error is not the model's empty answer, which would count as failed."""
    row = {"custom_id": "He/0", "response": {"status_code": 500, "body": {"error": {"message": "overloaded"}}}}
    with pytest.raises(UserError, match="with an error, not with a sample"):
        read(put(tmp_path, row))


def test_an_inspect_json_log_is_its_answers(tmp_path: Path) -> None:
    """A log as JSON gives each epoch's answer, first epochs first, with usage in which cached input is a part."""
    log = {"version": 2, "status": "success", "eval": {}, "samples": [
        inspect_sample("He/0", 2, "b"), inspect_sample("He/0", 1, "a"), inspect_sample("He/1", 1, "c"),
    ]}  # fmt: skip
    path = tmp_path / "log.json"
    path.write_text(json.dumps(log, indent=2))
    samples = read(path)
    assert [(s.task_id, s.index, s.completion) for s in samples] == [
        ("He/0", 0, "a"), ("He/1", 0, "c"), ("He/0", 1, "b"),
    ]  # fmt: skip
    assert samples[0].usage == Usage(input=10, output=5, cached=6)
    assert [s.completion for s in read(put(tmp_path, log))] == ["a", "c", "b"]


def test_an_inspect_eval_file_is_read_sample_by_sample(tmp_path: Path) -> None:
    """A `.eval` is a zip with a file a sample; an attachment stands for its text."""
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", "{}")
        long = inspect_sample("He/0", 1, "attachment://h1", attachments={"h1": "the text"})
        archive.writestr("samples/He%2F0_epoch_1.json", json.dumps(long))
        parts = inspect_sample("He/1", 1, "")
        parts["output"]["choices"][0]["message"]["content"] = [
            {"type": "reasoning", "reasoning": "hm"},
            {"type": "text", "text": "y"},
        ]
        archive.writestr("samples/He%2F1_epoch_1.json", json.dumps(parts))
    assert [(s.task_id, s.completion, s.raw) for s in read(path)] == [("He/0", "the text", True), ("He/1", "y", True)]


def test_an_eval_file_compressed_with_zstandard_is_read(tmp_path: Path) -> None:
    """Inspect of today compresses with Zstandard, which zipfile does not know; one cut short is refused by name."""
    packed = pa.compress(json.dumps(inspect_sample("He/0", 1, "x" * 500)).encode(), codec="zstd", asbytes=True)
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("samples/He/0_epoch_1.json", packed)
    content = path.read_bytes()
    for signature, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = content.index(signature) + at
        content = content[:place] + ZSTANDARD.to_bytes(2, "little") + content[place + 2 :]
    path.write_bytes(content)
    assert [s.completion for s in read(path)] == ["x" * 500]
    path.write_bytes(content.replace(packed[8:20], b"?" * 12))
    with pytest.raises(UserError, match=r"log\.eval cannot be read"):
        read(path)


def test_an_unanswered_inspect_sample_is_named(tmp_path: Path) -> None:
    """A sample that Inspect ended with an error has no answer and must not count as a wrong one."""
    log = {"eval": {}, "samples": [inspect_sample("He/0", 1, "a", error={"message": "x"})]}
    with pytest.raises(UserError, match="sample 1: it has no answer"):
        read(put(tmp_path, log))


def test_a_zip_that_is_no_log_is_explained(tmp_path: Path) -> None:
    """Any other zip file, and one cut short, is refused by name."""
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UserError, match="no log of Inspect's"):
        read(path)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(UserError, match="cannot be read"):
        read(path)


@given(content=JSON)
def test_any_json_is_samples_or_a_clear_error(content: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever JSON a file holds, reading it gives samples or one of our errors that names the file."""
    path = put(tmp_path_factory.getbasetemp(), content, "any.json")
    try:
        read(path)
    except UserError as error:
        assert "any.json" in error.message  # noqa: PT017 - both ends are right
