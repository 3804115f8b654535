"""Fingerprints over content: the same for a hub copy and a local file of whichever format.

Two of them matter. The *data* fingerprint hashes the rows that a suite uses, as they were published; it is pinned in
suite.yaml for each split, so that a changed copy is noticed, and does not move when a template does. The *suite*
fingerprint hashes all that a score depends on (problems, checks, limits, prompts, version) and is in every run.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from harness.records import Problem
from harness.suites.definition import SuiteDefinition


def canonical(value: JsonValue) -> bytes:
    """JSON with sorted keys, no spaces and ASCII only: equal values have equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def row_digest(values: Mapping[str, JsonValue]) -> str:
    """Sixteen hex digits of SHA-256 over one row: enough to name the rows that changed."""
    return hashlib.sha256(canonical(dict(values))).hexdigest()[:16]


def data_fingerprint(digests: Mapping[str, str]) -> str:
    """SHA-256 over the task ids of a split with the digests of their rows, in the split's order."""
    lines = "".join(f"{digest}  {task_id}\n" for task_id, digest in digests.items())
    return hashlib.sha256(lines.encode()).hexdigest()


def suite_fingerprint(definition: SuiteDefinition, problems: Iterable[Problem], shots: Iterable[Problem]) -> str:
    """SHA-256 over the problems with their checks and limits, the prompts with their shots, and the version."""
    content: dict[str, JsonValue] = {
        "name": definition.name,
        "version": definition.version,
        "problems": [_content(problem) for problem in problems],
        "presets": [preset.model_dump(mode="json", exclude={"description"}) for preset in definition.presets],
        "shots": [_content(shot) for shot in shots],
        **({"points": definition.points.model_dump(mode="json")} if definition.points else {}),
    }
    return hashlib.sha256(canonical(content)).hexdigest()


def _content(problem: Problem) -> dict[str, JsonValue]:
    """A problem's fields; those that came with a later version only where they are used: else nothing has changed."""
    content: dict[str, JsonValue] = problem.model_dump(mode="json", exclude={"check"})
    check = problem.check.model_dump(mode="json")
    if not check.get("stages"):
        check.pop("stages", None)
    limits = problem.limits.model_dump(mode="json", exclude_none=True)
    return {**content, "check": check, "limits": limits}
