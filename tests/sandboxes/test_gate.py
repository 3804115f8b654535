"""The gate: many together or one alone."""

import anyio
import anyio.lowlevel
import pytest

from harness.sandboxes.gate import Gate

pytestmark = pytest.mark.anyio


async def test_alone_is_alone() -> None:
    """Whoever is alone has nobody beside it, and those together do overlap."""
    gate, inside, most, company = Gate(), 0, 0, []

    async def together() -> None:
        nonlocal inside, most
        async with gate.together():
            inside += 1
            most = max(most, inside)
            await anyio.sleep(0.002)
            inside -= 1

    async def alone() -> None:
        async with gate.alone():
            company.append(inside)
            await anyio.sleep(0.002)
            company.append(inside)

    async with anyio.create_task_group() as tasks:
        for number in range(30):
            tasks.start_soon(alone if number % 5 == 0 else together)
    assert set(company) == {0}
    assert most > 1


async def test_alone_is_not_starved() -> None:
    """Who asks to be alone goes before those who come later."""
    gate, order = Gate(), []

    async def visit(name: str, alone: bool) -> None:
        async with gate.alone() if alone else gate.together():
            order.append(name)
            await anyio.sleep(0.002)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(visit, "first", False)
        await anyio.sleep(0.001)
        tasks.start_soon(visit, "alone", True)
        await anyio.lowlevel.checkpoint()
        tasks.start_soon(visit, "late", False)
    assert order == ["first", "alone", "late"]


async def test_a_cancelled_wait_leaves_the_gate_open() -> None:
    """A job that is cancelled while it waits to be alone keeps nobody out afterwards."""
    gate = Gate()
    async with gate.together():
        with anyio.move_on_after(0.01):
            async with gate.alone():
                pytest.fail("was not alone")
        with anyio.fail_after(1):
            async with gate.together():
                pass
    with anyio.fail_after(1):
        async with gate.alone():
            pass
