"""Every record that crosses a stage or reaches the disk: frozen pydantic models that refuse unknown fields.

The words are the glossary's (docs/glossary.md): problem, sample, completion, program, execution, verdict, failure,
run, report. Times are seconds, sizes are MiB unless the name says otherwise, money is `Decimal` US dollars.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from harness.checks import Check, Limits, PythonCheck, Record, TestsCheck
from harness.points import PointsRule, PointsTotal

__all__ = ["Check", "Limits", "PointsRule", "PointsTotal", "PythonCheck", "Record", "TestsCheck"]

RUN_FORMAT = 1
"""Version of the files in a run directory; a directory of another version is refused with a clear error."""


# --- problems ---------------------------------------------------------------------------------------------------------


class KnownBad(Record):
    """A program that must not pass, and the verdict it must get."""

    program: str
    verdict: "Verdict"


class Problem(Record):
    """One benchmark item. `reference` is a whole correct program; `fields` are the data set's own columns.

    `prefix` is the code that a continuation goes on from (HumanEval: the prompt; MBPP: nothing).
    """

    task_id: str
    prompt: str
    entry_point: str
    prefix: str = ""
    check: Check
    reference: str | None = None
    known_bad: tuple[KnownBad, ...] = ()
    limits: Limits = Limits()
    fields: dict[str, JsonValue] = {}


class SuiteInfo(Record):
    """What a run says of its suite. `fingerprint` hashes problems, prompts, check and limits; `stages`: PythonCheck.

    `points`: how its answers are given points, where it scores in points.
    """

    name: str
    version: str
    fingerprint: str
    split: str
    source: str
    language: str = "python"
    stages: tuple[str, ...] = ()
    points: PointsRule | None = None


# --- prompts and answers ----------------------------------------------------------------------------------------------

PromptMode = Literal["chat", "completion"]


class Message(Record):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Prompt(Record):
    """What the model is sent: `messages` in chat mode, `text` in completion mode."""

    mode: PromptMode
    messages: tuple[Message, ...] = ()
    text: str = ""
    stop: tuple[str, ...] = ()


class Sampling(Record):
    """How answers are drawn. None leaves the choice to the provider; `n` is samples per problem."""

    n: int = Field(default=1, ge=1)
    temperature: float | None = 0.0
    top_p: float | None = None
    max_tokens: int | None = 2048
    seed: int | None = None


class Usage(Record):
    """Tokens of one sample. `cached` is part of `input`, `reasoning` is part of `output`: never added on top.

    `apportioned` is true where one request returned several samples and its usage was divided among them.
    """

    input: int = Field(ge=0)
    output: int = Field(ge=0)
    cached: int = Field(default=0, ge=0)
    reasoning: int = Field(default=0, ge=0)
    apportioned: bool = False


class Completion(Record):
    """What a model returned for one sample. `usage` is None where the provider reported none."""

    text: str
    reasoning: str | None = None
    finish_reason: str | None = None
    refusal: str | None = None
    usage: Usage | None = None
    latency_s: float = 0.0
    attempts: int = 1
    model: str | None = None
    request_id: str | None = None


class Sample(Record):
    """One attempt at one problem, as it lies in samples.jsonl; `completion` is the answer's text.

    Samples of somebody else's file carry `solution` (a whole program) or `completion` (the prompt's continuation) and
    `raw=False`; a model's own answers have `raw=True` and go through extraction.
    """

    task_id: str
    index: int = Field(ge=0)
    completion: str | None = None
    solution: str | None = None
    raw: bool = True
    reasoning: str | None = None
    finish_reason: str | None = None
    refusal: str | None = None
    usage: Usage | None = None
    latency_s: float = 0.0
    attempts: int = 1
    model: str | None = None
    request_id: str | None = None
    created: datetime | None = None


class Request(Record):
    """A backend's order: `count` answers to `prompt`. The problem travels along for the reference backend."""

    problem: Problem
    prompt: Prompt
    sampling: Sampling
    indices: tuple[int, ...]


class Program(Record):
    """The code in a completion, None where there is none (verdict no_code), the rule that chose it, and why."""

    source: str | None
    method: str
    notes: tuple[str, ...] = ()


# --- execution --------------------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What the judge says of one program. A provider or sandbox fault is a `Failure`, never one of these."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    COMPILE_ERROR = "compile_error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_LIMIT = "output_limit"
    NO_CODE = "no_code"


