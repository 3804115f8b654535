"""Prompts: templates, presets, shots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.records import Message, Problem, PythonCheck
from harness.suites.prompting import Preset, Shots, fill, render, slots

CHAT = Preset(name="chat", mode="chat", description="", messages=(Message(role="user", content="Do {text}."),))
TEXT = Preset(name="text", mode="completion", description="", text="# {text}\n", stop=("[DONE]",))
ANSWERED = Shots(ids=("1",), answer="{code}\n[DONE]\n")


def problem(task_id: str, **fields: str) -> Problem:
    """A problem with the given columns."""
    check = PythonCheck(functions=("f",), test="assert f()")
    return Problem(task_id=task_id, prompt="", entry_point="f", check=check, fields=fields)


@given(value=st.text())
def test_a_value_is_never_searched_for_slots(value: str) -> None:
    """Whatever text a column holds, braces and slots included, it arrives unchanged."""
    assert fill("<{a}|{b}>", {"a": value, "b": "{a}"}) == f"<{value}|{{a}}>"


@given(template=st.text(alphabet="ab{} 1_\n"))
def test_a_template_whose_slots_are_known_always_fills(template: str) -> None:
    """Odd braces never raise: only names in braces are slots."""
    assert fill(template, dict.fromkeys(slots(template), "")).count("{") <= template.count("{")


def test_lists_join_by_lines_and_absent_values_are_empty() -> None:
    """MBPP's list of asserts becomes one text, a null becomes none."""
    assert fill("{tests}-{none}-{number}", {"tests": ["a", "b"], "none": None, "number": 3}) == "a\nb--3"


def test_one_item_of_a_list_can_be_asked_for() -> None:
    """EvalPlus's prompts show the first test of several."""
    assert fill("{tests[0]} {x[0]}", {"tests": ["a", "b"], "x": None}) == "a "
    assert slots("{tests[0]}") == {"tests"}


def test_a_slot_can_be_stripped() -> None:
    """EvalPlus strips a problem's prompt: no blank may be left around it, and none inside is touched."""
    assert fill("<{a:stripped}|{a}|{b[0]:stripped}>", {"a": " x y\n", "b": [" z "]}) == "<x y| x y\n|z>"
    assert slots("{a:stripped}") == {"a"}


def test_a_chat_prompt_has_the_turns_of_its_preset() -> None:
    """Chat mode sends messages and no text."""
    prompt = render(CHAT, problem("2", text="this"), {})
    assert (prompt.mode, prompt.messages, prompt.text) == ("chat", (Message(role="user", content="Do this."),), "")


def test_shots_of_a_chat_are_earlier_turns() -> None:
    """A few-shot chat alternates question and answer before the problem's own question."""
    preset = CHAT.model_copy(update={"shots": ANSWERED})
    prompt = render(preset, problem("2", text="this"), {"1": problem("1", text="that", code="pass")})
    assert [turn.role for turn in prompt.messages] == ["user", "assistant", "user"]
    assert prompt.messages[1].content == "pass\n[DONE]\n"


def test_shots_of_a_completion_stand_in_front_in_the_same_words() -> None:
    """A few-shot completion repeats the question's template, solved, then leaves the last one open."""
    preset = TEXT.model_copy(update={"shots": ANSWERED})
    prompt = render(preset, problem("2", text="this"), {"1": problem("1", text="that", code="pass")})
    assert (prompt.text, prompt.stop) == ("# that\npass\n[DONE]\n# this\n", ("[DONE]",))


def test_the_hash_moves_with_the_template_and_not_with_the_description() -> None:
    """Two runs with the same hash were asked in the same words."""
    assert TEXT.sha256 == TEXT.model_copy(update={"description": "other"}).sha256
    assert TEXT.sha256 != TEXT.model_copy(update={"text": "{text}"}).sha256
    assert TEXT.sha256 != TEXT.model_copy(update={"stop": ()}).sha256


@pytest.mark.parametrize("fields", [{"mode": "chat", "text": "x"}, {"mode": "completion"}])
def test_a_preset_without_the_template_of_its_mode_is_refused(fields: dict[str, str]) -> None:
    """A chat preset has messages, a completion preset has a text."""
    with pytest.raises(ValidationError, match="a preset of mode"):
        Preset.model_validate({"name": "x", "description": "", **fields})
