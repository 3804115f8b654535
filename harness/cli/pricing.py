"""What `harness prices show` and `harness reprice` print."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import typer
from pydantic import TypeAdapter

from harness.cli.tables import print_table, token_counts
from harness.errors import UsageError
from harness.models import find_model
from harness.pricing.hosting import describe
from harness.pricing.lookup import find_hosting, find_tariff, today
from harness.pricing.snapshot import Snapshot, cost_of, repriced, snapshot_of
from harness.pricing.tariff import Rates, Tariff
from harness.records import Cost, Model, RunInfo
from harness.reports.build import build_report, total_usage
from harness.settings import Settings, load_settings
from harness.store import RunDirectory

UNKNOWN = "unknown"
UNDATED = "undated: what its source lists now; it may have been another price on that day."


def show_prices(names: list[str], as_of: str | None, *, as_json: bool) -> None:
    """A line a model; what is not known says so, and so does a price that may not have held on that day."""
    settings, day = load_settings(), read_day(as_of)
    models = [find_model(name, settings) for name in names]
    tariffs = {model.name: find_tariff(model, settings.prices, day) for model in models}
    if as_json:
        typer.echo(TypeAdapter(dict[str, Tariff | None]).dump_json(tariffs, indent=2).decode())
        return
    print_table(
        ["model", "in", "out", "cached", "in + out", "as of", "since", "source"],
        [_line(model, tariffs[model.name], day) for model in models],
    )
    typer.echo("US dollars per million tokens.")
    for model in models:
        for note in _notes(model, tariffs[model.name], settings):
            typer.echo(f"{model.name}: {note}")


def _line(model: Model, tariff: Tariff | None, day: date) -> list[str]:
    if tariff is None:
        return [model.name, UNKNOWN, UNKNOWN, "-", UNKNOWN, str(day), "-", "-"]
    prices = [dollars(tariff.input), dollars(tariff.output), dollars(tariff.cached), dollars(tariff.total)]
    since = str(tariff.since or "undated")
    return [model.name, *prices, str(tariff.as_of), since, f"{tariff.source} ({tariff.reference})"]


def _notes(model: Model, tariff: Tariff | None, settings: Settings) -> list[str]:
    """What a line cannot say: other rates, a missing date, a missing price."""
    if tariff is None:
        hosting = find_hosting(model, settings)
        known = f"hosted on {describe(hosting)}; a run measures its price per token" if hosting else "no price is known"
        return [f"{known}; docs/prices.md says how to give one."] if hosting is None else [f"{known}."]
    notes = [f"requests of more than {tier.above:,} input tokens: {_rates(tier)}." for tier in tariff.tiers]
    notes += [f"from {hours.start:%H:%M} to {hours.end:%H:%M} UTC: {_rates(hours)}." for hours in tariff.hours]
    if tariff.request:
        notes.append(f"each request: {dollars(tariff.request)}.")
    if tariff.is_assumed and tariff.as_of < today():
        notes.append(UNDATED)
    if tariff.as_of > today():
        notes.append("a day to come: this is what is known today.")
    return notes


def _rates(rates: Rates) -> str:
    cached = f", {dollars(rates.cached)} cached" if rates.cached is not None else ""
    return f"{dollars(rates.input)} in, {dollars(rates.output)} out{cached}"


def reprice(root: Path, name: str, as_of: str | None, *, as_json: bool) -> None:
    """A run's cost as it was recorded and as of another day; with --json its report at that day's price.

    Raises:
        UserError: no such run.
    """
    run, day = RunDirectory.find(root, name), read_day(as_of)
    info = run.info()
    snapshot = repriced(info, load_settings(), run.samples(), day)
    cost = cost_of(snapshot, run.samples())
    if as_json:
        typer.echo(build_report(info, run.samples(), run.executions(), cost).model_dump_json(indent=2))
        return
    tokens, recorded = total_usage(run.samples()), snapshot_of(info)
    rows = [
        ["recorded", *token_counts(tokens), *_prices(recorded), *_cost(cost_of(recorded, run.samples()))],
        [f"as of {day}", *token_counts(tokens), *_prices(snapshot), *_cost(cost)],
    ]
    typer.echo(f"{info.model.name} on {info.suite.name}, {info.run_id}")
    print_table(["price", "tokens in", "tokens out", "$/Mtok in", "$/Mtok out", "cost", "priced as of", "source"], rows)
    for note in _why(info, snapshot, day, tokens.unreported):
        typer.echo(note)


def _why(info: RunInfo, snapshot: Snapshot, day: date, unreported: int) -> list[str]:
    """What the two lines of a repriced run do not say of themselves."""
    notes = [f"{unreported} samples have no usage, so the cost of the run is unknown."] if unreported else []
    if not snapshot.tariffs:
        notes.append(f"The price of {info.model.name} on {day} is not known; docs/prices.md says how to give one.")
    elif snapshot.hosting is not None:
        notes.append("A self-hosted model has no price list: its measured price is kept, whatever the day.")
    elif any(tariff.is_assumed for tariff in snapshot.tariffs.values()) and day < today():
        notes.append(UNDATED)
    return notes


def _prices(snapshot: Snapshot) -> list[str]:
    """Input and output price; of a run of several days the last one's."""
    if not snapshot.tariffs:
        return [UNKNOWN, UNKNOWN]
    tariff = snapshot.tariffs[max(snapshot.tariffs)]
    return [dollars(tariff.input), dollars(tariff.output)]


def _cost(cost: Cost | None) -> list[str]:
    return [dollars(cost.total), cost.priced_as_of, cost.source] if cost is not None else [UNKNOWN, "-", "-"]


def dollars(amount: Decimal | None, places: int = 6) -> str:
    """An amount with two decimals, and with those beyond that are not zero, up to `places`."""
    if amount is None:
        return "-"
    if amount and amount < Decimal(1).scaleb(-places):
        return f"${amount:.2E}"
    whole, _, cents = f"{amount:.{places}f}".partition(".")
    return f"${whole}.{cents.rstrip('0').ljust(2, '0')}"


def read_day(as_of: str | None) -> date:
    """The day that --as-of names; today (UTC) without it.

    Raises:
        UsageError: it is not a date.
    """
    if as_of is None:
        return today()
    try:
        return date.fromisoformat(as_of)
    except ValueError as error:
        raise UsageError(f"--as-of {as_of}: not a day.", "Write it as 2024-05-01.") from error
