"""find_tariff: what a model costs on a day. The user's own entries, then the historical table, then genai-prices.

Where none of them knows, the price is unknown and stays so: None, never zero.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from harness.errors import UserError
from harness.pricing.listed import listed_tariff
from harness.pricing.tariff import Price, Tariff, Tier
from harness.records import Model, Record
from harness.settings import Hosting, Prices, Settings


class PastPrice(Record):
    """A row of history.yaml: what held from `since` until before `until`."""

    input: Price
    output: Price
    tiers: tuple[Tier, ...] = ()
    since: date
    until: date
    source: str


def today() -> date:
    """The day whose prices hold for what is asked now (UTC)."""
    return datetime.now(UTC).date()


def find_tariff(model: Model, prices: Prices, when: date) -> Tariff | None:
    """The price of `model` on the day `when` (UTC); None where it is not known.

    An entry of the user's is meant by the model's name, an alias or its price reference, whatever the letter case, and
    holds from its `since` until that of the next one.

    Raises:
        UserError: the model's price reference is not of the form `provider:model`.
    """
    return _own(model, prices, when) or (_known(model.price, when) if model.price is not None else None)


def find_hosting(model: Model, settings: Settings) -> Hosting | None:
    """What `model` is hosted on by the user's settings: its name or an alias, whatever the letter case."""
    names = {name.lower() for name in (model.name, *model.aliases)}
    return next((hosting for key, hosting in settings.hosting.items() if key.lower() in names), None)


def _own(model: Model, prices: Prices, when: date) -> Tariff | None:
    names = {name.lower() for name in (model.name, *model.aliases, model.price) if name}
    begun = [
        (entry.since, key, entry)
        for key, entries in prices.items()
        if key.lower() in names
        for entry in entries
        if entry.since <= when
    ]
    if not begun:
        return None
    _, key, entry = max(begun, key=lambda found: found[0])
    return Tariff(**entry.model_dump(), as_of=when, reference=key)


def _known(reference: str, when: date) -> Tariff | None:
    provider, _, name = reference.partition(":")
    if not provider or not name:
        raise UserError(f"The price reference {reference!r} is not of the form provider:model.", "See docs/models.md.")
    for past in _history().get(reference, ()):
        if past.since <= when < past.until:
            return Tariff(**past.model_dump(exclude={"until"}), as_of=when, reference=reference)
    return listed_tariff(provider, name, when)


@cache
def _history() -> Mapping[str, tuple[PastPrice, ...]]:
    content = yaml.safe_load(files("harness.pricing").joinpath("history.yaml").read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, tuple[PastPrice, ...]]).validate_python(content)
