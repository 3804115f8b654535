"""A run as a log of Inspect's (inspect_ai, log format 2), for its viewer and its analysis.

Verdicts become scores: C passed, I did not; a sample without a verdict has no score. An epoch is a sample's index + 1.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from harness.answer import Answer
from harness.records import Prompt, Report, RunInfo, Usage, Verdict

SCORER = "harness"
STOP_REASONS = {"stop": "stop", "length": "max_tokens", "content_filter": "content_filter"}


def to_inspect(info: RunInfo, report: Report, answers: Iterable[Answer]) -> Iterator[str]:
    """The log as one JSON object, in pieces: a sample at a time."""
    head = json.dumps(_header(info, report), indent=2)
    yield f'{head[:-2]},\n  "samples": ['
    for number, answer in enumerate(answers):
        yield f"{',' if number else ''}\n{json.dumps(_sample(info, answer))}"
    yield "\n]}\n"


def _header(info: RunInfo, report: Report) -> dict[str, Any]:
    created = info.created.isoformat()
    model = f"none/{info.model.name}"  # a provider that Inspect knows, and never asks when it scores again
    sampling = info.sampling.model_dump(include={"temperature", "top_p", "max_tokens", "seed"}, exclude_none=True)
    return {
        "version": 2,
        "status": "success" if report.coverage == 1 else "cancelled",
        "eval": {
            "created": created,
            "eval_id": info.run_id,
            "run_id": info.run_id,
            "task": info.suite.name,
            "task_id": info.suite.fingerprint[:22],
            "task_version": info.suite.version,
            "model": model,
            "model_generate_config": sampling,
            "dataset": {"name": info.suite.name, "location": info.suite.source, "samples": len(info.task_ids)},
            "config": {"epochs": info.sampling.n},
            "packages": {"harness": info.harness_version},
            "metadata": {
                "backend": info.model.backend,
                "served_name": info.model.served_name,
                "preset": info.preset,
                "prompt_sha256": info.prompt_sha256,
                "split": info.suite.split,
            },
        },
        "plan": {"name": "plan", "steps": [], "config": sampling},
        "results": {
            "total_samples": report.samples,
            "completed_samples": report.scored,
            "scores": [_score(report)] if "pass@1" in report.metrics else [],
        },
        "stats": {"started_at": created, "completed_at": created, "model_usage": _total(model, report)},
    }


def _score(report: Report) -> dict[str, Any]:
    metrics = {"accuracy": report.metrics["pass@1"], **report.metrics}
    return {
        "name": SCORER,
        "scorer": SCORER,
        "params": {},
        "metrics": {name: {"name": name, "value": value, "params": {}} for name, value in metrics.items()},
    }


def _sample(info: RunInfo, answer: Answer) -> dict[str, Any]:
    sample = answer.sample
    text = sample.completion if sample.completion is not None else sample.solution or ""
    model = sample.model or info.model.name
    reply = {"role": "assistant", "content": text, "source": "generate", "model": model}
    asked = _messages(answer.prompt)
    return {
        "id": sample.task_id,
        "epoch": sample.index + 1,
        "input": asked or answer.problem.prompt,
        "target": answer.problem.reference or "",
        "messages": [*asked, reply],
        "output": {
            "model": model,
            "choices": [{"message": reply, "stop_reason": STOP_REASONS.get(sample.finish_reason or "stop", "unknown")}],
            "usage": _usage(sample.usage),
            "time": sample.latency_s,
        },
        "scores": _scores(answer),
        "metadata": {"entry_point": answer.problem.entry_point},
        "store": {},
        "events": [],
        "model_usage": {},
        "attachments": {},
    }


def _messages(prompt: Prompt | None) -> list[dict[str, str]]:
    if prompt is None:
        return []
    turns = [(turn.role, turn.content) for turn in prompt.messages] or [("user", prompt.text)]
    return [{"role": role, "content": content} for role, content in turns]


def _scores(answer: Answer) -> dict[str, Any]:
    """Inspect's scores of a sample; empty where there is no verdict."""
    execution = answer.execution
    if execution is None or execution.verdict is None:
        return {}
    facts = {"verdict": execution.verdict, "mode": execution.mode, "stages": list(execution.stages)}
    value = "C" if execution.verdict is Verdict.PASSED else "I"
    return {
        SCORER: {
            "value": value,
            "answer": answer.program.source,
            "explanation": execution.detail or str(execution.verdict),
            "metadata": {**facts, "extraction": answer.program.method, "cpu_s": execution.cpu_s},
        }
    }


def _usage(usage: Usage | None) -> dict[str, int] | None:
    """Inspect's words; cached input is counted beside the other input there."""
    if usage is None:
        return None
    return {
        "input_tokens": usage.input - usage.cached,
        "output_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "input_tokens_cache_read": usage.cached,
        "reasoning_tokens": usage.reasoning,
    }


def _total(model: str, report: Report) -> dict[str, Any]:
    total = report.usage
    counted = Usage(input=total.input, output=total.output, cached=total.cached, reasoning=total.reasoning)
    return {} if total.unreported else {model: _usage(counted)}
