"""find_tariff: the user's own price beats history, history beats today's list, and nobody's price is unknown."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from harness.errors import UserError
from harness.pricing.lookup import find_tariff
from harness.records import Model
from harness.settings import Prices, Settings

DAY = date(2026, 9, 1)


def model(**fields: object) -> Model:
    """An entry of the catalogue, priced as gpt-4-turbo at OpenAI."""
    base = {"name": "turbo", "backend": "openai", "served_name": "gpt-4-turbo", "price": "openai:gpt-4-turbo"}
    return Model.model_validate({**base, **fields})


def own(**entries: object) -> Prices:
    """The prices of a harness.yaml."""
    return Settings.model_validate({"prices": entries}).prices


def entry(price: str, since: str = "2024-01-01") -> dict[str, str]:
    """A price of the user's own."""
    return {"input": price, "output": price, "source": "our contract", "since": since}


def test_a_listed_model_has_its_list_price() -> None:
    """Without entries of the user's the price reference is looked up in genai-prices, and the source says so."""
    found = find_tariff(model(), {}, DAY)
    assert found is not None
    assert (found.input, found.output, found.total) == (10, 30, 40)
    assert found.source.startswith("genai-prices ")
    assert (found.reference, found.as_of) == ("openai:gpt-4-turbo", DAY)


@pytest.mark.parametrize("key", ["turbo", "Turbo", "gpt4t", "openai:gpt-4-turbo"])
def test_the_users_own_price_wins(key: str) -> None:
    """An entry under the model's name, an alias or its price reference beats every list."""
    found = find_tariff(model(aliases=("gpt4t",)), own(**{key: entry("7")}), DAY)
    assert found is not None
    assert (found.total, found.source, found.since) == (14, "our contract", date(2024, 1, 1))


def test_an_own_price_holds_from_its_day_on() -> None:
    """Of several entries the last that has begun counts; before the first the lists do."""
    prices = own(turbo=[entry("2", "2024-06-01"), entry("1", "2024-03-01")])
    totals = [find_tariff(model(), prices, day) for day in (date(2024, 2, 29), date(2024, 3, 1), date(2024, 6, 1))]
    assert [found and found.total for found in totals] == [40, 2, 4]


def test_a_price_in_yaml_is_read_as_written() -> None:
    """A number such as 0.1 is a tenth of a dollar, not the nearest binary fraction."""
    prices = own(turbo={"input": 0.1, "output": 0.3, "source": "x", "since": "2024-01-01"})
    assert prices["turbo"][0].input == Decimal("0.1")


def test_a_model_that_nobody_prices_is_unknown() -> None:
    """A self-hosted model without an entry, and a reference that no list has, have no price, not a price of zero."""
    assert find_tariff(model(price=None), {}, DAY) is None
    assert find_tariff(model(price="openai:no-such-model"), {}, DAY) is None
    assert find_tariff(model(price=None), own(other=entry("1")), DAY) is None


def test_a_malformed_reference_is_explained() -> None:
    """A price reference without its provider is the user's error."""
    with pytest.raises(UserError, match="provider:model"):
        find_tariff(model(price="gpt-4-turbo"), {}, DAY)


def test_tomorrows_price_is_not_todays() -> None:
    """An entry that begins tomorrow changes nothing today."""
    found = find_tariff(model(), own(turbo=entry("1", str(DAY + timedelta(days=1)))), DAY)
    assert found is not None
    assert found.total == 40
