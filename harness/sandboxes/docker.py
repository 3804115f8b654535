"""The Docker sandbox: jobs run in a pool of hardened containers, and nothing but a program decides its verdict.

A cell that breaks is replaced and its job is run again in a fresh one, at most twice more and the last time alone. Only
a program whose container died by itself every time is charged with that. A verdict that the machine's own trouble could
bring about (a timeout by the wall clock, memory that ran out) is confirmed alone before it counts. An engine that is
away is never a verdict.
"""

from functools import partial
from types import TracebackType
from typing import Literal, Self

import anyio
from pydantic import JsonValue

from harness.errors import MachineError, SandboxError
from harness.records import Job, Limits, Outcome, TestsCheck, Verdict
from harness.sandboxes.absence import Absence
from harness.sandboxes.batches import Batches, concluded
from harness.sandboxes.cell import Answer, Cell, CellError, Request
from harness.sandboxes.container import create_options, terms
from harness.sandboxes.engine import ENGINE_ERRORS, Engine, trouble
from harness.sandboxes.gate import Gate
from harness.sandboxes.image import ImageInfo, find_image
from harness.sandboxes.pool import Pool
from harness.sandboxes.test_files import run_tests

Isolation = Literal["auto", "cell", "container"]

_TRIES = 3


class DockerSandbox:
    """A `Sandbox` of Docker containers.

    Args:
        parallel: how many jobs run at once; default: two more than the engine's machine has processors.
        image: the image to use; default: the one that `harness sandbox build` made from this version's sandbox/.
        isolation: `cell` keeps containers warm and separates samples by namespaces inside them, `container` gives every
            job a container of its own, `auto` takes `cell` where this engine allows the namespaces.
        runtime: the OCI runtime, one of those that the engine knows; default: the engine's own.
        host: where the engine is, as DOCKER_HOST would say; default: see address.py.
        language: of the programs that are to run here, where it is not Python: it has an image of its own.
    """

    def __init__(  # noqa: PLR0913 - options by name
        self,
        *,
        parallel: int | None = None,
        image: str | None = None,
        isolation: Isolation = "auto",
        runtime: str | None = None,
        host: str | None = None,
        language: str | None = None,
    ) -> None:
        self._parallel = parallel or 0
        self._image_name = image
        self._wanted = isolation
        self._runtime = runtime
        self._host = host
        self._language = language
        self._gate = Gate()
        self._facts: dict[str, JsonValue] = {}

    @property
    def parallel(self) -> int:
        """How many jobs may run at once; further calls of `run` wait. Known once the sandbox is entered."""
        return self._parallel

    def describe(self) -> dict[str, JsonValue]:
        """Engine, image, isolation and Python of the container; known once the sandbox is entered."""
        return dict(self._facts)

    async def __aenter__(self) -> Self:
        """Connect, sweep what dead processes left, and start the first cell.

        Raises:
            MachineError: no engine, no image, or the container does not start.
        """
        self._engine = await Engine.open(self._host)
        try:
            image = await self._engine.call(
                find_image, self._image_name, language=self._language, host=self._host, api=self._engine.api
            )
            told = terms(self._engine.product, self._engine.info, self._runtime)
            options = partial(create_options, self._engine.api, image.id)
            self._absence = Absence(self._engine)
            self._pool = Pool(self._engine, lambda limits, labels: options(limits, told, labels))
            self._parallel = self._parallel or default_parallel(self._engine)
        except BaseException:
            self._engine.close()
            raise
        self._workers = anyio.create_task_group()
        await self._workers.__aenter__()
        try:
            await self._begin(image)
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove every container, whatever happened."""
        await self._leave()

    async def run(self, job: Job) -> Outcome:
        """Run one job; see the module's docstring for what is tried again.

        Raises:
            SandboxError: the sandbox broke in a way that is not the program's doing; there is no verdict.
        """
        if isinstance(job.check, TestsCheck) and job.check.language == "python":
            return await run_tests(job, self._run)
        return await self._run(job)

    async def _run(self, job: Job) -> Outcome:
        if self._absence.known and not await self._absence.over():
            raise _away(f"{job.id}: the Docker engine is still away.")
        faults: list[CellError] = []
        alone = False
        while len(faults) < _TRIES:
            alone = alone or len(faults) == _TRIES - 1
            try:
                outcome = await self._once(job, fresh=bool(faults), alone=alone)
            except CellError as fault:
                faults.append(fault)
                if fault.reason == "engine_away" and not await self._absence.over():
                    raise _away(fault.message) from fault
            else:
                if alone or not doubtful(outcome):
                    return outcome
                alone = True
        return charged(job, faults)

    async def _once(self, job: Job, *, fresh: bool, alone: bool) -> Outcome:
        if not alone:
            return await self._batches.run(job, fresh=fresh)
        answers: list[Answer] = []
        async with self._gate.alone():
            await self._pool.run([Request(job)], lambda _, answer: answers.append(answer), fresh=fresh)
        return concluded(answers[0])

    async def _begin(self, image: ImageInfo) -> None:
        try:
            await self._pool.sweep()
            first = await self._pool.warm(Limits())
        except ENGINE_ERRORS as error:
            raise trouble(error, self._engine.address) from error
        except CellError as fault:
            raise MachineError(
                f"The sandbox's container does not start: {fault.message}",
                "Rebuild the image (harness sandbox build); harness doctor tells more.",
            ) from fault
        isolation = self._choose(first)
        self._pool.reuse = isolation == "cell"
        self._batches = Batches(self._pool, self._gate)
        for _ in range(self._parallel):
            self._workers.start_soon(self._batches.work)
        runtime = self._runtime or str(self._engine.info.get("DefaultRuntime", ""))
        self._facts = facts(self._engine, image, runtime, isolation, self._parallel, first)

    def _choose(self, first: Cell) -> Literal["cell", "container"]:
        namespaces = first.ready.get("isolation") == "namespaces"
        if self._language and not namespaces:
            raise MachineError(
                f"This engine allows no namespaces inside its containers, and programs in {self._language} need them: "
                "they are built on a disk of their own, and judged by another program that runs before them.",
                "Use an engine and a runtime that allow unprivileged user namespaces (docs/engines.md).",
            )
        if self._wanted == "container":
            return "container"
        if namespaces:
            return "cell"
        if self._wanted == "cell":
            raise MachineError(
                "This engine allows no namespaces inside its containers, so warm cells cannot keep samples apart.",
                "Use --isolation container (slower, the same verdicts), or allow unprivileged user namespaces.",
            )
        return "container"

    async def _leave(self) -> None:
        """End the workers. Not as a context manager would: that would wrap in a group whatever happened meanwhile."""
        self._workers.cancel_scope.cancel()
        try:
            await self._workers.__aexit__(None, None, None)
        finally:
            await self._end()

    async def _end(self) -> None:
        try:
            with anyio.CancelScope(shield=True):
                if not await self._pool.close() and await self._absence.over():
                    await self._pool.close()
        finally:
            self._engine.close()


def default_parallel(engine: Engine) -> int:
    """Two more than the processors: while jobs are handed over or cleaned up after, the others keep them busy."""
    return int(engine.info.get("NCPU") or 1) + 2


def doubtful(outcome: Outcome) -> bool:
    """True for a verdict that may be the machine's: it stood still, or its memory was short for everybody."""
    return outcome.by_wall or outcome.verdict is Verdict.OUT_OF_MEMORY


