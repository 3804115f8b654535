"""Tariff: exact money from tokens, tiers and hours kept, every model of genai-prices to the last digit."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from genai_prices import Usage as ListedUsage
from genai_prices import calc_price
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from harness.pricing.listed import listed_tariff
from harness.pricing.tariff import Tariff
from harness.records import Usage

DAY = date(2026, 9, 1)
LISTED = [(provider.id, model.id) for provider in providers for model in provider.models]
SIZES = ((90_000, 1_000, 777), (300_001, 0, 1), (2_000_000, 1_999_999, 9))
COUNTS = st.integers(0, 3_000_000)


def tariff(**fields: object) -> Tariff:
    """A tariff of 3 dollars in and 15 out, with `fields` changed."""
    return Tariff.model_validate(
        {"input": "3", "output": "15", "source": "test", "as_of": DAY, "reference": "a:b", **fields}
    )


def test_a_million_tokens_cost_the_rate() -> None:
    """Rates are dollars per million tokens, and their sum is the price of a million of each."""
    assert tariff().cost(Usage(input=1_000_000, output=0)) == 3
    assert tariff().cost(Usage(input=0, output=1_000_000)) == 15
    assert tariff().total == 18


def test_cached_input_is_a_part_of_input() -> None:
    """Cached tokens are taken out of the input before they are billed at their own rate, never added on top."""
    usage = Usage(input=1_000_000, cached=400_000, output=0)
    assert tariff(cached="0.3").cost(usage) == Decimal("1.92")
    assert tariff().cost(usage) == 3


def test_reasoning_is_a_part_of_output() -> None:
    """Reasoning tokens are output: billed once, at a rate of their own only where there is one."""
    usage = Usage(input=0, output=1_000_000, reasoning=900_000)
    assert tariff().cost(usage) == 15
    assert tariff(reasoning="5").cost(usage) == 6


def test_a_tier_is_for_the_whole_request() -> None:
    """One token beyond its start a tier prices all tokens of the request, and up to its start none."""
    tiered = tariff(tiers=[{"above": 200_000, "input": "6", "output": "22.5"}])
    assert tiered.cost(Usage(input=200_000, output=10)) == Decimal("0.60015")
    assert tiered.cost(Usage(input=200_001, output=10)) == Decimal("1.200231")


def test_an_hour_of_its_own_is_utc() -> None:
    """A rate of certain hours holds at those hours wherever the clock stands; without a moment the dearest counts."""
    night = tariff(hours=[{"start": "22:00", "end": "04:00", "input": "1", "output": "5"}])
    million = Usage(input=1_000_000, output=0)
    assert night.cost(million, datetime(2026, 9, 1, 23, tzinfo=UTC)) == 1
    assert night.cost(million, datetime(2026, 9, 1, 4, tzinfo=UTC)) == 3
    assert night.cost(million, datetime.fromisoformat("2026-09-02T05:00:00+05:00")) == 1
    assert night.cost(million) == 3


def test_each_request_may_have_a_price() -> None:
    """A charge per request is added once, whatever the tokens."""
    assert tariff(request="0.005").cost(Usage(input=0, output=0)) == Decimal("0.005")


@given(COUNTS, COUNTS, st.decimals(0, 1000, places=6), st.decimals(0, 1000, places=6))
def test_no_digit_is_lost(given: int, output: int, price_in: Decimal, price_out: Decimal) -> None:
    """The cost is the exact rational number: a million times it is the sum of tokens times rates."""
    cost = tariff(input=price_in, output=price_out).cost(Usage(input=given, output=output))
    assert cost * 1_000_000 == given * price_in + output * price_out


def test_a_tariff_survives_the_disk() -> None:
    """A price snapshot comes back from JSON as it was, tiers, hours and digits included."""
    whole = tariff(
        tiers=[{"above": 5, "input": "0.10", "output": "1"}],
        hours=[{"start": "00:30", "end": "16:30", "input": "0.1", "output": "2"}],
        since="2024-05-01",
    )
    assert Tariff.model_validate_json(whole.model_dump_json()) == whole


@pytest.mark.parametrize("field", ["input", "output", "cached"])
def test_a_price_below_nothing_is_refused(field: str) -> None:
    """A negative price would pay the user for a run."""
    with pytest.raises(ValueError, match=field):
        tariff(**{field: "-1"})


def test_every_listed_model_is_priced_as_its_catalogue_does() -> None:
    """For each model of genai-prices a tariff gives the catalogue's own price, at any size, hour and day."""
    compared = 0
    for day, (provider, model) in product((date(2024, 5, 1), DAY), LISTED):
        found = listed_tariff(provider, model, day)
        if found is None:
            continue
        for hour, (size, cached, output) in product((0, 2, 12, 17, 23) if found.hours else (12,), SIZES):
            moment = datetime(day.year, day.month, day.day, hour, 45, tzinfo=UTC)
            usage = ListedUsage(input_tokens=size, cache_read_tokens=cached, output_tokens=output)
            expected = calc_price(usage, model, provider_id=provider, genai_request_timestamp=moment).total_price
            assert found.cost(Usage(input=size, cached=cached, output=output), moment) == expected, model
            compared += 1
    assert compared > 10_000


def test_a_model_without_a_price_is_unknown() -> None:
    """What genai-prices does not list, or lists without an output price, has no tariff: not a price of zero."""
    assert listed_tariff("openai", "no-such-model", DAY) is None
    assert listed_tariff("no-such-provider", "gpt-4o", DAY) is None
    assert listed_tariff("openai", "text-embedding-3-small", DAY) is None


def test_a_change_of_price_takes_place_on_its_day() -> None:
    """The day before a dated change has the old price, the day itself the new one with its date."""
    change = date(2025, 6, 10)
    before, after = listed_tariff("openai", "o3", change - timedelta(days=1)), listed_tariff("openai", "o3", change)
    assert before is not None
    assert after is not None
    assert (before.total, before.since) == (50, None)
    assert (after.total, after.since) == (10, change)
