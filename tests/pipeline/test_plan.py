"""A run's record says what its numbers depend on."""

from pathlib import Path

import pytest

from harness.errors import UserError
from harness.pipeline.plan import Choice, completed_by, new_run_id, plan_eval, plan_score
from harness.records import Model
from harness.suites import Suite

MODEL = Model(name="org/llama 3", backend="vllm", served_name="llama")


def test_defaults_are_greedy_for_one_sample_and_warm_for_several(smoke: Suite) -> None:
    """One sample a problem is drawn at temperature 0, several at 0.8, unless user or entry say else."""
    warm = MODEL.model_copy(update={"temperature": 0.3})
    cases = [
        (plan_eval(MODEL, smoke, Choice()), 0.0),
        (plan_eval(MODEL, smoke, Choice(n=5)), 0.8),
        (plan_eval(warm, smoke, Choice(n=5)), 0.3),
        (plan_eval(warm, smoke, Choice(temperature=1.0)), 1.0),
    ]
    assert [info.sampling.temperature for info, _ in cases] == [expected for _, expected in cases]


def test_a_selection_keeps_the_order_of_the_suite(smoke: Suite) -> None:
    """Named problems come in the suite's order, and the limit counts them."""
    ids = [p.task_id for p in smoke.problems]
    assert plan_eval(MODEL, smoke, Choice(problems=(ids[3], ids[1]))).task_ids == (ids[1], ids[3])
    assert plan_eval(MODEL, smoke, Choice(problems=(ids[3], ids[1]), limit=1)).task_ids == (ids[1],)
    with pytest.raises(UserError, match="no problem"):
        plan_eval(MODEL, smoke, Choice(problems=("nosuch/1",)))


def test_the_prompt_that_was_used_is_in_the_record(smoke: Suite) -> None:
    """The record holds the preset, its mode, its hash and the first problem's prompt as sent."""
    info = plan_eval(MODEL, smoke, Choice(mode="completion", limit=1))
    assert info.prompt_mode == "completion"
    assert info.example_prompt is not None
    assert smoke.problems[0].prompt in info.example_prompt.text
    assert info.prompt_sha256 != plan_eval(MODEL, smoke, Choice(mode="chat")).prompt_sha256


def test_a_named_preset_decides_the_mode(smoke: Suite) -> None:
    """`--preset continue` is enough to ask a chat model for a continuation; a mode that contradicts it is refused."""
    assert MODEL.mode == "chat"
    assert plan_eval(MODEL, smoke, Choice(preset="continue")).prompt_mode == "completion"
    with pytest.raises(UserError, match="no chat prompt preset named 'continue'"):
        plan_eval(MODEL, smoke, Choice(preset="continue", mode="chat"))


def test_the_users_concurrency_and_timeout_go_before_the_models(smoke: Suite) -> None:
    """What the command line says of requests is what the run's model says, the rest is as in the catalogue."""
    chosen = plan_eval(MODEL, smoke, Choice(concurrency=2, timeout_s=7.5)).model
    assert chosen == MODEL.model_copy(update={"concurrency": 2, "timeout_s": 7.5})
    assert plan_eval(MODEL, smoke, Choice()).model == MODEL


def test_run_ids_are_file_names_that_differ() -> None:
    """Ids hold no slash or space, and two of the same second differ."""
    first, second = new_run_id(MODEL.name, "smoke"), new_run_id(MODEL.name, "smoke")
    assert first != second
    assert "org-llama-3-smoke" in first
    assert not set(first) & set("/ ")


def test_a_scored_file_is_asked_for_the_same_number_everywhere(smoke: Suite) -> None:
    """A problem with fewer samples than the others lacks some; a partial file is taken for the whole."""
    a, b = (p.task_id for p in smoke.problems[:2])
    info = plan_score(Path("s.jsonl"), smoke, "them")
    whole = completed_by(info, smoke, {a: 2, b: 1}, partial=False)
    assert (whole.sampling.n, whole.expected) == (2, 2 * len(smoke.problems))
    part = completed_by(info, smoke, {a: 2, b: 1}, partial=True)
    assert (part.task_ids, part.expected) == ((a, b), 3)
