"""The backends without a network: the suite's own solutions, and recorded answers."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import plugins
from harness.backends.reference import ReferenceBackend, fenced
from harness.backends.replay import ReplayBackend
from harness.errors import ProviderError, UserError
from harness.records import Completion, Model, Request, Usage

pytestmark = pytest.mark.anyio

Make = Callable[..., Model]
Ask = Callable[..., Request]


@pytest.mark.parametrize("name", ["openai", "reference", "replay", "vllm"])
def test_every_backend_is_found_by_its_name(name: str) -> None:
    """Ours register through entry points, as a stranger's do."""
    backend = plugins.load("harness.backends", name)(Model(name="m", backend=name, served_name="m"))
    assert backend.samples_per_request >= 1


async def test_the_reference_answers_with_the_solution(model: Make, request_for: Ask) -> None:
    """Each index gets the whole program in a fenced block, without usage."""
    async with ReferenceBackend(model("", backend="reference")) as backend:
        first, second = await backend.complete(request_for(2, reference="def f():\n    return 1\n"))
        assert (await backend.check(), await backend.facts()) == ({}, {})
    assert first.text == second.text == "```python\ndef f():\n    return 1\n```\n"
    assert first.usage is None


async def test_a_problem_without_reference_is_a_failure(model: Make, request_for: Ask) -> None:
    """A missing solution is no empty answer: that would be a false no_code."""
    async with ReferenceBackend(model("", backend="reference")) as backend:
        with pytest.raises(ProviderError, match="smoke/1 has no reference"):
            await backend.complete(request_for())


@given(st.text(alphabet="`a\n", max_size=60))
def test_a_fence_is_longer_than_any_in_the_program(program: str) -> None:
    """A solution with fences in a docstring comes out whole: the outer fence occurs nowhere inside."""
    opening, *_, closing, _ = fenced(program).split("\n")
    fence = opening.removesuffix("python")
    assert fence == closing
    assert fence not in program


def recorded(path: Path, *rows: Any) -> str:
    """A file of these rows; a string is a line as it stands."""
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return str(path)


async def replay(model: Model, request: Request) -> tuple[Completion, ...]:
    """The answers of a file."""
    async with ReplayBackend(model) as backend:
        return await backend.complete(request)


async def test_answers_come_back_in_their_order(tmp_path: Path, model: Make, request_for: Ask) -> None:
    """Lines of one problem are its samples in order, under any of the three names of the text."""
    path = recorded(
        tmp_path / "a.jsonl",
        {"task_id": "smoke/1", "completion": "a", "usage": {"input": 3, "output": 2}, "finish_reason": "length"},
        {"task_id": "smoke/2", "completion": "other"},
        "",
        {"task_id": "smoke/1", "response": "b", "usage": {"prompt_tokens": 4, "completion_tokens": 1}, "passed": True},
        {"task_id": "smoke/1", "text": None},
    )
    first, second, third = await replay(model(path), request_for(3))
    assert (first.text, first.usage, first.finish_reason) == ("a", Usage(input=3, output=2), "length")
    assert (second.text, second.usage) == ("b", Usage(input=4, output=1))
    assert (third.text, third.usage) == ("", None)


async def test_an_index_places_an_answer(tmp_path: Path, model: Make, request_for: Ask) -> None:
    """Lines in any order are found by their index, and gzip is read as well."""
    path = tmp_path / "a.jsonl.gz"
    rows = [{"task_id": "smoke/1", "index": index, "completion": str(index)} for index in (2, 0, 1)]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    assert [one.text for one in await replay(model(str(path)), request_for(3))] == ["0", "1", "2"]


@pytest.mark.parametrize("task_id", [11, "11", "MBPP/11", "Mbpp/11"])
async def test_mbpp_ids_mean_the_same(task_id: Any, tmp_path: Path, model: Make, request_for: Ask) -> None:
    """The ways to write an MBPP id are one problem."""
    path = recorded(tmp_path / "a.jsonl", {"task_id": task_id, "completion": "a"})
    wanted = request_for()
    wanted = wanted.model_copy(update={"problem": wanted.problem.model_copy(update={"task_id": "11"})})
    assert (await replay(model(path), wanted))[0].text == "a"


async def test_an_answer_that_is_missing_is_a_failure(tmp_path: Path, model: Make, request_for: Ask) -> None:
    """What is not recorded stays unscored, it is not an empty answer."""
    path = recorded(tmp_path / "a.jsonl", {"task_id": "smoke/1", "completion": "a"})
    with pytest.raises(ProviderError, match="has no answer 1 of smoke/1") as caught:
        await replay(model(path), request_for(2))
    assert caught.value.reason == "not_recorded"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: not a JSON object"),
        ({"completion": "a"}, "line 2: the field task_id"),
        ({"task_id": "x"}, "line 2: the field completion is missing"),
        ({"task_id": "x", "completion": 3}, "line 2: the field completion is not text"),
        ({"task_id": "x", "completion": "a", "index": -1}, "line 2: the field index"),
        ({"task_id": "x", "completion": "a", "index": "0"}, "line 2: the field index"),
        (
            {"task_id": "smoke/1", "completion": "a", "index": 0},
            "line 2: the field index 0 of smoke/1 is there already",
        ),
        ({"task_id": "x", "completion": "a", "usage": {"input": -1, "output": 1}}, "line 2: the field input"),
        ({"task_id": "x", "completion": "a", "latency_s": "slow"}, "line 2: the field latency_s"),
    ],
)
async def test_a_bad_line_names_line_and_field(line: Any, message: str, tmp_path: Path, model: Make) -> None:
    """A malformed recording ends in an error that says where, before anything runs."""
    path = recorded(tmp_path / "a.jsonl", {"task_id": "smoke/1", "completion": "a"}, line)
    with pytest.raises(UserError, match=message):
        async with ReplayBackend(model(path)):
            pass


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"\x1f\x8b\x08"])
async def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path, model: Make) -> None:
    """A recording that is not there, not text, or torn is the user's error."""
    path = tmp_path / "a.jsonl.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.jsonl\.gz"):
        async with ReplayBackend(model(str(path))):
            pass


async def test_a_replay_without_a_file_says_how(model: Make) -> None:
    """The error shows where the file goes."""
    with pytest.raises(UserError, match="replay/NAME@"):
        async with ReplayBackend(model("").model_copy(update={"base_url": None})):
            pass


async def test_check_counts_the_answers(tmp_path: Path, model: Make) -> None:
    """A replay says how much it has."""
    path = recorded(tmp_path / "a.jsonl", *[{"task_id": "x", "text": "a"}] * 2, {"task_id": "y", "text": "b"})
    async with ReplayBackend(model(path)) as backend:
        assert (await backend.check(), await backend.facts()) == ({"answers": 3, "problems": 2}, {})