def _away(message: str) -> SandboxError:
    return SandboxError(message, "Start the Docker engine again, then: harness resume.", reason="engine_away")


def charged(job: Job, faults: list[CellError]) -> Outcome:
    """The verdict on a program whose container died every time it ran.

    Raises:
        SandboxError: one of the faults cannot have been the program's doing.
    """
    last = faults[-1]
    charges = [fault.charge for fault in faults]
    if None in charges:
        raise SandboxError(
            f"{job.id}: {last.message} (tried {len(faults)} times)", "harness resume tries again.", reason=last.reason
        )
    verdict = Verdict.OUT_OF_MEMORY if charges.count(Verdict.OUT_OF_MEMORY) * 2 > len(charges) else Verdict.ERROR
    detail = f"The program or its container died each of the {len(faults)} times it ran, also alone. {last.message}"
    return Outcome(id=job.id, verdict=verdict, detail=detail)


def facts(  # noqa: PLR0913, PLR0917 - one flat record
    engine: Engine, image: ImageInfo, runtime: str, isolation: str, parallel: int, first: Cell
) -> dict[str, JsonValue]:
    """What a run records of its sandbox."""
    info = engine.info
    return {
        "sandbox": "docker",
        "engine": f"{engine.product} {info.get('ServerVersion', '')}",
        "kernel": str(info.get("KernelVersion", "")),
        "runtime": runtime,
        "cgroup": str(info.get("CgroupVersion", "")),
        "image": image.tag,
        "image_id": image.id,
        "base": image.base,
        "isolation": isolation,
        "separation": str(first.ready.get("isolation", "")),
        "python": str(first.ready.get("python", "")),
        "parallel": parallel,
    }
