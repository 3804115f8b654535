"""A budget sets aside what a request can cost at most, and gives back what it did not cost."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BudgetError
from harness.pricing.budget import Budget, cost_at_most
from harness.pricing.tariff import Hours, Tariff, Tier
from harness.records import Usage

RATE = st.decimals(0, 100, places=2)
RATES = st.fixed_dictionaries(
    {"input": RATE, "output": RATE, "cached": st.none() | RATE, "reasoning": st.none() | RATE}
)
TARIFFS = st.builds(
    lambda rates, tiers, hours, request: Tariff(
        **rates,
        tiers=tuple(Tier(**tier, above=above) for tier, above in tiers),
        hours=tuple(Hours(**hour, start=time(16, 30), end=time(0, 30)) for hour in hours),
        request=request,
        source="test",
        as_of=date(2026, 9, 1),
        reference="test",
    ),
    RATES,
    st.lists(st.tuples(RATES, st.integers(0, 1500)), max_size=2),
    st.lists(RATES, max_size=1),
    RATE,
)
TOKENS = st.integers(0, 2000)
SHARE = st.floats(0, 1)


def part(whole: int, share: float) -> int:
    """Some of it, all and nothing included."""
    return min(whole, int(whole * share * 1.01))


@given(TARIFFS, st.tuples(TOKENS, TOKENS), st.tuples(SHARE, SHARE, SHARE, SHARE), st.times())
def test_no_request_costs_more_than_the_most_it_can(
    tariff: Tariff, most: tuple[int, int], shares: tuple[float, float, float, float], clock: time
) -> None:
    """Whatever share of it is used, cached or reasoned, at any hour and in any tier, even a cheaper one, costs less."""
    read, written = part(most[0], shares[0]), part(most[1], shares[1])
    usage = Usage(input=read, output=written, cached=part(read, shares[2]), reasoning=part(written, shares[3]))
    at = datetime.combine(date(2026, 9, 1), clock, UTC)
    assert tariff.cost(usage, at) <= cost_at_most(tariff, Usage(input=most[0], output=most[1]))


def test_what_does_not_fit_waits_for_what_is_under_way() -> None:
    """A request waits while others hold the money, and is sent once they cost less than was set aside."""
    order: list[str] = []

    async def scenario() -> None:
        budget = Budget(Decimal(10))
        await budget.reserve(Decimal(8))

        async def second() -> None:
            await budget.reserve(Decimal(5))
            order.append("second")

        async with anyio.create_task_group() as group:
            group.start_soon(second)
            await anyio.wait_all_tasks_blocked()
            order.append("first settled")
            budget.settle(Decimal(8), Decimal(3))
        assert (budget.spent, budget.reserved, budget.left) == (3, 5, 2)

    anyio.run(scenario)
    assert order == ["first settled", "second"]


def test_what_can_never_fit_is_refused_at_once() -> None:
    """A request that would not fit if everything under way were free is not waited for; the message has the sums."""

    async def scenario() -> None:
        budget = Budget(Decimal(10), spent=Decimal(6))
        await budget.reserve(Decimal(1))
        with pytest.raises(BudgetError, match=r"\$6\.00 of \$10\.00 are spent.*up to \$4\.50"):
            await budget.reserve(Decimal("4.5"))
        assert budget.reserved == 1

    anyio.run(scenario)


def test_a_waiting_request_is_refused_when_the_money_is_gone() -> None:
    """A request that waits is refused as soon as what was under way has cost too much."""

    async def scenario() -> None:
        budget = Budget(Decimal(10))
        await budget.reserve(Decimal(8))

        async def second() -> None:
            with pytest.raises(BudgetError):
                await budget.reserve(Decimal(5))

        async with anyio.create_task_group() as group:
            group.start_soon(second)
            await anyio.wait_all_tasks_blocked()
            budget.settle(Decimal(8), Decimal(8))

    anyio.run(scenario)


def test_the_last_cent_can_be_spent() -> None:
    """A request that costs exactly what is left is sent."""
    budget = Budget(Decimal("0.30"), spent=Decimal("0.1"))
    anyio.run(budget.reserve, Decimal("0.2"))
    assert budget.left == 0
