"""A run as a record of Every Eval Ever (schema 0.3): its pass@k with intervals and where they come from."""

import json
import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from harness.records import Report, RunInfo

SCHEMA_VERSION = "0.3.0"


def to_every_eval(info: RunInfo, report: Report, now: datetime, rows: int = 0) -> str:
    """The record as JSON; `now` is when it was made. A metric that the run lacks is absent, never zero.

    `rows` are the lines of the file of samples beside it (every_eval_samples.py), which is not named where it has none.
    """
    developer, model_id = model_and_developer(info)
    record = {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": evaluation_id(info),
        "evaluation_timestamp": str(int(info.created.timestamp())),
        "retrieved_timestamp": str(int(now.timestamp())),
        "source_metadata": {
            "source_name": "harness",
            "source_type": "evaluation_run",
            "source_organization_name": "unknown",
            "evaluator_relationship": "third_party",
        },
        "eval_library": {"name": "harness", "version": info.harness_version},
        "model_info": {
            "name": info.model.name,
            "id": model_id,
            "developer": developer,
            "inference_platform": info.model.backend,
            "additional_details": {
                "deployment_type": "self_deployed" if info.model.backend == "vllm" else "unknown",
                "model_availability": "unknown",
            },
        },
        "evaluation_results": [_result(info, report, name) for name in report.metrics if _PASS_AT_K.fullmatch(name)],
    }
    if rows:
        beside = samples_beside(every_eval_path(info)).as_posix()
        record["detailed_evaluation_results"] = {"format": "jsonl", "file_path": beside, "total_rows": rows}
    return json.dumps(record, indent=2) + "\n"


def every_eval_path(info: RunInfo) -> Path:
    """The record's place in the shared collection, data/SUITE/DEVELOPER/MODEL/UUID.json; a run's is always the same."""
    developer, model_id = model_and_developer(info)
    name = UUID(bytes=sha256(info.run_id.encode()).digest()[:16], version=4)
    model = re.sub(r"[^A-Za-z0-9._-]+", "-", model_id.removeprefix(f"{developer}/"))
    return Path("data") / info.suite.name / re.sub(r"[^A-Za-z0-9._-]+", "-", developer) / model / f"{name}.json"


def samples_beside(path: Path) -> Path:
    """Where the samples of a record at `path` lie."""
    return path.with_name(f"{path.stem}_samples.jsonl")


def evaluation_id(info: RunInfo) -> str:
    """What names the run in its record and in its samples."""
    return f"{info.suite.name}/{model_and_developer(info)[1].replace('/', '_')}/{info.run_id}"


def evaluation_name(info: RunInfo, stage: str) -> str:
    """The suite, and the stage of it that a result is about; empty for the whole."""
    return ".".join(filter(None, (info.suite.name, stage)))


def result_id(metric: str) -> str:
    """What a sample's line calls the result it is a part of."""
    return metric.replace(" ", "-")


_PASS_AT_K = re.compile(r"pass@\d+(?: (?:(?!_low|_high).)+)?")


def model_and_developer(info: RunInfo) -> tuple[str, str]:
    """Who made the model, and its id as `developer/model`; the developer is `unknown` where nothing tells."""
    served = info.model.served_name if info.kind == "eval" else info.model.name
    developer, slash, _ = served.partition("/")
    if slash:
        return developer, served
    developer = (info.model.price or "").partition(":")[0] or "unknown"
    return developer, f"{developer}/{served}"


def _result(info: RunInfo, report: Report, metric: str) -> dict[str, Any]:
    word, _, stage = metric.partition(" ")
    interval = {
        "lower": report.metrics[f"{metric}_low"],
        "upper": report.metrics[f"{metric}_high"],
        "confidence_level": 0.95,
        "method": "docs/statistics.md of harness; it spans what unscored samples could change",
    }
    return {
        "evaluation_result_id": result_id(metric),
        "evaluation_name": evaluation_name(info, stage),
        "source_data": _source(info),
        "evaluation_timestamp": str(int(info.created.timestamp())),
        "metric_config": {
            "evaluation_description": f"Share of {info.suite.language} problems solved, judged by running tests",
            "metric_id": "pass_at_k",
            "metric_name": word,
            "metric_kind": "pass_rate",
            "metric_unit": "proportion",
            "metric_parameters": {"k": float(word.removeprefix("pass@"))},
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
        },
        "score_details": {
            "score": report.metrics[metric],
            "details": {"coverage": str(report.coverage)},
            "uncertainty": {"confidence_interval": interval, "num_samples": report.scored},
        },
        "generation_config": _generation(info),
    }


def _source(info: RunInfo) -> dict[str, Any]:
    """The data set: on the hub where the suite's source names a repository, else any other."""
    details = {"suite_version": info.suite.version, "fingerprint": info.suite.fingerprint, "source": info.suite.source}
    repo, at, _ = info.suite.source.partition(" @ ")
    common = {"dataset_name": info.suite.name, "additional_details": details}
    if not at:
        return {**common, "source_type": "other"}
    return {
        **common,
        "source_type": "hf_dataset",
        "hf_repo": repo.partition(" ")[0],
        "hf_split": info.suite.split,
        "samples_number": len(info.task_ids),
        "sample_ids": list(info.task_ids),
    }


def _generation(info: RunInfo) -> dict[str, Any]:
    given = info.sampling.model_dump(include={"temperature", "top_p", "max_tokens"}, exclude_none=True)
    details = {"samples_per_problem": info.sampling.n, "preset": info.preset, "prompt_sha256": info.prompt_sha256}
    return {
        "generation_args": {**given, "sandbox": {"type": "docker"}},
        "additional_details": {name: str(value) for name, value in details.items()},
    }
