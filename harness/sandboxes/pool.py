"""Warm cells: started when they are first needed, lent to one caller at a time, replaced when they break."""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

import anyio

from harness.records import Limits, Outcome, Verdict
from harness.sandboxes import owner
from harness.sandboxes.cell import Answer, Cell, Request, Tell, Untried
from harness.sandboxes.engine import ENGINE_ERRORS, Engine
from harness.sandboxes.owner import Owner

_CLEAN_UP_S = 60.0


class Pool:
    """The cells of one sandbox. As many exist at once as there are calls of `run` at once.

    `options` turns limits and labels into the arguments of `create_container`; with `reuse` false every job gets a
    container of its own.
    """

    def __init__(self, engine: Engine, options: Callable[[Limits, dict[str, str]], dict[str, Any]]) -> None:
        self.reuse = True
        self._engine = engine
        self._options = options
        self._owner = Owner.current()
        self._run = secrets.token_hex(6)
        self._count = 0
        self._idle: list[Cell] = []
        self._cells: set[Cell] = set()

    async def sweep(self) -> int:
        """Remove what dead processes left behind; returns how many containers that were."""
        return await self._engine.call(owner.sweep, self._engine.api, self._owner, time.time())

    async def warm(self, limits: Limits) -> Cell:
        """Have one idle cell at least, and return it.

        Raises:
            CellError: it does not start.
        """
        cell = await self._take(limits)
        self._idle.append(cell)
        return cell

    async def run(self, requests: Sequence[Request], tell: Tell, *, fresh: bool = False) -> None:
        """Run jobs in an idle cell or a new one; `fresh` refuses the idle, which the fault of another may have broken.

        `tell` hears what came of each job as soon as it is known. Of those that run together each may use what the
        first may. A cell that broke is gone at the end.

        Raises:
            CellError: no cell starts.
        """
        harmless = 0

        def count(request: Request, answer: Answer) -> None:
            nonlocal harmless
            harmless += _is_harmless(answer)
            tell(request, answer)

        cell = await self._take(requests[0].job.limits, fresh=fresh)
        try:
            await cell.run(requests, count)
        finally:
            if harmless == len(requests) and self.reuse:
                self._idle.append(cell)
            else:
                await self._discard(cell)

    async def close(self) -> bool:
        """Remove every container of this pool, also those that a cancelled task was about to start.

        False where the engine is away: its containers end with their streams, and the next start sweeps them.
        """
        with anyio.move_on_after(_CLEAN_UP_S, shield=True):
            async with anyio.create_task_group() as tasks:
                for cell in set(self._cells):
                    tasks.start_soon(self._discard, cell)
            try:
                await self._engine.call(owner.remove_run, self._engine.api, self._run)
            except ENGINE_ERRORS:
                return False
            return True
        return False

    async def _take(self, limits: Limits, *, fresh: bool = False) -> Cell:
        while self._idle:
            cell = self._idle.pop()
            if cell.fits(limits) and not fresh:
                return cell
            await self._discard(cell)
        return await self._start(limits)

    async def _start(self, limits: Limits) -> Cell:
        self._count += 1
        cell = Cell(self._engine, f"harness-{self._run}-{self._count}", limits)
        self._cells.add(cell)
        started = False
        try:
            await cell.start(self._options(limits, self._owner.labels(self._run)))
            started = True
        finally:
            if not started:
                await self._discard(cell)
        return cell

    async def _discard(self, cell: Cell) -> None:
        with anyio.CancelScope(shield=True):
            await cell.remove()
        self._cells.discard(cell)


def _is_harmless(answer: Answer) -> bool:
    """Whether the cell may go on. Somebody may have cut the memory of a container in which it ran out."""
    if isinstance(answer, Outcome):
        return answer.verdict is not Verdict.OUT_OF_MEMORY
    return answer is Untried.GIVEN_BACK
