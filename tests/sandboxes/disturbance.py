"""Something terrible that happens while a job runs."""

from collections.abc import Callable

import anyio
from anyio import to_thread

from harness.records import Job, Outcome
from harness.sandboxes.docker import DockerSandbox


async def disturbed(sandbox: DockerSandbox, job: Job, disturb: Callable[[], object], *, after_s: float) -> Outcome:
    """Run `job`, call `disturb` once it has run for `after_s`, and return what became of it."""
    outcomes = []

    async def run() -> None:
        outcomes.append(await sandbox.run(job))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        await anyio.sleep(after_s)
        await to_thread.run_sync(disturb)
    return outcomes[0]
