"""What a run will be, settled before anything is spent: its record, from the model, the suite and the options."""

import hashlib
import platform
import re
import secrets
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue

from harness import __version__
from harness.errors import UserError
from harness.records import Model, PromptMode, Record, RunInfo, Sampling
from harness.suites import Suite

SCORED_FILE = Model(name="samples", backend="none", served_name="none", note="somebody else's samples")
"""Stands for the model of a file of samples until the user names one."""


TaskId = Annotated[str, BeforeValidator(lambda given: str(given) if isinstance(given, int) else given)]
"""A problem's id; a number stands for itself, as people write those of MBPP."""


class Choice(Record):
    """The options of an eval that are not the model's or the suite's own; None leaves the default."""

    n: int = Field(default=1, ge=1)
    temperature: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    top_p: float | None = Field(default=None, ge=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    seed: int | None = None
    preset: str | None = None
    mode: PromptMode | None = None
    limit: int | None = Field(default=None, ge=1)
    problems: tuple[TaskId, ...] = ()
    concurrency: int | None = Field(default=None, ge=1)
    timeout_s: float | None = Field(default=None, gt=0)


DEFAULT_MAX_TOKENS = 2048


def plan_eval(model: Model, suite: Suite, choice: Choice, data: Path | None = None) -> RunInfo:
    """The record of an eval of `model` on `suite`.

    A preset that is named decides the mode, unless that is given as well.
    Greedy (temperature 0) for one sample a problem, 0.8 for several, unless the user or the model's entry says else.

    Raises:
        UserError: no such preset or problem, or a preset of the other mode.
    """
    mode = choice.mode or suite.mode_of(choice.preset) or model.mode
    preset = suite.preset(choice.preset, mode)
    task_ids = _selection(suite, choice)
    temperature = choice.temperature if choice.temperature is not None else model.temperature
    if temperature is None:
        temperature = 0.0 if choice.n == 1 else 0.8
    wishes = {"concurrency": choice.concurrency, "timeout_s": choice.timeout_s}
    model = model.model_copy(update={name: wish for name, wish in wishes.items() if wish is not None})
    return RunInfo(
        run_id=new_run_id(model.name, suite.info.name),
        kind="eval",
        created=_now(),
        harness_version=__version__,
        model=model,
        suite=suite.info,
        sampling=Sampling(
            n=choice.n,
            temperature=temperature,
            top_p=choice.top_p,
            max_tokens=choice.max_tokens or model.max_tokens or DEFAULT_MAX_TOKENS,
            seed=choice.seed,
        ),
        preset=preset.name,
        prompt_mode=preset.mode,
        prompt_sha256=preset.sha256,
        example_prompt=suite.prompt(suite.problem(task_ids[0]), preset),
        task_ids=task_ids,
        expected=len(task_ids) * choice.n,
        data=str(data.resolve()) if data else None,
        host=host_facts(),
    )


def plan_score(samples: Path, suite: Suite, label: str, data: Path | None = None) -> RunInfo:
    """The record of a scored file; what the file holds is filled in by `completed_by` once it was read.

    A label such as `openrouter/openai/gpt-4-turbo` is a price reference as well: provider, then model.
    """
    price = label.replace("/", ":", 1) if "/" in label else None
    return RunInfo(
        run_id=new_run_id(label, suite.info.name),
        kind="score",
        created=_now(),
        harness_version=__version__,
        model=SCORED_FILE.model_copy(update={"name": label, "price": price}),
        suite=suite.info,
        sampling=Sampling(temperature=None, max_tokens=None),
        preset="none",
        prompt_mode="chat",
        prompt_sha256=hashlib.sha256(b"").hexdigest(),
        task_ids=(),
        expected=0,
        data=str(data.resolve()) if data else None,
        samples_file=str(samples.resolve()),
        host=host_facts(),
    )


def completed_by(info: RunInfo, suite: Suite, counts: dict[str, int], *, partial: bool) -> RunInfo:
    """The record of a scored file once the samples of each problem are counted.

    A whole file has the same number of samples for every problem of the suite; what it lacks stays unscored. `partial`
    takes the file for the whole: only its own problems and samples are asked for.
    """
    n = max(counts.values())
    task_ids = tuple(p.task_id for p in suite.problems if not partial or p.task_id in counts)
    expected = sum(counts.values()) if partial else n * len(task_ids)
    sampling = info.sampling.model_copy(update={"n": n})
    return info.model_copy(update={"sampling": sampling, "task_ids": task_ids, "expected": expected})


def new_run_id(model: str, suite: str) -> str:
    """A name that sorts by date and tells model and suite apart; the last part keeps two runs of one second apart."""
    words = re.sub(r"[^A-Za-z0-9.]+", "-", f"{model}-{suite}").strip("-.")[:80]
    return f"{_now():%Y%m%d-%H%M%S}-{words}-{secrets.token_hex(2)}"


def host_facts() -> dict[str, JsonValue]:
    """What of this machine the numbers may depend on."""
    packages = ("datasets", "docker", "genai-prices", "openai")
    return {
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
    }


def _selection(suite: Suite, choice: Choice) -> tuple[str, ...]:
    chosen = [suite.resolve(task_id) for task_id in choice.problems]
    task_ids = tuple(p.task_id for p in suite.problems if not chosen or p.task_id in chosen)[: choice.limit]
    if not task_ids:
        raise UserError("No problem is selected.", "Check --limit and --problem.")
    return task_ids


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
