"""What requests were billed, read back from their lines."""

from datetime import UTC, date, datetime
from decimal import Decimal

from harness.pricing.charges import Charge, Spending, spending
from harness.pricing.tariff import Tariff
from harness.records import Usage

MOST = Usage(input=1_000_000, output=100_000)


def tariff(day: date) -> Tariff:
    """One dollar a million in September, two later; output ten times as dear."""
    rate = Decimal(1 if day.month == 9 else 2)
    return Tariff(input=rate, output=10 * rate, source="test", as_of=day, reference="test")


def line(request: int, usage: Usage, *, known: bool, month: int = 9) -> Charge:
    """A line of charges.jsonl."""
    return Charge(request=request, at=datetime(2026, month, 1, tzinfo=UTC), known=known, usage=usage)


def test_the_last_line_of_a_request_counts() -> None:
    """A reported usage replaces what was set aside; without one the most that can have been billed stands."""
    billed = Usage(input=500_000, output=1_000)
    found = spending([line(0, MOST, known=False), line(1, MOST, known=False), line(0, billed, known=True)], tariff)
    assert (found.reported, found.unknown) == (Decimal("0.51"), Decimal(2))
    assert found.total == Decimal("2.51")
    assert found.requests == 2
    assert found.beyond is None


def test_each_charge_has_the_price_of_its_day() -> None:
    """A run that went on after a price rise is charged at both prices."""
    billed = Usage(input=1_000_000, output=0)
    assert spending([line(0, billed, known=True), line(1, billed, known=True, month=10)], tariff).total == 3


def test_a_refused_request_costs_nothing() -> None:
    """Not even the price per request is due for one that was refused."""
    nothing = line(0, Usage(input=0, output=0), known=True)
    with_fee = tariff(date(2026, 9, 1)).model_copy(update={"request": Decimal(1)})
    assert spending([nothing], lambda _: with_fee).total == 0


def test_a_charge_beyond_what_was_asked_for_is_remembered() -> None:
    """A provider that billed more output than max_tokens, or more input than bytes, is known when a run goes on."""
    more = line(0, Usage(input=10, output=MOST.output + 1), known=True)
    longer = line(0, Usage(input=MOST.input + 1, output=1), known=True)
    assert spending([line(0, MOST, known=False), more], tariff).beyond == more
    assert spending([line(0, MOST, known=False), longer], tariff).beyond == longer


def test_a_run_without_requests_cost_nothing() -> None:
    """No lines, no money, and the first request is number 0."""
    assert spending([], tariff) == Spending()
