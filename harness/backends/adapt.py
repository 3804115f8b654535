"""The one change that a refused request asks for, where the server says it plainly.

Newer OpenAI models want `max_completion_tokens` and take no temperature; a server may have less room in its context
than was asked for. A parameter's name or absence is remembered for the model and reported; room is found per request.
"""

import re
from typing import Any

from harness.backends.faults import Fault, is_too_long

CONTEXT = re.compile(r"maximum context length is (\d{1,9}) tokens")
PROMPT = re.compile(r"\((\d{1,9}) in (?:the|your) (?:messages|prompt)|(?:has|contains?|passed) (\d{1,9}) input tokens")
CEILING = re.compile(
    r"max_model_len=(\d{1,9})|at most (\d{1,9}) completion tokens|> (\d{1,9}), which is the maximum allowed number"
)
UNSUPPORTED = re.compile(
    r"unsupported (?:parameter|value)|does not support|not supported|unrecognized request argument", re.IGNORECASE
)
DROPPABLE = ("temperature", "top_p", "seed")
LENGTHS = ("max_tokens", "max_completion_tokens")


def refused_parameter(fault: Fault, body: dict[str, Any]) -> str | None:
    """The parameter that the server will not take in any request, where there is a way to do without."""
    if fault.status not in (400, 422) or not UNSUPPORTED.search(fault.words):
        return None
    known = [name for name in (*DROPPABLE, "max_tokens") if name in body]
    named = fault.param or next((name for name in known if f"'{name}'" in fault.words), "")
    return named if named in known else None


def without(body: dict[str, Any], parameter: str) -> dict[str, Any]:
    """`body` without a refused parameter; `max_tokens` goes on as `max_completion_tokens`."""
    rest = {name: value for name, value in body.items() if name != parameter}
    if parameter == "max_tokens" and parameter in body:
        rest["max_completion_tokens"] = body[parameter]
    return rest


def with_room(fault: Fault, body: dict[str, Any]) -> dict[str, Any] | None:
    """`body` asking for as many tokens as there may be; None where there is no room or nothing to lower."""
    length = next((name for name in LENGTHS if isinstance(body.get(name), int)), None)
    if length is None or fault.status not in (400, 422):
        return None
    room = _room(fault, body[length])
    return {**body, length: room} if 0 < room < body[length] else None


def _room(fault: Fault, asked: int) -> int:
    """The tokens that fit in the server's own words, 0 where they say none.

    Some servers do not count a prompt to its end ("at least 1000 input tokens"): then half as many are asked for.
    """
    ceiling = CEILING.search(fault.words)
    if ceiling:
        return _number(ceiling)
    context, prompt = CONTEXT.search(fault.words), PROMPT.search(fault.words)
    if context and prompt:
        return int(context[1]) - _number(prompt)
    stopped_counting = "at least" in fault.words and "even without any output" not in fault.words
    return asked // 2 if stopped_counting and is_too_long(fault) else 0


def _number(match: re.Match[str]) -> int:
    return int(next(group for group in match.groups() if group))
