"""Budget: money that is never exceeded, because what a request can cost at most is set aside before it is sent.

One budget may be shared by many requests of many runs in one event loop. All amounts are exact `Decimal` US dollars.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

import anyio

from harness.errors import BudgetError
from harness.pricing.dollars import exact
from harness.pricing.tariff import Tariff
from harness.records import Usage


@dataclass
class Budget:
    """`spent + reserved <= limit` always holds where every settled amount is at most what was reserved for it."""

    limit: Decimal
    spent: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    _changed: anyio.Event = field(default_factory=anyio.Event)

    @property
    def left(self) -> Decimal:
        """What is neither spent nor set aside."""
        return self.limit - self.spent - self.reserved

    async def reserve(self, amount: Decimal) -> None:
        """Set `amount` aside; where requests under way hold too much of the rest, wait for what they leave.

        Raises:
            BudgetError: it would not fit even if everything under way cost nothing.
        """
        while amount > self.left:
            if amount > self.limit - self.spent:
                raise BudgetError(
                    f"The budget is used up: {exact(self.spent)} of {exact(self.limit)} are spent, and the next "
                    f"request can cost up to {exact(amount)}.",
                    "Raise --max-cost, or begin a run with a lower --max-tokens.",
                )
            await self._changed.wait()
        self.reserved += amount

    def settle(self, reserved: Decimal, spent: Decimal) -> None:
        """`spent` of what was `reserved` has gone, the rest is free again."""
        self.reserved -= reserved
        self.spent += spent
        changed, self._changed = self._changed, anyio.Event()
        changed.set()


def cost_at_most(tariff: Tariff, most: Usage) -> Decimal:
    """The dearest request of at most `most` tokens, at any hour and in any tier (a tier may be cheaper than the last).

    Within a tier the cost is linear in each count, so the dearest request lies at a corner: all or none of its input
    cached, all or none of its output reasoning.
    """
    sizes = [most.input, *(tier.above for tier in tariff.tiers if tier.above < most.input)]
    corners = product(sizes, (False, True), (False, True))
    return max(
        tariff.cost(Usage(input=size, cached=size * cached, output=most.output, reasoning=most.output * reasoning))
        for size, cached, reasoning in corners
    )
