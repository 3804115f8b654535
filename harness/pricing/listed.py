"""Tariffs of genai-prices: a catalogue of list prices per provider, dated where a price changed since it began.

A model that it does not list, or lists without a price for input or output, has no tariff. Its tiers apply to all
tokens of a request whose input is beyond their start; its times of the day are UTC.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING

from harness.pricing.tariff import Hours, Rates, Tariff, Tier

if TYPE_CHECKING:
    from genai_prices.types import ConditionalPrice, ModelPrice

FREE = ":free"
"""OpenRouter's mark of a model that costs nothing; it is listed without any price."""

RATES = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached": "cache_read_mtok",
    "reasoning": "output_reasoning_mtok",
}
"""The field of `Rates` for each of the catalogue's prices that a text model's tokens can have."""


def listed_tariff(provider: str, model: str, when: date) -> Tariff | None:
    """The list price of `model` at `provider` (their ids in genai-prices) on that day; None where it has none."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - loads a catalogue of every provider

    try:
        found = calc_price(Usage(input_tokens=0, output_tokens=0), model_ref=model, provider_id=provider).model
    except LookupError:
        return None
    prices, since, by_hour = _in_force(found.prices, when)
    ordinary = _rates(prices, 0, free=model.endswith(FREE))
    if ordinary is None:
        return None
    tiers = {start: _rates(prices, start + 1) for start in _starts(prices)}
    hours = [(span, _rates(one, 0)) for span, one in by_hour]
    return Tariff(
        **ordinary.model_dump(),
        source=f"genai-prices {version('genai-prices')}",
        as_of=when,
        reference=f"{provider}:{model}",
        since=since,
        request=(_price(prices, "requests_kcount", 0) or Decimal(0)).scaleb(-3),
        tiers=tuple(Tier(**rates.model_dump(), above=start) for start, rates in tiers.items() if rates),
        hours=tuple(Hours(**rates.model_dump(), start=start, end=end) for (start, end), rates in hours if rates),
    )


def _in_force(
    listed: "ModelPrice | list[ConditionalPrice]", when: date
) -> "tuple[ModelPrice, date | None, list[tuple[tuple[time, time], ModelPrice]]]":
    """The prices of that day, its first day where that is listed, and the prices of certain hours, strongest first.

    The last entry whose condition holds decides; where none does, the first stands (genai-prices' own rule).
    """
    from genai_prices.types import StartDateConstraint, TimeOfDateConstraint  # noqa: PLC0415 - loads the catalogue

    if not isinstance(listed, list):
        return listed, None, []
    by_hour = []
    for entry in reversed(listed):
        match entry.constraint:
            case TimeOfDateConstraint(start_time=start, end_time=end):
                by_hour.append(((_utc(start), _utc(end)), entry.prices))
            case StartDateConstraint(start_date=day):
                if day <= when:
                    return entry.prices, day, by_hour
            case None:
                return entry.prices, None, by_hour
    return listed[0].prices, None, by_hour


def _rates(prices: "ModelPrice", size: int, *, free: bool = False) -> Rates | None:
    """The rates of a request of `size` input tokens; None where input or output has no price."""
    found = {field: _price(prices, key, size) for field, key in RATES.items()}
    if free and not any(value for value in found.values()):
        return Rates(input=Decimal(0), output=Decimal(0))
    if found["input"] is None or found["output"] is None:
        return None
    return Rates.model_validate(found)


def _price(prices: "ModelPrice", key: str, size: int) -> Decimal | None:
    """One price for a request of `size` input tokens: that of the highest tier that it is beyond."""
    value = getattr(prices, key, None)
    if value is None or isinstance(value, Decimal):
        return value
    reached = [tier for tier in value.tiers if size > tier.start]
    price: Decimal = max(reached, key=lambda tier: tier.start).price if reached else value.base
    return price


def _starts(prices: "ModelPrice") -> list[int]:
    """Where a tier of any of the prices starts, ascending."""
    values = [getattr(prices, key, None) for key in RATES.values()]
    return sorted({tier.start for value in values for tier in getattr(value, "tiers", ())})


def _utc(moment: time) -> time:
    """A time of the day in UTC, without its zone; one that names none is UTC already."""
    if moment.tzinfo is None:
        return moment
    return datetime.combine(date(2000, 1, 1), moment).astimezone(UTC).time()
