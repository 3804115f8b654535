"""vLLM's counters, read from its Prometheus page and taken before and after a run."""

import math
import re
from collections.abc import Mapping

LINE = re.compile(r"^(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)(?: \d+)?$")
MODEL = re.compile(r'model_name="((?:[^"\\]|\\.)*)"')

COUNTERS = {
    "vllm:prompt_tokens_total": "prompt_tokens",
    "vllm:generation_tokens_total": "generation_tokens",
    "vllm:prefix_cache_hits_total": "cached_prompt_tokens",
    "vllm:request_success_total": "requests",
    "vllm:e2e_request_latency_seconds_sum": "request_latency_s",
    "vllm:time_to_first_token_seconds_sum": "time_to_first_token_s",
}
"""The counters a run records, and the names it gives them."""


def read_counters(page: str, model: str) -> dict[str, float]:
    """The sums of `COUNTERS` for one served model over all engines of the server; what the page lacks is absent.

    The format is Prometheus' text exposition format 0.0.4; lines that are not in it are passed over.
    """
    sums: dict[str, float] = {}
    for line in page.splitlines():
        match = LINE.match(line)
        if match and match["name"] in COUNTERS and _is_of(match["labels"] or "", model):
            name = COUNTERS[match["name"]]
            sums[name] = sums.get(name, 0.0) + _value(match["value"])
    return {name: value for name, value in sums.items() if math.isfinite(value)}


def difference(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What each counter grew by; empty where one went back, because then the server was started anew in between."""
    grown = {name: after[name] - before[name] for name in before if name in after}
    return {} if any(value < 0 for value in grown.values()) else grown


def _is_of(labels: str, model: str) -> bool:
    named = MODEL.search(labels)
    return named is None or named[1] == model


def _value(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
