"""Tariff: what one model costs on one day, exact enough to be kept as a run's price snapshot.

Rates are US dollars per million tokens. Cached input is a part of input and reasoning a part of output; each has a rate
of its own only where the tariff says so. All sums are `Decimal` and exact: nothing is rounded here.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from harness.records import Record, Usage

Price = Annotated[Decimal, Field(ge=0)]
PER_MILLION = -6


class Rates(Record):
    """US dollars per million tokens. None: cached input is billed as input, reasoning as output."""

    input: Price
    output: Price
    cached: Price | None = None
    reasoning: Price | None = None

    def charge(self, usage: Usage) -> Decimal:
        """US dollars for the tokens of one request."""
        cached = self.input if self.cached is None else self.cached
        reasoning = self.output if self.reasoning is None else self.reasoning
        micros = (usage.input - usage.cached) * self.input + usage.cached * cached
        micros += (usage.output - usage.reasoning) * self.output + usage.reasoning * reasoning
        return micros.scaleb(PER_MILLION)


class Tier(Rates):
    """The rates of a whole request whose input has more than `above` tokens."""

    above: int = Field(ge=0)


class Hours(Rates):
    """The rates of requests between two times of the day (UTC, `end` excluded; the span may cross midnight)."""

    start: time
    end: time

    def hold_at(self, moment: time) -> bool:
        """Whether `moment` (UTC) lies in the span."""
        if self.end < self.start:
            return moment >= self.start or moment < self.end
        return self.start <= moment < self.end


class Tariff(Rates):
    """The price of a model on the day `as_of`, with where it was found.

    `since` is the first day on which it held, None where its source has no history: then it is the source's price of
    today, and may not have held on an earlier day. `request` is charged for each request, whatever its tokens.
    """

    source: str
    as_of: date
    reference: str
    since: date | None = None
    request: Price = Decimal(0)
    tiers: tuple[Tier, ...] = ()
    hours: tuple[Hours, ...] = ()

    @property
    def total(self) -> Decimal:
        """Input plus output: one million tokens of each, the documents' "$ per million tokens"."""
        return self.input + self.output

    @property
    def is_assumed(self) -> bool:
        """Whether the source has no history, so that the price may not have held on the day it is asked for."""
        return self.since is None

    def cost(self, usage: Usage, at: datetime | None = None) -> Decimal:
        """US dollars for the usage of one request made `at` that moment; without a moment, of the dearest hour."""
        return self.request + max(rates.charge(usage) for rates in self._rates(usage.input, at))

    def _rates(self, size: int, at: datetime | None) -> list[Rates]:
        """The rates that may apply to a request of `size` input tokens: one, or each hour's where none is named."""
        ordinary: Rates = max((tier for tier in self.tiers if size > tier.above), key=lambda t: t.above, default=self)
        if at is None:
            return [ordinary, *self.hours]
        moment = at.astimezone(UTC).time()
        return [next((hours for hours in self.hours if hours.hold_at(moment)), ordinary)]
