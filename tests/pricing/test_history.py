"""The historical table: the documents' prices as of their date, and nothing it has no source for."""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise

import pytest
import yaml

from harness.models import find_model
from harness.pricing.listed import listed_tariff
from harness.pricing.lookup import find_tariff
from harness.pricing.tariff import Tariff
from harness.settings import Settings

MAY = date(2024, 5, 1)
ROWS = yaml.safe_load(files("harness.pricing").joinpath("history.yaml").read_text(encoding="utf-8"))


def price(name: str, when: date = MAY) -> Tariff:
    """The price of a model of the catalogue on a day."""
    found = find_tariff(find_model(name, Settings()), {}, when)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("gpt-4-turbo", "40"),
        ("openrouter/openai/gpt-4-turbo", "40"),
        ("claude-3-opus", "90"),
        ("claude-3-opus-openrouter", "90"),
        ("claude-3-haiku", "1.5"),
        ("claude-3-haiku-openrouter", "1.5"),
        ("llama3-70b-openrouter", "1.6"),
    ],
)
def test_the_documents_prices_are_those_of_their_date(name: str, total: str) -> None:
    """On 1 May 2024 the sum of input and output price is the documents' dollars per million tokens, with a date."""
    found = price(name)
    assert found.total == Decimal(total)
    assert not found.is_assumed


def test_the_documents_ratios() -> None:
    """Llama 3 70B was 25 times cheaper than GPT-4 Turbo and more than 55 times cheaper than Claude 3 Opus."""
    cheap = price("llama3-70b-openrouter").total
    assert price("gpt-4-turbo").total / cheap == 25
    assert price("claude-3-opus").total / cheap == Decimal("56.25")


def test_a_price_that_was_cut_is_the_old_one_before() -> None:
    """GPT-4o cost 5 and 15 dollars until its alias moved on, although the list knows only what it costs since."""
    before, after = price("gpt-4o", date(2024, 10, 1)), price("gpt-4o", date(2024, 10, 2))
    assert [(one.input, one.output) for one in (before, after)] == [(5, 15), (Decimal("2.5"), 10)]
    assert after.is_assumed


def test_a_past_price_keeps_its_tiers() -> None:
    """Gemini 1.5 Pro cost twice as much beyond 128,000 tokens in the summer of 2024."""
    (tier,) = price("gemini-1.5-pro", date(2024, 7, 1)).tiers
    assert (tier.above, tier.input, tier.output) == (128_000, 7, 21)


def test_outside_its_days_the_table_says_nothing() -> None:
    """A day before the first or after the last that a source vouches for is asked of genai-prices."""
    assert price("gpt-4-turbo", date(2024, 4, 8)).source.startswith("genai-prices")
    assert price("gpt-4-turbo", date(2024, 10, 1)).source.startswith("genai-prices")


@pytest.mark.parametrize("reference", ROWS)
def test_every_row_is_reachable_and_sourced(reference: str) -> None:
    """A row belongs to a model that genai-prices knows, says its source, ends after it begins and overlaps no other."""
    provider, _, name = reference.partition(":")
    assert listed_tariff(provider, name, MAY) is not None
    rows = sorted(ROWS[reference], key=lambda row: row["since"])
    assert all(row["source"] and row["since"] < row["until"] for row in rows)
    assert all(one["until"] <= other["since"] for one, other in pairwise(rows))
