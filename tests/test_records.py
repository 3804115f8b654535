"""harness.records: what reaches the disk is exact, immutable and refuses what it does not know."""

import subprocess
import sys
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness import records
from harness.records import Cost, Execution, Failure, Job, Limits, PythonCheck, Record, Sample, Usage, Verdict

ROOT = Path(__file__).parent.parent
ALL_RECORDS = sorted(
    (kind for kind in vars(records).values() if isinstance(kind, type) and issubclass(kind, Record)),
    key=lambda kind: kind.__name__,
)

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]))
counts = st.integers(min_value=0, max_value=2**53)
samples = st.builds(
    Sample,
    task_id=st.text(st.characters(exclude_categories=["Cs"])),
    index=counts,
    completion=texts,
    solution=texts,
    reasoning=texts,
    usage=st.none() | st.builds(Usage, input=counts, output=counts, cached=counts, reasoning=counts),
    latency_s=st.floats(min_value=0, allow_nan=False, allow_infinity=False),
    created=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@pytest.mark.parametrize("kind", ALL_RECORDS)
def test_records_are_frozen_and_closed(kind: type[Record]) -> None:
    """Every record is immutable and refuses fields that it does not know."""
    assert kind.model_config["frozen"] is True
    assert kind.model_config["extra"] == "forbid"


@pytest.mark.parametrize("kind", ALL_RECORDS)
def test_records_say_what_they_are(kind: type[Record]) -> None:
    """Every record has a docstring, from which the reference is made."""
    assert kind.__doc__


@given(samples)
def test_sample_survives_the_disk(sample: Sample) -> None:
    """A sample read back from its JSON line is the sample that was written, whatever text the model returned."""
    line = sample.model_dump_json()
    assert "\n" not in line
    assert Sample.model_validate_json(line) == sample


def test_execution_holds_a_verdict_or_a_failure() -> None:
    """An execution carries the failure's kind, reason and message where there is no verdict."""
    failure = Failure(kind="sandbox", reason="container_killed", message="The container was killed from outside.")
    line = Execution(task_id="a", index=0, failure=failure).model_dump_json()
    assert Execution.model_validate_json(line).failure == failure
    assert Execution.model_validate_json(line).verdict is None


def test_verdicts_are_the_words_of_the_glossary() -> None:
    """The verdicts are exactly those that the glossary lists, spelled as on disk."""
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    row = next(line for line in glossary.splitlines() if line.startswith("| verdict |"))
    assert [verdict.value for verdict in Verdict] == [word.strip(" `") for word in row.split("|")[2].split(",")]


@pytest.mark.parametrize(
    "limits", [{"cpu_s": 0}, {"wall_s": -1}, {"memory_mb": 0}, {"processes": 0}, {"file_mb": 0}, {"output_mb": 0}]
)
def test_limits_are_positive(limits: dict[str, Any]) -> None:
    """A limit of zero or less is refused: no program could run under it."""
    with pytest.raises(ValidationError):
        Limits(**limits)


@pytest.mark.parametrize("field", ["input", "output", "cached", "reasoning"])
def test_usage_is_never_negative(field: str) -> None:
    """A negative token count is refused, so a sum of usage never shrinks."""
    with pytest.raises(ValidationError):
        Usage(**{"input": 1, "output": 1, field: -1})


def test_money_keeps_every_digit() -> None:
    """A cost is written as a decimal string and comes back to the last digit."""
    cost = Cost(total=Decimal("0.1000000000000000055"), source="test", priced_as_of="2024-05-01")
    assert '"total":"0.1000000000000000055"' in cost.model_dump_json()
    assert Cost.model_validate_json(cost.model_dump_json()) == cost


def test_a_job_is_hashable() -> None:
    """A job can be a key of a set or dict, as frozen records promise."""
    job = Job(id="a", program="x = 1", check=PythonCheck(functions=("f",), test="f()"), limits=Limits())
    assert {job: 1}[job.model_copy()] == 1


def test_the_reference_of_the_run_directory_is_current() -> None:
    """docs/run-directory.md says what harness/records.py says: `make docs` would change nothing."""
    script = ROOT / "scripts" / "schema_reference.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
