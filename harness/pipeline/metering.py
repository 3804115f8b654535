"""RunMeter: keeps count of what the requests of one run cost, on disk and against a budget."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import anyio

from harness.errors import BudgetError
from harness.pricing.budget import Budget, cost_at_most
from harness.pricing.charges import Charge, charge_cost, exceeds
from harness.pricing.tariff import Tariff
from harness.records import Usage
from harness.store import Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Allowance:
    """What a run may spend: a budget, perhaps shared with other runs, and the price of its model.

    `beyond` says that the provider once billed more than was asked for, so that nothing bounds what it bills.
    """

    budget: Budget
    tariff: Tariff
    beyond: Charge | None = None


@dataclass
class RunMeter:
    """The `Meter` of a run's backend (harness/backends/base.py). `requests` is the number of the next request.

    With an allowance, requests go one at a time until one was answered: what a provider that does not keep to
    `max_tokens` bills too much is then seen before a second request is sent, and stops the run.
    """

    writer: Writer
    allowance: Allowance | None = None
    requests: int = 0
    beyond: Charge | None = None
    _open: dict[int, tuple[Usage | None, Decimal]] = field(default_factory=dict)
    _settled: list[Charge] = field(default_factory=list)
    _asking: bool = False
    _answered: bool = False
    _news: anyio.Event = field(default_factory=anyio.Event)

    def __post_init__(self) -> None:
        self.beyond = self.allowance.beyond if self.allowance else None

    async def reserve(self, most: Usage | None) -> int:
        """See `Meter.reserve`."""
        amount = await self._set_aside(self.allowance, most) if self.allowance else Decimal(0)
        request, self.requests = self.requests, self.requests + 1
        self._open[request] = most, amount
        if most is not None:
            sent = Charge(request=request, at=datetime.now(UTC), known=False, usage=most)
            self.writer.append_charges([sent], sync=self.allowance is not None)
        return request

    def settle(self, request: int, usage: Usage | None) -> None:
        """See `Meter.settle`. Where there is an answer, its line is written by `flush`, after the answer itself.

        The line of a refused try is written at once: killed before, its new try would count twice when resumed.
        """
        most, amount = self._open.pop(request)
        charge = Charge(request=request, at=datetime.now(UTC), known=True, usage=usage) if usage else None
        if charge is not None:
            self._settled.append(charge)
            self._answered |= charge.usage.output > 0
            self._watch(charge, most)
            if not charge.usage.output:
                self.flush()
        if self.allowance is not None:
            self.allowance.budget.settle(amount, charge_cost(charge, self.allowance.tariff) if charge else amount)
        self._wake()

    def flush(self) -> None:
        """Put what requests were billed on disk; called once their answers are there."""
        settled, self._settled = self._settled, []
        self.writer.append_charges(settled)

    async def _set_aside(self, allowance: Allowance, most: Usage | None) -> Decimal:
        while (self._open or self._asking) and not self._answered:
            await self._news.wait()
        self._asking = True
        try:
            amount = self._bounded(allowance, most)
            await allowance.budget.reserve(amount)
        finally:
            self._asking = False
            self._wake()
        return amount

    def _bounded(self, allowance: Allowance, most: Usage | None) -> Decimal:
        if self.beyond is not None:
            raise _unbounded(self.beyond)
        if most is None:
            raise BudgetError(
                "Nothing bounds the answers that are asked for: the request has no max_tokens.",
                "Give --max-tokens, or do not remove it with extra_body.",
            )
        return cost_at_most(allowance.tariff, most)

    def _wake(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()

    def _watch(self, charge: Charge, most: Usage | None) -> None:
        if exceeds(charge.usage, most) and self.beyond is None:
            self.beyond = charge
            log.warning("billed %s, more than the %s that were asked for at most", charge.usage, most)


def _unbounded(charge: Charge) -> BudgetError:
    return BudgetError(
        f"The provider billed {charge.usage.input:,} input and {charge.usage.output:,} output tokens for one request, "
        "more than it was asked for at most: what a request can cost is not known.",
        "It may count reasoning beyond max_tokens: say how much with max_output in the model's entry "
        "(docs/budget.md) and begin a new run, or resume without a budget.",
    )
