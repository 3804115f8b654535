"""What `harness prices breakeven` prints: one's own machines against an API, with every assumption beside it."""

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import typer
from pydantic import JsonValue
from pydantic_core import to_json

from harness.cli.pricing import dollars, read_day
from harness.errors import UsageError, UserError
from harness.models import find_model
from harness.pricing.hosting import BreakEven, break_even, describe, hosted_tariff
from harness.pricing.lookup import find_hosting, find_tariff
from harness.pricing.tariff import Tariff
from harness.pricing.throughput import Throughput, checks, measure
from harness.records import Model, Usage
from harness.settings import Hosting, load_settings
from harness.store import RunDirectory, list_runs

SECONDS = Decimal(3600)
"""How long an assumed throughput is taken to last: it cancels out."""


def show_break_even(
    root: Path, name: str, against: str, as_of: str | None, *, run: str | None, rate: str | None, as_json: bool
) -> None:
    """Compare serving `name` oneself with paying for `against`.

    Raises:
        UserError: no hosting is configured, no run measured it, or the API's price is unknown.
        UsageError: --rate is malformed or beside --run, or --as-of no day.
    """
    if run is not None and rate is not None:
        raise UsageError("--run and --rate exclude each other.", "A speed is measured or assumed.")
    settings, day = load_settings(), read_day(as_of)
    model, api = find_model(name, settings), find_model(against, settings)
    hosting = find_hosting(model, settings) or _no_hosting(model)
    tariff = find_tariff(api, settings.prices, day) or _no_price(api, day)
    measured, api_dollars, basis = _assumed(rate, tariff) if rate else _measured(root, run, model, tariff)
    answer = break_even(hosting, measured, api_dollars)
    assumed = _assumptions(hosting, hosted_tariff(model, hosting, measured, day), tariff, measured, basis)
    if as_json:
        found = {"times_dearer": answer.times_dearer, "reachable": answer.reachable, "assumptions": assumed}
        typer.echo(to_json(answer.model_dump() | found, indent=2).decode())
        return
    for line in [*_answer(model, api, answer), "", "Assumptions", *(f"- {line}" for line in assumed)]:
        typer.echo(line)


def _no_hosting(model: Model) -> Hosting:
    raise UserError(
        f"Nothing says what {model.name} runs on.",
        f"Write it into harness.yaml: `hosting: {{{model.name}: {{gpu: H100, gpus: 8, hourly: 2.50, source: ...}}}}`.",
    )


def _no_price(model: Model, day: date) -> Tariff:
    raise UserError(
        f"The price of {model.name} on {day} is not known.", "Give it in harness.yaml: `prices:` (docs/prices.md)."
    )


def _assumed(rate: str, tariff: Tariff) -> tuple[Throughput, Decimal, list[str]]:
    """An hour at an assumed throughput."""
    try:
        given, made = (Decimal(part) for part in rate.split(":"))
        measured = Throughput(input=int(given * SECONDS), output=int(made * SECONDS), seconds=SECONDS)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise UsageError(f"--rate {rate}: not two rates.", "Write tokens per second, as 9000:1500.") from error
    if not measured.input + measured.output:
        raise UsageError(f"--rate {rate}: no tokens.", "At least one of the two is above zero.")
    million = Usage(input=1_000_000, output=0), Usage(input=0, output=1_000_000)
    rates = [tariff.charge(usage) for usage in million]
    dollars_in, dollars_out = rates[0] * measured.input, rates[1] * measured.output
    return measured, (dollars_in + dollars_out).scaleb(-6), ["throughput: assumed with --rate, not measured"]


def _measured(root: Path, name: str | None, model: Model, tariff: Tariff) -> tuple[Throughput, Decimal, list[str]]:
    """The throughput of a run, what the API would take for its tokens, and how far it can be trusted."""
    run = RunDirectory.find(root, name) if name else _last_run(root, model)
    info, samples = run.info(), list(run.samples())
    measured = measure(samples)
    if measured is None or not measured.input + measured.output:
        raise UserError(
            f"{info.run_id} does not tell tokens per second: it lacks usage or times.", "Name another with --run."
        )
    bill = sum((tariff.cost(sample.usage, sample.created) for sample in samples if sample.usage), Decimal(0))
    basis = [
        f"throughput: measured by {info.run_id}: {measured.input:,} tokens in and {measured.output:,} out "
        f"in {measured.seconds:,.{1 if measured.seconds >= 10 else 3}f} busy seconds",
        f"load: at most {info.model.concurrency} requests under way; a fuller server is cheaper per token",
    ]
    return measured, bill, basis + _agreement(info.endpoint.get("sessions"))


def _last_run(root: Path, model: Model) -> RunDirectory:
    for run in reversed(list_runs(root)):
        if (info := run.info()).model.name == model.name and info.kind == "eval" and measure(run.samples()):
            return run
    raise UserError(
        f"No run in {root} has measured {model.name}.",
        f"`harness eval --model {model.name} --suite humaneval` does; or assume tokens per second with --rate IN:OUT.",
    )


def _agreement(sessions: JsonValue) -> list[str]:
    """How the server's own counters compare with usage, a line a session."""
    found = checks(sessions if isinstance(sessions, list) else [])
    if not found:
        return ["server's counters: none; tokens are those of usage alone"]
    return [f"server's counters: {check}" for check in found]


def _answer(model: Model, api: Model, answer: BreakEven) -> list[str]:
    lines = [
        f"{model.name} on your machines: {dollars(answer.own, 4)} per million tokens; "
        f"{dollars(answer.own_busy, 4)} if they never idled",
        f"{api.name}: {dollars(answer.api, 4)} per million tokens of the same mix",
    ]
    times = answer.times_dearer
    if times is None or answer.volume is None:
        return [*lines, f"{api.name} is free: serving {model.name} yourself never pays."]
    if not times:
        return [*lines, f"Serving {model.name} yourself costs nothing: it always pays."]
    word = f"{times:.2f} times dearer" if times >= 1 else f"{1 / times:.2f} times cheaper"
    lines.append(f"Serving it yourself is {word}.")
    share = answer.volume / answer.capacity
    need = f"{_millions(answer.volume)} million tokens a month"
    if answer.reachable:
        return [*lines, f"Break-even: {need}, {share:.0%} of what the machines serve at this speed."]
    return [
        *lines,
        f"No break-even: it would take {need}, and at this speed the machines serve {_millions(answer.capacity)}.",
    ]


def _assumptions(
    hosting: Hosting, own: Tariff | None, tariff: Tariff, measured: Throughput, basis: list[str]
) -> list[str]:
    lines = [f"machines: {describe(hosting)}, paid for around the clock", *basis]
    lines.append(f"mix: {measured.input_per_s:.1f} tokens/s in, {measured.output_per_s:.1f} tokens/s out")
    if own is not None:
        lines.append(
            f"own price: {dollars(own.input, 4)} in, {dollars(own.output, 4)} out per million, if an output token "
            f"weighs {hosting.output_weight} input tokens (changes no total)"
        )
    since = tariff.since or "undated"
    api = f"{dollars(tariff.input)} in, {dollars(tariff.output)} out per million"
    lines.append(f"API price: {api} as of {tariff.as_of} (since: {since}; {tariff.source}, {tariff.reference})")
    lines.append("the API is billed for the same token counts; tokenizers differ by some percent")
    lines.append("nothing else is counted: staff, network, storage, the API's batch discounts and rate limits")
    return lines


def _millions(tokens: Decimal) -> str:
    return f"{tokens / 1_000_000:,.1f}"
