"""--dry-run: what an eval would ask for and cost, printed before anything is spent."""

import json
from collections.abc import Collection, Iterable
from decimal import Decimal

import typer

from harness import plugins
from harness.cli.running import Target
from harness.cli.spending import is_free
from harness.cli.tables import print_table
from harness.pipeline.estimate import Estimate, estimate
from harness.pipeline.plan import plan_eval
from harness.pricing.dollars import exact, rounded
from harness.pricing.lookup import find_tariff, today
from harness.records import Usage
from harness.settings import Prices
from harness.store import SampleKey

HEADER = ["model", "suite", "samples", "requests", "input tokens", "output tokens", "cost"]

Wanted = tuple[Target, Collection[SampleKey]]
"""A run, and the samples that it has already."""


def dry_run(
    runs: Iterable[Wanted], prices: Prices, limit: Decimal | None, *, as_json: bool, spent: Decimal = Decimal(0)
) -> None:
    """Print a line for what each run lacks and the sum of their costs; no model is asked and nothing is written.

    `spent` is what counts against `limit` already.
    """
    estimates = [(target, _estimate(target, have, prices)) for target, have in runs]
    if as_json:
        typer.echo(json.dumps([_fields(target, found) for target, found in estimates], indent=2))
        return
    print_table(HEADER, [_row(target, found) for target, found in estimates], numbers_from=2)
    costs = [found.cost for _, found in estimates]
    typer.echo(f"in all: {_range(_total(costs))}. Nothing was sent. docs/budget.md says what the range spans.")
    if limit is not None:
        typer.echo(_against(limit, spent, _total(costs)))


def _estimate(target: Target, have: Collection[SampleKey], prices: Prices) -> Estimate:
    info = plan_eval(target.model, target.suite, target.choice, target.data)
    backend = plugins.load("harness.backends", info.model.backend)(info.model)
    tariff = None if is_free(info.model) else find_tariff(info.model, prices, today())
    return estimate(info, target.suite, backend, tariff, have)


Range = tuple[Decimal, Decimal | None]


def _total(costs: list[Range | None]) -> Range | None:
    """The sum; None where one is unknown, without an upper end where one has none."""
    known = [cost for cost in costs if cost is not None]
    highs = [high for _, high in known if high is not None]
    if len(known) < len(costs):
        return None
    return sum((low for low, _ in known), Decimal(0)), sum(highs, Decimal(0)) if len(highs) == len(known) else None


def _against(limit: Decimal, spent: Decimal, total: Range | None) -> str:
    if total is None:
        return f"--max-cost {limit} needs a price for every model."
    low, high = total
    budget = f"${limit}, of which {exact(spent)} is spent already," if spent else f"${limit}"
    if high is not None and spent + high <= limit:
        return f"{budget} is enough, whatever the answers."
    return f"{budget} may not be enough." if spent + low <= limit else f"{budget} is not enough."


def _row(target: Target, found: Estimate) -> list[str]:
    high = found.high
    return [
        target.model.name,
        target.suite.info.name,
        f"{found.samples:,}",
        f"{found.requests:,}",
        _tokens(found.low.input, high.input if high else None),
        _tokens(found.low.output, high.output if high else None),
        _range(found.cost),
    ]


def _tokens(low: int, high: int | None) -> str:
    return f"{low:,}" if low == high else f"{low:,} - {high:,}" if high is not None else f"from {low:,}"


def _range(cost: Range | None) -> str:
    if cost is None:
        return "unknown"
    low, high = cost
    if low == high:
        return rounded(low)
    return f"{rounded(low)} - {rounded(high)}" if high is not None else f"from {rounded(low)}"


def _fields(target: Target, found: Estimate) -> dict[str, object]:
    cost = None if found.cost is None else [str(end) if end is not None else None for end in found.cost]
    return {
        "model": target.model.name,
        "suite": target.suite.info.name,
        "samples": found.samples,
        "requests": found.requests,
        "input": _ends(found.low, found.high, "input"),
        "output": _ends(found.low, found.high, "output"),
        "cost": cost,
    }


def _ends(low: Usage, high: Usage | None, name: str) -> list[int | None]:
    return [getattr(low, name), getattr(high, name) if high else None]
