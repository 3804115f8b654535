"""What a request holds, and what an answer to it may hold: pure functions between our records and the API's JSON."""

from typing import Any

from harness.records import Completion, Model, Prompt, Request

STOPS = 4
"""Stop sequences that OpenAI's API, and vLLM (seen with 0.32), take; `cut` sees to the others."""


def request_body(model: Model, request: Request, indices: tuple[int, ...]) -> dict[str, Any]:
    """The request for the samples `indices` as JSON: chat with `messages`, completion with `prompt` and `stop`.

    What the run's sampling leaves open, the model's entry decides, and what that leaves open, the provider. Samples
    differ although they share the run's seed: the seed sent is the run's plus the first index. The entry's
    `extra_body` has the last word; a null there removes a parameter.
    """
    prompt, sampling = request.prompt, request.sampling
    chat = prompt.mode == "chat"
    body = {
        "model": model.served_name,
        "messages": [message.model_dump() for message in prompt.messages] if chat else None,
        "prompt": None if chat else prompt.text,
        "stop": None if chat else list(prompt.stop[:STOPS]) or None,
        "temperature": model.temperature if sampling.temperature is None else sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens or model.max_tokens,
        "seed": None if sampling.seed is None else sampling.seed + indices[0],
        "n": len(indices) if len(indices) > 1 else None,
        **model.extra_body,
    }
    return {name: value for name, value in body.items() if value is not None}


def cut(completion: Completion, prompt: Prompt) -> Completion:
    """The completion up to its first stop sequence: an API may take fewer of them than a suite has."""
    text = completion.text
    ends = [text.find(stop) for stop in prompt.stop if stop in text] if prompt.mode == "completion" else []
    return completion.model_copy(update={"text": text[: min(ends)], "finish_reason": "stop"}) if ends else completion
