"""A run's samples, beside its record of Every Eval Ever: a line for each sample and each share of its score.

A sample without a verdict has no line: a score would make it right or wrong.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from harness.answer import Answer
from harness.formats.to_every_eval import SCHEMA_VERSION, evaluation_id, evaluation_name, model_and_developer, result_id
from harness.records import Prompt, Report, RunInfo, Usage, Verdict


def to_every_eval_samples(info: RunInfo, report: Report, answers: Iterable[Answer]) -> Iterator[str]:
    """The lines, for pass@1 and each of its stages that the report has (`pass@1 base`)."""
    metrics = [name for name in report.metrics if name == "pass@1" or name.startswith("pass@1 ")]
    for answer in answers:
        if answer.execution is not None and answer.execution.verdict is not None:
            common = _common(info, answer, answer.execution.verdict)
            for metric in metrics:
                stage = metric.partition(" ")[2]
                passed = answer.execution.verdict is Verdict.PASSED or stage in answer.execution.stages
                score = {"score": float(passed), "is_correct": passed, "num_turns": 1, "tool_calls_count": 0}
                named = {"evaluation_name": evaluation_name(info, stage), "evaluation_result_id": result_id(metric)}
                yield json.dumps({**common, **named, "evaluation": score}) + "\n"


def _common(info: RunInfo, answer: Answer, verdict: Verdict) -> dict[str, Any]:
    sample, execution = answer.sample, answer.execution
    text = sample.completion if sample.completion is not None else sample.solution or ""
    reference = answer.problem.reference or ""
    details = {"verdict": str(verdict), "index": str(sample.index), "detail": execution.detail if execution else ""}
    return {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": evaluation_id(info),
        "model_id": model_and_developer(info)[1],
        "sample_id": sample.task_id,
        "sample_hash": sha256((answer.problem.prompt + reference).encode()).hexdigest(),
        "interaction_type": "single_turn",
        "input": {"raw": answer.problem.prompt, "formatted": _sent(answer.prompt), "reference": [reference]},
        "output": {"raw": [text]},
        "messages": None,
        "answer_attribution": [
            {
                "turn_idx": 0,
                "source": "output.raw",
                "extracted_value": answer.program.source or "",
                "extraction_method": answer.program.method,
                "is_terminal": True,
            }
        ],
        "token_usage": _usage(sample.usage),
        "performance": None if sample.latency_s is None else {"latency_ms": 1000 * sample.latency_s},
        "error": None if verdict in (Verdict.PASSED, Verdict.FAILED) else str(verdict),
        "metadata": details,
    }


def _sent(prompt: Prompt | None) -> str | None:
    if prompt is None:
        return None
    return prompt.text or "\n\n".join(f"{turn.role}: {turn.content}" for turn in prompt.messages)


def _usage(usage: Usage | None) -> dict[str, int] | None:
    if usage is None:
        return None
    return {
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "input_tokens_cache_read": usage.cached,
        "reasoning_tokens": usage.reasoning,
    }