Mode = Literal["split", "handles", "unsplit"]
"""How judge and program were kept apart: data only, data and opaque handles, or (listed problems only) not at all."""


class Job(Record):
    """One program to run against one check. `id` is unique in its run and comes back with the outcome."""

    id: str
    program: str
    check: Check
    limits: Limits


class Outcome(Record):
    """What the sandbox observed of one job: `stages` that were passed, the tail of its standard output and error.

    `measures` are what a check counts beside its verdict (TestsCheck); `by_wall` marks a timeout that only the wall
    clock showed, and so perhaps the machine's.
    """

    id: str
    verdict: Verdict
    mode: Mode = "split"
    stages: tuple[str, ...] = ()
    measures: dict[str, float] = {}
    detail: str = ""
    output: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    by_wall: bool = False


class Failure(Record):
    """Why a sample has no verdict. `reason` is a short stable word, `message` the whole story."""

    kind: Literal["provider", "sandbox"]
    reason: str
    message: str


class Execution(Record):
    """One line of executions.jsonl: a sample's verdict and the stages that it passed, or what left it unscored.

    `measures` are the outcome's, and with a suite of points those of the answer (scoring/points.py).
    """

    task_id: str
    index: int
    verdict: Verdict | None = None
    failure: Failure | None = None
    mode: Mode = "split"
    stages: tuple[str, ...] = ()
    measures: dict[str, float] = {}
    detail: str = ""
    output: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    method: str = ""
    notes: tuple[str, ...] = ()
    program_sha256: str | None = None


# --- models, runs, reports --------------------------------------------------------------------------------------------


class Model(Record):
    """An entry of the catalogue. `api_key_env` names the environment variable; the key itself is never in a record."""

    name: str
    backend: str
    served_name: str
    base_url: str | None = None
    api_key_env: str | None = None
    price: str | None = None
    mode: PromptMode = "chat"
    max_tokens: int | None = None
    max_output: int | None = Field(default=None, ge=1)
    temperature: float | None = None
    concurrency: int = Field(default=8, ge=1)
    timeout_s: float = Field(default=300.0, gt=0)
    extra_body: dict[str, JsonValue] = {}
    aliases: tuple[str, ...] = ()
    note: str = ""
    origin: str = ""


class RunInfo(Record):
    """run.json: whatever the numbers of a run depend on. It is complete with `expected` samples; `max_cost`: budget."""

    format: int = RUN_FORMAT
    run_id: str
    kind: Literal["eval", "score"]
    created: datetime
    harness_version: str
    model: Model
    suite: SuiteInfo
    sampling: Sampling
    preset: str
    prompt_mode: PromptMode
    prompt_sha256: str
    example_prompt: Prompt | None = None
    task_ids: tuple[str, ...]
    expected: int
    data: str | None = None
    samples_file: str | None = None
    sandbox: dict[str, JsonValue] = {}
    endpoint: dict[str, JsonValue] = {}
    max_cost: Decimal | None = None
    prices: dict[str, JsonValue] = {}
    host: dict[str, JsonValue] = {}


class UsageTotal(Record):
    """Tokens of a run. `unreported` counts samples whose provider gave no usage: the sums then are lower bounds."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    unreported: int = 0


class Cost(Record):
    """Money of a run in US dollars, and where its price came from."""

    total: Decimal
    source: str
    priced_as_of: str


class Report(Record):
    """report.json: the numbers of one run.

    `samples` are those asked for, `scored` those with a verdict and `coverage` is their share. `metrics` holds `pass@k`
    with its 95 % interval beside it (`pass@k_low`, `pass@k_high`), which spans what unscored samples could change; a
    pass@k for which some problem has too few samples is absent. For a stage of the suite's check, such as `base`, there
    are `pass@k base`, `pass@k base_low` and `pass@k base_high` as well. `per_problem` counts the samples of each
    task_id: `asked`, `scored`, `passed`, and those that reached each stage. `points`, with their parts, are there for a
    suite that scores in points; `metrics` then has `points`, `points_low` and `points_high`, too.
    """

    run_id: str
    model: str
    suite: SuiteInfo
    harness_version: str
    problems: int
    samples: int
    scored: int
    coverage: float
    verdicts: dict[Verdict, int]
    failures: dict[str, int]
    modes: dict[Mode, int]
    metrics: dict[str, float]
    usage: UsageTotal
    cost: Cost | None
    per_problem: dict[str, dict[str, int]] = {}
    points: PointsTotal | None = None
