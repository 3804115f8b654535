"""Several sandboxes as one: a job runs where a place is free, and what a host that goes away had goes to the others.

A host whose engine is away is left out as long as another one is there; a job that one host could not judge for that
reason is run again on the next, and only where no host is left is there no verdict. "Alone" (a timeout or a lack of
memory confirmed with nothing else running) means alone on its host.
"""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import anyio
from pydantic import JsonValue

from harness.errors import HarnessError, MachineError, SandboxError
from harness.records import Job, Outcome
from harness.sandboxes.base import TOGETHER, Sandbox

log = logging.getLogger(__name__)

_HOSTS_FAULT = ("engine_away", "engine_error", "image_gone", "not_ready")
"""Reasons of a `SandboxError` that another host may not have."""


@dataclass(eq=False)
class Member:
    """One host: its name, its sandbox, how many jobs it has now, whether it was away when it was last asked."""

    name: str
    sandbox: Sandbox
    busy: int = 0
    away: bool = False

    @property
    def load(self) -> float:
        """The share of its places that are taken."""
        return self.busy / (TOGETHER * self.sandbox.parallel)


class Fleet:
    """A `Sandbox` made of `sandboxes`, which have names for messages and run.json; it enters and leaves them.

    `tell` hears of every host that is left out.
    """

    def __init__(self, sandboxes: Mapping[str, Sandbox], tell: Callable[[str], None] = log.warning) -> None:
        self._tell = tell
        self._members = [Member(name, sandbox) for name, sandbox in sandboxes.items()]
        self._changed = anyio.Condition()
        self._stack = AsyncExitStack()

    @property
    def parallel(self) -> int:
        """How many jobs may run at once on all hosts together. Known once the sandbox is entered."""
        return sum(member.sandbox.parallel for member in self._members)

    @property
    def hosts(self) -> dict[str, Sandbox]:
        """The sandboxes by name."""
        return {member.name: member.sandbox for member in self._members}

    def describe(self) -> dict[str, JsonValue]:
        """The facts of every host under `hosts`, known once the sandbox is entered."""
        hosts: list[JsonValue] = [{"host": name, **sandbox.describe()} for name, sandbox in self.hosts.items()]
        return {"sandbox": "fleet", "parallel": self.parallel, "hosts": hosts}

    async def __aenter__(self) -> Self:
        """Enter every sandbox.

        Raises:
            MachineError: a host does not start, or the hosts would judge by different Pythons; the message names it.
        """
        async with AsyncExitStack() as stack:
            for member in self._members:
                try:
                    await stack.enter_async_context(member.sandbox)
                except HarnessError as error:
                    raise MachineError(f"{member.name}: {error.message}", error.hint) from error
            self._refuse_different()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave every sandbox, whatever happened."""
        await self._stack.__aexit__(kind, error, trace)

    async def run(self, job: Job) -> Outcome:
        """Run one job on the least busy host, and again on the next where that one cannot.

        Raises:
            SandboxError: no host could judge it, or the fault would be the same on every host; there is no verdict.
        """
        tried: list[Member] = []
        while True:
            async with self._place(tried) as member:
                try:
                    outcome = await member.sandbox.run(job)
                except SandboxError as error:
                    tried.append(member)
                    if error.reason not in _HOSTS_FAULT:
                        raise
                    self._leave_out(member, error)
                    if len(tried) == len(self._members):
                        raise
                else:
                    member.away = False
                    return outcome

    @asynccontextmanager
    async def _place(self, tried: list[Member]) -> AsyncGenerator[Member, None]:
        """A place on one of the hosts not tried yet, as soon as one is free."""
        async with self._changed:
            while (member := self._free(tried)) is None:
                await self._changed.wait()
            member.busy += 1
        try:
            yield member
        finally:
            with anyio.CancelScope(shield=True):
                async with self._changed:
                    member.busy -= 1
                    self._changed.notify_all()

    def _free(self, tried: list[Member]) -> Member | None:
        left = [member for member in self._members if member not in tried]
        there = [member for member in left if not member.away] or left
        least = min(there, key=lambda member: member.load)
        return least if least.load < 1 else None

    def _leave_out(self, member: Member, error: SandboxError) -> None:
        if not member.away:
            member.away = True
            self._tell(f"{member.name} is left out from now on: {error.message}")

    def _refuse_different(self) -> None:
        pythons = {member.name: str(member.sandbox.describe().get("python", "")) for member in self._members}
        if len(set(pythons.values())) > 1:
            told = ", ".join(f"{python} on {name}" for name, python in pythons.items())
            raise MachineError(
                f"The hosts would judge by different Pythons: {told}.",
                "Build the image on one base for all: harness sandbox build --base NAME, with every --docker-host.",
            )


def parts(sandbox: Sandbox) -> dict[str, Sandbox]:
    """The sandboxes behind `sandbox`, by host; itself, without a name, where it is one."""
    return sandbox.hosts if isinstance(sandbox, Fleet) else {"": sandbox}
