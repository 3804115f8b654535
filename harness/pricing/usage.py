"""Tokens as the provider reports them: checked, made comparable, and divided where one request gave several samples."""

from collections.abc import Mapping, Sequence

from harness.records import Usage

ABSURD = 2**31


def read_usage(reported: object, *, answered: bool) -> Usage | None:
    """The usage of one request; None where the provider reported none, or nonsense.

    A prompt always has tokens, and so has an answer that is not empty (`answered`): zeros there mean "not counted".
    Some providers leave reasoning out of `completion_tokens` and count it in `total_tokens` only (Gemini, xAI);
    it is billed as output, so it is added: here `output` always holds it.
    """
    if not isinstance(reported, Mapping):
        return None
    given, output = _count(reported.get("prompt_tokens")), _count(reported.get("completion_tokens"))
    if not given or output is None or (answered and not output):
        return None
    cached = _detail(reported, "prompt_tokens_details", "cached_tokens")
    reasoning = _detail(reported, "completion_tokens_details", "reasoning_tokens")
    hidden = max(0, (_count(reported.get("total_tokens")) or 0) - given - output)
    if hidden and reasoning in (0, hidden):
        output, reasoning = output + hidden, hidden
    return Usage(
        input=given,
        output=output,
        cached=cached if cached <= given else 0,
        reasoning=reasoning if reasoning <= output else 0,
    )


def apportion(usage: Usage | None, texts: Sequence[str]) -> list[Usage | None]:
    """One usage for each text: the input in equal shares, the output by the texts' lengths, sums exact."""
    if usage is None or len(texts) == 1:
        return [usage] * len(texts)
    even, lengths = [1] * len(texts), [len(text) + 1 for text in texts]
    shares = zip(
        split(usage.cached, even),
        split(usage.input - usage.cached, even),
        split(usage.reasoning, lengths),
        split(usage.output - usage.reasoning, lengths),
        strict=True,
    )
    return [
        Usage(input=cached + fresh, cached=cached, output=reasoning + rest, reasoning=reasoning, apportioned=True)
        for cached, fresh, reasoning, rest in shares
    ]


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` as integers in proportion to `weights`, the sum exact (cumulative rounding)."""
    whole, before, shares = sum(weights), 0, []
    reached = 0
    for weight in weights:
        reached += weight
        upto = total * reached // whole
        shares.append(upto - before)
        before = upto
    return shares


def _detail(reported: Mapping[str, object], group: str, field: str) -> int:
    details = reported.get(group)
    return (_count(details.get(field)) or 0) if isinstance(details, Mapping) else 0


def _count(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < ABSURD else None
