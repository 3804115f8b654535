"""What a request can be billed at most, and what one that failed was: pure functions, and the frame around a request.

The prompt is bounded without the provider's tokenizer: a token stands for at least one byte of UTF-8 in byte-level BPE
(GPT, Llama 3, Qwen, Mistral) and in SentencePiece with byte fallback (Llama 2, Gemma), so the whole request's JSON has
at least as many bytes as its text has tokens; `TEMPLATE` covers what the chat template adds. The answer is bounded by
what the request asks for (docs/budget.md).
"""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from harness.backends.adapt import LENGTHS
from harness.backends.base import Meter
from harness.backends.faults import NO_MONEY, Rejected
from harness.errors import ProviderError
from harness.records import Completion, Usage

TEMPLATE = 512
"""Tokens that a server may put around a prompt: roles, dates, a system message of its own (usually 4 to 70)."""

NOTHING = Usage(input=0, output=0)
REFUSED_UNREAD = {401, 402, 403, 404, 405, 410, 425, 429}
"""Refused before the prompt was looked at. Other refusals may be billed for the prompt (Azure does for its filter)."""


class Unmetered:
    """Keeps no count."""

    async def reserve(self, _most: Usage | None) -> int:
        """There is always room."""
        return 0

    def settle(self, _request: int, _usage: Usage | None) -> None:
        """Say nothing."""


@dataclass
class Bill:
    """What is known of one request so far. `answered`: there was an answer with status 200, so it was computed."""

    answered: bool = False
    usage: Usage | None = None


@asynccontextmanager
async def billed(meter: Meter, most: Usage | None) -> AsyncGenerator[Bill, None]:
    """The frame around one request: reserves before it is sent, settles however it ends, cancelled included.

    Raises:
        BudgetError: there is no room; nothing was sent.
    """
    request, bill = await meter.reserve(most), Bill()
    try:
        yield bill
    except (Rejected, ProviderError) as error:
        if not bill.answered:
            bill.usage = billed_for_failing(error, most)
        raise
    finally:
        meter.settle(request, bill.usage)


def most_tokens(body: Mapping[str, Any], max_output: int | None) -> Usage | None:
    """The most that a request of this JSON can be billed; None where nothing bounds its answer.

    Every choice counts the prompt again. `max_output` is the entry's, for a provider that bills beyond `max_tokens`.
    """
    lengths = [body[name] for name in LENGTHS if isinstance(body.get(name), int)]
    if not lengths:
        return None
    choices = max([1, *(body[name] for name in ("n", "best_of") if isinstance(body.get(name), int))])
    size = len(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return Usage(input=choices * (size + TEMPLATE), output=choices * max(0, max_output or 0, *lengths))


def billed_for_failing(error: Rejected | ProviderError, most: Usage | None) -> Usage | None:
    """What a request that ended in `error` was billed; None where it may have been computed whole.

    A request that never left, or was refused unread, is not billed; one that was refused for what it holds (400, 422)
    has brought no output; after a timeout, a broken connection or a 5xx anything may have been billed.
    """
    if isinstance(error, ProviderError):
        return NOTHING if error.reason == "unreachable" else None
    fault = error.fault
    if fault.status in REFUSED_UNREAD or 300 <= fault.status < 400 or fault.codes & NO_MONEY:
        return NOTHING
    if most is not None and 400 <= fault.status < 500 and fault.status != 408:
        return Usage(input=most.input, output=0)
    return None


def total_usage(drawn: Sequence[Completion]) -> Usage | None:
    """The usage of a whole request from the shares of its choices; None where the provider reported none."""
    shares = [one.usage for one in drawn if one.usage is not None]
    if len(shares) < len(drawn):
        return None
    fields = ("input", "output", "cached", "reasoning")
    return Usage(**{name: sum(getattr(share, name) for share in shares) for name in fields})
