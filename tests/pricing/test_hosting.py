"""The price of one's own machines: by the hour or bought, idle or busy, and where an API costs the same."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pricing.hosting import break_even, dollars_of, dollars_per_hour, hosted_tariff
from harness.pricing.throughput import Throughput
from harness.records import Model, Usage
from harness.settings import Hosting
from tests.pricing.samples import NOON

LOCAL = Model(name="local", backend="vllm", served_name="org/local")


def hosting(**fields: object) -> Hosting:
    """Eight GPUs at 2.50 dollars an hour, with `fields` changed."""
    return Hosting.model_validate({"gpu": "H100", "gpus": 8, "hourly": "2.5", "source": "test", **fields})


def measured(given: int = 9_000, output: int = 1_500, seconds: str = "1") -> Throughput:
    """A throughput."""
    return Throughput(input=given, output=output, seconds=Decimal(seconds))


def test_rent_is_paid_for_every_gpu_of_every_node() -> None:
    """Two nodes of eight GPUs at 2.50 cost 40 dollars an hour."""
    assert dollars_per_hour(hosting()) == 20
    assert dollars_per_hour(hosting(nodes=2)) == 40


def test_bought_machines_cost_their_share_of_life_and_their_power() -> None:
    """280,512 dollars over four years (35,064 hours) are 8 an hour; 10 kW at 0.20 are 2 more."""
    bought = {"price": "280512", "lifetime_years": 4, "power_kw": 10, "per_kwh": "0.20"}
    assert dollars_per_hour(hosting(hourly=None, purchase=bought)) == 10


def test_idle_hours_are_paid_for_as_well() -> None:
    """At half utilisation a busy hour costs twice as much."""
    assert dollars_of(hosting(), Decimal(3600)) == 20
    assert dollars_of(hosting(utilisation="0.5"), Decimal(3600)) == 40


@pytest.mark.parametrize(
    "fields",
    [{"hourly": None}, {"purchase": {"price": 1, "lifetime_years": 1, "power_kw": 1, "per_kwh": 1}}],
    ids=["neither", "both"],
)
def test_machines_are_either_rented_or_bought(fields: dict[str, object]) -> None:
    """Both prices, or none, are refused: one of them would be passed over in silence."""
    with pytest.raises(ValueError, match="either hourly"):
        hosting(**fields)


@pytest.mark.parametrize("field", ["utilisation", "gpus", "output_weight"])
def test_a_deployment_that_cannot_be_is_refused(field: str) -> None:
    """Zero GPUs, utilisation or weight would divide by nothing."""
    with pytest.raises(ValueError, match=field):
        hosting(**{field: 0})


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 10**6), st.decimals("0.1", 50, places=2), st.data())
def test_the_prices_give_back_what_the_machines_cost(
    given_tokens: int, output: int, seconds: int, weight: Decimal, data: st.DataObject
) -> None:
    """Whatever weight divides it, the tokens at their prices cost what the busy time of the machines did."""
    machines = hosting(output_weight=weight, utilisation=data.draw(st.decimals("0.05", 1, places=2)))
    found = hosted_tariff(LOCAL, machines, measured(given_tokens, output, str(seconds)), NOON.date())
    assert found is not None
    paid = dollars_of(machines, Decimal(seconds))
    rounding = (given_tokens + weight * output) * Decimal("1e-15")
    assert abs(found.cost(Usage(input=given_tokens, output=output)) - paid) <= rounding + Decimal("1e-18") * paid


def test_no_tokens_have_no_price() -> None:
    """A measurement without tokens gives no price instead of an endless one."""
    assert hosted_tariff(LOCAL, hosting(), measured(0, 0), NOON.date()) is None


def test_break_even_is_where_the_bills_meet() -> None:
    """At the break-even volume the API's bill for a month is the month's cost of the machines, to the cent."""
    answer = break_even(hosting(), measured(), Decimal("0.0375"))  # 9000 x 2.50 + 1500 x 10, in millionths
    assert answer.volume is not None
    api_bill = answer.volume / 1_000_000 * answer.api
    assert round(api_bill, 2) == round(dollars_per_hour(hosting()) * Decimal("730.5"), 2) == 14610
    assert round(answer.api, 4) == Decimal("3.5714")
    assert round(answer.own, 4) == Decimal("0.5291")
    assert answer.reachable
    assert round(answer.volume / answer.capacity, 6) == round(answer.own_busy / answer.api, 6)


def test_machines_too_slow_for_break_even_say_so() -> None:
    """Where even busy machines are dearer than the API, no volume pays: the break-even lies beyond what they serve."""
    answer = break_even(hosting(), measured(90, 15), Decimal("0.000375"))
    assert answer.times_dearer is not None
    assert answer.times_dearer > 1
    assert not answer.reachable


def test_a_free_api_is_never_beaten() -> None:
    """Against an API that costs nothing there is no break-even and no ratio."""
    answer = break_even(hosting(), measured(), Decimal(0))
    assert (answer.volume, answer.times_dearer, answer.reachable) == (None, None, False)


def test_utilisation_moves_the_price_and_not_the_break_even() -> None:
    """The machines are paid for around the clock, so the break-even volume is one and the same."""
    busy, idle = (break_even(hosting(utilisation=share), measured(), Decimal(1)) for share in ("1", "0.25"))
    assert (busy.volume, busy.own * 4) == (idle.volume, idle.own)
