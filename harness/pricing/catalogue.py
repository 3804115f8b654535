"""From tokens to US dollars by the prices of genai-prices, as of the day each sample was drawn.

A model without a price reference, a price that the catalogue does not know, and a sample without reported usage each
make the cost absent: a total that left them out would look like a whole one.
"""

from collections.abc import Iterable
from decimal import Decimal
from importlib.metadata import version

from harness.errors import UserError
from harness.records import Cost, Sample


def cost_of(price: str | None, samples: Iterable[Sample]) -> Cost | None:
    """The money that `samples` cost by the price reference `provider:model`; None where it is not known whole."""
    if price is None:
        return None
    total = Decimal(0)
    days: set[str] = set()
    for sample in samples:
        amount = _cost_of_sample(price, sample)
        if amount is None or sample.created is None:
            return None
        total += amount
        days.add(sample.created.date().isoformat())
    if not days:
        return None
    as_of = min(days) if len(days) == 1 else f"{min(days)}..{max(days)}"
    return Cost(total=total, source=f"genai-prices {version('genai-prices')}, {price}", priced_as_of=as_of)


def _cost_of_sample(price: str, sample: Sample) -> Decimal | None:
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - loads a catalogue of every provider

    if sample.usage is None:
        return None
    provider, _, model = price.partition(":")
    if not model:
        raise UserError(f"The price reference {price!r} is not of the form provider:model.", "See docs/models.md.")
    usage = Usage(
        input_tokens=sample.usage.input, cache_read_tokens=sample.usage.cached, output_tokens=sample.usage.output
    )
    try:
        found = calc_price(usage, model_ref=model, provider_id=provider, genai_request_timestamp=sample.created)
    except LookupError:
        return None
    return found.total_price
