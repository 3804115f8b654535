"""Answers as chat APIs return them: the response objects of OpenAI's two APIs and of its batches.

    {"id", "object": "chat.completion", "choices": [{"message": {"content"}, "finish_reason"}], "usage", "model"}
    {"id", "object": "response", "output": [{"type": "message", "content": [{"type": "output_text", "text"}]}], "usage"}
    {"custom_id", "response": {"status_code": 200, "body": one of the two}}

The problem is named by `task_id`, `custom_id` or `metadata.task_id`, beside the object or in it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.formats.found import Found, kind_of, malformed, text_of
from harness.pricing.usage import apportion, read_usage

NAMES = ("task_id", "custom_id")


def is_chat(row: Mapping[str, Any]) -> bool:
    """Whether a row is, or wraps, a response object."""
    return _body(row) is not None


def read_chat(row: Mapping[str, Any], where: str) -> Iterator[Found]:
    """The answers of a response object, one for each choice.

    Raises:
        UserError: it does not say which problem it answers, reports an error, or has no choices.
    """
    body = _body(row) or {}
    task = _task(row, body, where)
    if body.get("error"):
        raise malformed(where, f"the provider answered {task} with an error, not with a sample")
    choices = read_choices(body, where)
    texts = [text for text, _ in choices]
    usages = apportion(read_usage(_usage(body), answered=any(texts)), texts)
    model = body.get("model")
    for (text, finish), usage in zip(choices, usages, strict=True):
        facts = {"finish_reason": finish, "usage": usage, "model": model if isinstance(model, str) else None}
        yield Found(where, task, fields={"completion": text_of(text, "content", where), "raw": True, **facts})


def _body(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The response object in a row; None where there is none."""
    response = row.get("response")
    inner = response.get("body", response) if isinstance(response, Mapping) else row
    if isinstance(inner, Mapping) and ("choices" in inner or "output" in inner or "error" in inner):
        return inner
    return None


def _task(row: Mapping[str, Any], body: Mapping[str, Any], where: str) -> str | int:
    metadata = [part for part in (row.get("metadata"), body.get("metadata")) if isinstance(part, Mapping)]
    for part in (row, body, *metadata):
        for name in NAMES:
            value = part.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool):
                return value
    what = f"it does not say which problem it answers: it has none of {', '.join(NAMES)}"
    raise malformed(where, what, "Put a task_id beside or into the object")


def read_choices(body: Mapping[str, Any], where: str) -> list[tuple[str, str | None]]:
    """The text and the finish reason of each answer in a response object.

    Raises:
        UserError: it has no choices, or one without readable text.
    """
    if "output" in body:
        return [("".join(_texts(body["output"], "output_text", where)), _word(body.get("status")))]
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, Mapping) for choice in choices):
        raise malformed(where, f"field choices is {kind_of(choices)}, expected a list of at least one choice")
    ordered = sorted(choices, key=lambda choice: choice["index"] if isinstance(choice.get("index"), int) else 0)
    return [(_text(choice, where), _word(choice.get("finish_reason"))) for choice in ordered]


def _text(choice: Mapping[str, Any], where: str) -> str:
    message = choice.get("message")
    content = message.get("content") if isinstance(message, Mapping) else choice.get("text")
    return "" if content is None else _content(content, where)


def _content(content: object, where: str) -> str:
    """A message's text: the content itself, or its text parts one after another."""
    if isinstance(content, list):
        return "".join(str(part.get("text")) for part in content if isinstance(part, Mapping) and _is_text(part))
    return text_of(content, "content", where)


def _texts(output: object, kind: str, where: str) -> Iterator[str]:
    """The texts of a Responses API answer: its messages' parts, without reasoning and tool calls."""
    if not isinstance(output, list):
        raise malformed(where, f"field output is {kind_of(output)}, expected a list")
    for item in output:
        for part in (item.get("content") or ()) if isinstance(item, Mapping) and item.get("type") == "message" else ():
            if isinstance(part, Mapping) and part.get("type") == kind:
                yield text_of(part.get("text"), "text", where)


def _is_text(part: Mapping[str, Any]) -> bool:
    return part.get("type") in ("text", "output_text") and isinstance(part.get("text"), str)


def _usage(body: Mapping[str, Any]) -> object:
    """The usage in the words of the chat API."""
    usage = body.get("usage")
    if not isinstance(usage, Mapping) or "input_tokens" not in usage:
        return usage
    return {
        "prompt_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
        "total_tokens": usage.get("total_tokens"),
        "prompt_tokens_details": usage.get("input_tokens_details"),
        "completion_tokens_details": usage.get("output_tokens_details"),
    }


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None
