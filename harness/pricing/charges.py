"""Charges: what requests to a provider were billed, as it lies in charges.jsonl; tokens, so that any price fits them.

A request has a line before it is sent, with the most it can be billed, and another one once its answer is on disk, with
what it was billed. The last line of a request counts: what was under way when the process was killed, timed out or
broke off counts in full.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import Field

from harness.pricing.budget import cost_at_most
from harness.pricing.tariff import Tariff
from harness.records import Record, Usage


class Charge(Record):
    """One line of charges.jsonl. `known`: `usage` was billed; else it is the most that can have been."""

    request: int = Field(ge=0)
    at: datetime
    known: bool
    usage: Usage


@dataclass(frozen=True)
class Spending:
    """What the requests of a run cost: as reported, and what those without a report can have cost at most.

    `requests` is the first number that is free. `beyond` is a charge that exceeded what was asked for.
    """

    reported: Decimal = Decimal(0)
    unknown: Decimal = Decimal(0)
    requests: int = 0
    beyond: Charge | None = None

    @property
    def total(self) -> Decimal:
        """All that can have been billed."""
        return self.reported + self.unknown


def charge_cost(charge: Charge, tariff: Tariff) -> Decimal:
    """US dollars of one charge; the most they can be where its usage is not known."""
    if not (charge.usage.input or charge.usage.output):
        return Decimal(0)
    return tariff.cost(charge.usage, charge.at) if charge.known else cost_at_most(tariff, charge.usage)


def exceeds(usage: Usage, most: Usage | None) -> bool:
    """Whether a request was billed more tokens than it asked for."""
    return most is not None and (usage.input > most.input or usage.output > most.output)


def spending(charges: Iterable[Charge], price_on: Callable[[date], Tariff]) -> Spending:
    """The money of a run's charges, each by the price of its day."""
    most: dict[int, Usage] = {}
    last: dict[int, Charge] = {}
    beyond = None
    for charge in charges:
        if charge.known and exceeds(charge.usage, most.get(charge.request)):
            beyond = charge
        elif not charge.known:
            most[charge.request] = charge.usage
        last[charge.request] = charge
    costs = [(charge.known, charge_cost(charge, price_on(charge.at.date()))) for charge in last.values()]
    return Spending(
        reported=sum((cost for known, cost in costs if known), Decimal(0)),
        unknown=sum((cost for known, cost in costs if not known), Decimal(0)),
        requests=max(last, default=-1) + 1,
        beyond=beyond,
    )
