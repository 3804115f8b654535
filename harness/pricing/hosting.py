"""The price of a model that you serve yourself: machines by the hour, divided by the tokens that they were measured at.

    dollars per busy hour  = dollars per hour / utilisation
    dollars per hour       = GPU-hour price x GPUs x nodes, or purchase / lifetime + power x price per kWh
    dollars of a run       = dollars per busy hour x busy hours
    input price, p         = dollars of the run / (input tokens + weight x output tokens);  output price = weight x p

So the prices give back the measured total (p is rounded to a billionth of a dollar), and only its division into input
and output rests on the assumed weight. The break-even volume is that at which an API's bill for the same tokens reaches
the cost of machines that are paid for around the clock.
"""

from datetime import date
from decimal import Decimal

from harness.pricing.tariff import Tariff
from harness.pricing.throughput import Throughput
from harness.records import Model, Record
from harness.settings import Hosting

HOURS_PER_YEAR = Decimal(8766)
"""365.25 days."""

HOURS_PER_MONTH = HOURS_PER_YEAR / 12
MILLION = Decimal(1_000_000)
BILLIONTH = Decimal("1e-9")


def dollars_per_hour(hosting: Hosting) -> Decimal:
    """US dollars for one hour of the whole deployment, whether it works or not."""
    if hosting.hourly is not None:
        return hosting.hourly * hosting.gpus * hosting.nodes
    bought = hosting.purchase
    assert bought is not None  # Hosting is one or the other
    return bought.price / (bought.lifetime_years * HOURS_PER_YEAR) + bought.power_kw * bought.per_kwh


def dollars_of(hosting: Hosting, seconds: Decimal) -> Decimal:
    """US dollars for so many busy seconds, the idle ones that go with them included."""
    return dollars_per_hour(hosting) / hosting.utilisation * seconds / 3600


def hosted_tariff(model: Model, hosting: Hosting, measured: Throughput, when: date) -> Tariff | None:
    """The price per token that the measured throughput gives; None where no token was counted."""
    weighted = measured.input + hosting.output_weight * measured.output
    if not weighted:
        return None
    price = (dollars_of(hosting, measured.seconds) * MILLION / weighted).quantize(BILLIONTH)
    return Tariff(
        input=price,
        output=hosting.output_weight * price,
        source=f"{describe(hosting)}; measured {measured.input_per_s:.1f} tokens/s in, {measured.output_per_s:.1f} out",
        as_of=when,
        reference=f"hosting:{model.name}",
        since=when,
    )


def describe(hosting: Hosting) -> str:
    """The deployment and its price in a line."""
    nodes = f"{hosting.nodes} nodes of " if hosting.nodes > 1 else ""
    price = f"${dollars_per_hour(hosting):.2f}/h, {hosting.utilisation:.0%} utilised"
    return f"{nodes}{hosting.gpus} {hosting.gpu} at {price} ({hosting.source})"


class BreakEven(Record):
    """Serving a model oneself against an API, for one mix of input and output tokens.

    Prices are US dollars per million tokens of that mix; volumes are tokens of it per month of 730.5 hours.
    """

    own: Decimal
    own_busy: Decimal
    api: Decimal
    volume: Decimal | None
    capacity: Decimal

    @property
    def times_dearer(self) -> Decimal | None:
        """How many times the API's price one's own is at the assumed utilisation; None where the API is free."""
        return self.own / self.api if self.api else None

    @property
    def reachable(self) -> bool:
        """Whether the machines can serve the break-even volume at the measured speed."""
        return self.volume is not None and self.volume <= self.capacity


def break_even(hosting: Hosting, measured: Throughput, api_dollars: Decimal) -> BreakEven:
    """Compare with an API that takes `api_dollars` for the tokens that were measured."""
    tokens = Decimal(measured.input + measured.output)
    hourly, hours = dollars_per_hour(hosting), measured.seconds / 3600
    api = api_dollars * MILLION / tokens
    busy = hourly * hours * MILLION / tokens
    return BreakEven(
        own=busy / hosting.utilisation,
        own_busy=busy,
        api=api,
        volume=hourly * HOURS_PER_MONTH * MILLION / api if api else None,
        capacity=tokens / hours * HOURS_PER_MONTH,
    )
