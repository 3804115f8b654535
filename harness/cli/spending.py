"""--max-cost: the budget of a command, and what each of its runs may spend of it."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from harness import plugins
from harness.backends.base import MeteredBackend
from harness.errors import UsageError, UserError
from harness.pipeline.metering import Allowance
from harness.pricing.budget import Budget
from harness.pricing.charges import Spending, spending
from harness.pricing.lookup import find_tariff, today
from harness.pricing.snapshot import snapshot_of
from harness.pricing.tariff import Tariff
from harness.records import Model
from harness.settings import Prices
from harness.store import RunDirectory

UNLIMITED = "none"
NO_PRICE = "Write its price into harness.yaml (docs/prices.md), or leave --max-cost out."


def read_limit(text: str | None) -> Decimal | None:
    """US dollars from the command line; None for `none`.

    Raises:
        UsageError: not an amount.
    """
    if text is None or text.strip().lower() == UNLIMITED:
        return None
    try:
        limit = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        limit = Decimal(-1)
    if not limit.is_finite() or limit < 0:
        raise UsageError(f"--max-cost {text}: expected US dollars such as 5.00, or {UNLIMITED}.")
    return limit


def require_prices(models: Iterable[Model], prices: Prices) -> None:
    """Make sure that a budget can be promised for these models, before anything is spent.

    Raises:
        UserError: the price of one of them is not known, or its backend does not say what it spends.
    """
    paid = [model for model in models if not is_free(model)]
    for model in paid:
        if not isinstance(plugins.load("harness.backends", model.backend)(model), MeteredBackend):
            raise UserError(
                f"{model.name}: the backend {model.backend} does not say what it spends, so --max-cost cannot hold.",
                "docs/backends.md#a-backend-of-your-own tells what it lacks.",
            )
    unknown = [model.name for model in paid if find_tariff(model, prices, today()) is None]
    if unknown:
        raise UserError(
            f"--max-cost needs a price for every model; it is not known for {', '.join(unknown)}.", NO_PRICE
        )


def is_free(model: Model) -> bool:
    """Whether nobody is paid for the answers of this model: `reference` and `replay`."""
    return bool(getattr(plugins.load("harness.backends", model.backend), "free", False))


def allowance_for(model: Model, prices: Prices, budget: Budget | None, before: Spending) -> Allowance | None:
    """What a run of `model` may spend of `budget`, given what it has spent; None: nothing limits it."""
    if budget is None or is_free(model):
        return None
    return Allowance(budget, priced(model, prices)(today()), before.beyond)


def spent_by(run: RunDirectory, prices: Prices) -> Spending:
    """What the requests of a run have cost so far, by its own price snapshot where that has the day.

    Raises:
        UserError: the price of its model is not known on a day on which it was asked.
    """
    info = run.info()
    recorded, now = snapshot_of(info).tariffs, priced(info.model, prices)
    return spending(run.charges(), lambda day: recorded.get(day) or now(day))


def priced(model: Model, prices: Prices) -> Callable[[date], Tariff]:
    """The price of a model by day; UserError where it is not known."""

    def on(day: date) -> Tariff:
        tariff = find_tariff(model, prices, day)
        if tariff is None:
            raise UserError(f"--max-cost: the price of {model.name} on {day} is not known.", NO_PRICE)
        return tariff

    return on
