"""Jobs that wait for a cell, handed over several at a time: passing one on costs the engine more than most jobs take.

A cell that has nothing to do takes the first that waits, and along with it those that come at the same moment. What it
gives back, since another job takes long, waits again in its old place. How many go together follows from how long they
take: of long ones, one.
"""

from bisect import insort
from collections import deque
from itertools import count
from operator import attrgetter

import anyio
from anyio.lowlevel import checkpoint

from harness.errors import SandboxError
from harness.records import Job, Outcome
from harness.sandboxes.base import TOGETHER
from harness.sandboxes.cell import Answer, Request, Untried
from harness.sandboxes.gate import Gate
from harness.sandboxes.pool import Pool

_SHORT_S = 0.05
_BYTES = 32 * 1024  # what the engine passes on in one piece


class Batches:
    """The jobs that wait for the cells of `pool`, which run beside others as `gate` says."""

    def __init__(self, pool: Pool, gate: Gate) -> None:
        self._pool = pool
        self._gate = gate
        self._most = TOGETHER if pool.reuse else 1
        self._size = self._most
        self._numbers = count()
        self._waiting: deque[_Ticket] = deque()
        self._arrival = anyio.Event()

    async def run(self, job: Job, *, fresh: bool = False) -> Outcome:
        """Have one job run by `work`; a `fresh` one alone in a container that has run none.

        Raises:
            CellError: the cell broke, and no other job was in it that could have broken it.
            SandboxError: the job is too large to be sent, or its check does not run.
        """
        ticket = _Ticket(next(self._numbers), job, fresh)
        self._wait(ticket)
        try:
            await ticket.answered.wait()
        finally:
            if ticket in self._waiting:  # the caller was cancelled
                self._waiting.remove(ticket)
        return concluded(ticket.answer)

    async def work(self) -> None:
        """Take jobs to a cell for ever. As many of this are to run as there may be cells."""
        while True:
            while not self._waiting:
                await self._arrival.wait()
            await self._take_some()

    async def _take_some(self) -> None:
        first = self._waiting.popleft()
        try:
            batch = {first.prepare(): first}
        except SandboxError as error:  # too large
            self._settle(first, error)
            return
        answers: list[Answer] = []

        def tell(request: Request, answer: Answer) -> None:
            answers.append(answer)
            self._settle(batch.pop(request), answer)

        try:
            async with self._gate.together():
                await checkpoint()  # who had the cell just now brings new jobs
                self._add_company(batch, first)
                started = anyio.current_time()
                await self._pool.run(list(batch), tell, fresh=first.fresh)
            self._learn(answers, anyio.current_time() - started)
        except Exception as error:  # no cell starts, or a mistake of ours: it is for the callers to know
            for ticket in batch.values():
                self._settle(ticket, error)

    def _add_company(self, batch: dict[Request, "_Ticket"], first: "_Ticket") -> None:
        size = len(first.prepare().frame)
        while self._waiting and len(batch) < self._size and self._waiting[0].goes_with(first):
            try:
                request = self._waiting[0].prepare()
            except SandboxError:  # too large: its caller hears so when its turn comes
                return
            size += len(request.frame)
            if size > _BYTES:
                return
            batch[request] = self._waiting.popleft()

    def _settle(self, ticket: "_Ticket", answer: Answer | Exception) -> None:
        """Have a job's caller get the answer, or the job wait again."""
        if isinstance(answer, Untried):
            ticket.again(alone=answer is Untried.SUSPECT)
            self._wait(ticket)
        else:
            ticket.answer = answer
            ticket.answered.set()

    def _wait(self, ticket: "_Ticket") -> None:
        insort(self._waiting, ticket, key=attrgetter("number"))
        self._arrival.set()
        self._arrival = anyio.Event()

    def _learn(self, answers: list[Answer], took_s: float) -> None:
        done = len(answers) - answers.count(Untried.GIVEN_BACK)
        if done < len(answers):
            self._size = max(done, 1)
        elif took_s < _SHORT_S * done:
            self._size = min(2 * self._size, self._most)


def concluded(answer: Answer | Exception | None) -> Outcome:
    """The outcome. CellError, SandboxError: that is what the answer is."""
    if isinstance(answer, Exception):
        raise answer
    assert isinstance(answer, Outcome), answer
    return answer


class _Ticket:
    """A job that waits, runs, or has its answer. One that goes `alone` is fresh, or suspect."""

    def __init__(self, number: int, job: Job, fresh: bool) -> None:
        self.number = number
        self.fresh = fresh
        self.answer: Answer | Exception | None = None
        self.answered = anyio.Event()
        self._job = job
        self._alone = fresh
        self._request: Request | None = None

    def goes_with(self, first: "_Ticket") -> bool:
        """Whether this one and another may be handed over together."""
        return not self._alone and not first._alone and self._job.limits == first._job.limits

    def prepare(self) -> Request:
        """The request, made once a try, and not before its turn has come. SandboxError: the job is too large."""
        self._request = self._request or Request(self._job)
        return self._request

    def again(self, *, alone: bool) -> None:
        """Be ready for another try."""
        self._request = None
        self._alone = self._alone or alone
