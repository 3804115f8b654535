"""What a program is judged by, the lowest records of all: limits and the kinds of check (docs/languages.md).

Times are seconds, sizes are MiB unless the name says otherwise.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

PYTHON = "python"
"""The language that needs no row of its own: the sandbox itself is written in it."""


class Record(BaseModel):
    """Base of all records."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Limits(Record):
    """What one program may use. CPU time decides; wall time is the backstop.

    `call_cpu_s`: CPU time of any single call that Python tests make, once the program has been loaded; a call may then
    also take only as much of `wall_s` as that is of `cpu_s`.
    """

    cpu_s: float = Field(default=5.0, gt=0)
    wall_s: float = Field(default=30.0, gt=0)
    memory_mb: int = Field(default=1024, gt=0)
    processes: int = Field(default=64, gt=0)
    file_mb: int = Field(default=64, gt=0)
    output_mb: int = Field(default=16, gt=0)
    call_cpu_s: float | None = Field(default=None, gt=0)


class PythonCheck(Record):
    """Tests in Python that call the program from another process (docs/sandbox.md).

    The judge runs `setup` (trusted code: the prompt's own helpers and imports), then binds every name of `functions`
    to a proxy that calls the candidate, and every name of `classes` to a proxy whose instances stay with the candidate
    (opaque handles: they equal nothing and have no truth value), then runs `test`. The program passed when `test` ran
    to its end. `stages` names parts of the test that are scored on their own as well, in order: the test calls
    `__stage__()` at the end of each.
    """

    kind: Literal["python"] = "python"
    setup: str = ""
    functions: tuple[str, ...]
    classes: tuple[str, ...] = ()
    test: str
    stages: tuple[str, ...] = ()


class Step(Record):
    """One command inside the sandbox: a build step that must succeed, or (the last one) the program itself."""

    command: tuple[str, ...]
    env: dict[str, str] = {}


class ProgramCheck(Record):
    """Calls of a program in another language, whose results are compared outside it (docs/languages.md).

    `files` are the driver and what belongs to it, `program` is the name under which the answer lies beside them;
    `steps` build and run all that. The driver writes one line for each call to the file `results`. `oracle` holds the
    files that replace them in the trusted program, which no answer ever meets: it writes the expected lines.

    Where results cannot leave the program (`unsplit` says why), the driver compares inside, and writes `__TOKEN__`,
    which is another text in each run, once for each comparison that held: `calls` of them. `compile_status` is the exit
    status by which a program without build steps says that the answer does not compile.
    """

    kind: Literal["program"] = "program"
    language: str
    program: str
    files: dict[str, str]
    oracle: dict[str, str] = {}
    steps: tuple[Step, ...]
    build_cpu_s: float = Field(default=20.0, gt=0)
    compare: Literal["exact", "loose"] = "exact"
    compile_status: int = 0
    calls: tuple[str, ...]
    unsplit: str = ""

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts that are scored on their own: none."""
        return ()


class TestsCheck(Record):
    """The answer is a file of tests for `files` (path to text); it lies at `answer` beside them (docs/languages.md).

    It passed when it compiles, has at least one test, and all of them pass. What was seen is in the outcome's
    `measures`: `executed` (1: its tests ran to their end, passed or not), `tests`, `tests_passed`, `statements` of
    `files` and how many of them it `covered`. `mutants` are broken versions, each the files that it replaces, on which
    the tests should fail: `mutants` and `killed` count them. Where `tests_required` is false, points are given for a
    file without any test, too, as long as it compiles.
    """

    __test__ = False  # pytest: not a test class

    kind: Literal["tests"] = "tests"
    language: str
    files: dict[str, str]
    answer: str
    mutants: tuple[dict[str, str], ...] = ()
    tests_required: bool = True

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts that are scored on their own: none."""
        return ()


Check = Annotated[PythonCheck | ProgramCheck | TestsCheck, Field(discriminator="kind")]
"""Whatever a sandbox can judge a program by."""
