"""From the body of an answer to completions; anything that is not surely an answer is malformed and tried again."""

import json
from collections.abc import Mapping
from typing import Any

from harness.backends.faults import READ, Rejected, read_fault, shorten
from harness.errors import TransientProviderError
from harness.pricing.usage import apportion, read_usage
from harness.records import Completion, PromptMode


def read_body(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`.

    Raises:
        TransientProviderError: not UTF-8, not JSON, or not an object: the body was torn or came from something else.
    """
    try:
        data = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise malformed("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise malformed(f"is not JSON: {shorten(body[:READ].decode('utf-8', 'replace'))!r}") from None
    if not isinstance(data, dict):
        raise malformed("is not a JSON object")
    return data


def malformed(what: str) -> TransientProviderError:
    """The error for an answer that cannot be read."""
    return TransientProviderError(f"The endpoint's answer {what}.", reason="malformed_answer")


def read_completions(data: Mapping[str, Any], mode: PromptMode, count: int) -> list[Completion]:
    """The choices of an answer, at least one and at most `count`, in the order of their index.

    Raises:
        TransientProviderError: no choices, two of one index, or a choice without readable text.
        Rejected: the body reports an error although its status was 200 (routers do).
    """
    _refuse_error(data.get("error"))
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices:
        raise malformed("has no choices")
    found = [_completion(choice, mode) for choice in _in_order(choices)[:count]]
    usage = read_usage(data.get("usage"), answered=any(one.text for one in found))
    model = data.get("model")
    shared = {
        "model": _clean(model) if isinstance(model, str) and model else None,
        "request_id": _text_or_none(data.get("id")),
    }
    portions = apportion(usage, [one.text + (one.reasoning or "") for one in found])
    return [one.model_copy(update={**shared, "usage": part}) for one, part in zip(found, portions, strict=True)]


def _refuse_error(error: object) -> None:
    if error:
        code = error.get("code") if isinstance(error, Mapping) else None
        raise Rejected(read_fault(code if isinstance(code, int) and 400 <= code < 600 else 500, error, {}))


def _in_order(choices: list[Any]) -> list[Mapping[str, Any]]:
    if not all(isinstance(choice, Mapping) for choice in choices):
        raise malformed("has a choice that is not an object")
    if len(choices) == 1:
        return choices
    indices = [choice.get("index", position) for position, choice in enumerate(choices)]
    if not all(isinstance(index, int) for index in indices) or len(set(indices)) < len(indices):
        raise malformed("has two choices of one index")
    return [choice for _, choice in sorted(zip(indices, choices, strict=True), key=lambda pair: pair[0])]


def _completion(choice: Mapping[str, Any], mode: PromptMode) -> Completion:
    _refuse_error(choice.get("error"))
    finish = _text_or_none(choice.get("finish_reason"))
    if finish == "error":
        raise malformed("ends in an error")
    if mode == "completion":
        return Completion(text=_text(choice.get("text")), finish_reason=finish)
    message = choice.get("message")
    if not isinstance(message, Mapping):
        raise malformed("has a choice without a message")
    return Completion(
        text=_text(message.get("content", "")),
        reasoning=_text_or_none(message.get("reasoning_content")) or _text_or_none(message.get("reasoning")),
        finish_reason=finish,
        refusal=_text_or_none(message.get("refusal")),
    )


def _text(content: object) -> str:
    """The answer's text: a string, null (an empty answer), or a list of parts of which the text counts."""
    if content is None:
        return ""
    if isinstance(content, str):
        return _clean(content)
    if isinstance(content, list) and all(isinstance(part, Mapping) for part in content):
        return "".join(_text(part.get("text")) for part in content if part.get("type") == "text")
    raise malformed("has content that is not text")


def _text_or_none(value: object) -> str | None:
    return _clean(value) if isinstance(value, str) and value else None


def _clean(text: str) -> str:
    """JSON can spell half a surrogate pair, which is no character and fits into no file: it becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
