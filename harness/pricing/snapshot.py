"""The price snapshot of a run, kept in run.json, and what its samples cost by it: pure functions of recorded facts.

Each sample is priced as of the day (UTC) on which it was drawn. A day without a tariff, a sample without a date and a
sample without usage are unknown, and so is every sum that holds one: a total that left them out would look whole.
Usage that was divided among the samples of one request is priced share by share, which is exact for a tariff without
tiers and without a price per request; only self-hosted servers draw several samples with one request.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date
from decimal import Decimal

from pydantic import JsonValue

from harness.pricing.hosting import hosted_tariff
from harness.pricing.lookup import find_hosting, find_tariff
from harness.pricing.tariff import Tariff
from harness.pricing.throughput import Throughput, measure
from harness.records import Cost, Model, Record, RunInfo, Sample
from harness.settings import Hosting, Settings


class Snapshot(Record):
    """Tariffs by day; of a self-hosted model also what they were made from."""

    tariffs: dict[date, Tariff] = {}
    hosting: Hosting | None = None
    measured: Throughput | None = None

    def dumped(self) -> dict[str, JsonValue]:
        """As it lies in run.json."""
        return self.model_dump(mode="json", exclude_defaults=True)


def snapshot_of(info: RunInfo) -> Snapshot:
    """The prices that a run was made with; empty where it has none."""
    return Snapshot.model_validate(info.prices)


def updated(
    snapshot: Snapshot,
    model: Model,
    settings: Settings,
    samples: Callable[[], Iterable[Sample]],
    now: date | None = None,
) -> Snapshot:
    """The snapshot with a tariff for the day `now` and every day on which a sample was drawn; what is recorded stays.

    `samples` reads them: again and again, since a run may hold more than fit into memory.

    Where nobody lists a price and the settings say what the model is hosted on, the price is that of the throughput of
    all samples, measured anew with each call.

    Raises:
        UserError: the model's price reference is malformed.
    """
    days = {day_of(sample) for sample in samples()} | {now}
    known = {} if snapshot.hosting else snapshot.tariffs
    found = {day: known.get(day) or find_tariff(model, settings.prices, day) for day in sorted(filter(None, days))}
    listed = known | {day: tariff for day, tariff in found.items() if tariff is not None}
    hosting = snapshot.hosting or find_hosting(model, settings)
    if listed or hosting is None:
        return Snapshot(tariffs=listed)
    measured = measure(samples())
    tariffs = {day: hosted_tariff(model, hosting, measured, day) for day in found} if measured else {}
    return Snapshot(
        tariffs={day: tariff for day, tariff in tariffs.items() if tariff}, hosting=hosting, measured=measured
    )


def repriced(info: RunInfo, settings: Settings, samples: Iterable[Sample], when: date) -> Snapshot:
    """A snapshot in which every sample costs what it would have cost on the day `when`; empty where that is unknown.

    A self-hosted model without a listed price keeps its recorded one: its machines have no past price list.
    """
    tariff = find_tariff(info.model, settings.prices, when)
    recorded = snapshot_of(info)
    if tariff is None and recorded.hosting is not None:
        return recorded
    days = {day for sample in samples if (day := day_of(sample)) is not None}
    return Snapshot(tariffs=dict.fromkeys(days, tariff) if tariff else {})


def sample_cost(snapshot: Snapshot, sample: Sample) -> Decimal | None:
    """US dollars for one sample; None where its price or its usage is unknown."""
    day = day_of(sample)
    tariff = snapshot.tariffs.get(day) if day is not None else None
    if tariff is None or sample.usage is None:
        return None
    return tariff.cost(sample.usage, sample.created)


def problem_costs(snapshot: Snapshot, samples: Iterable[Sample]) -> dict[str, Decimal | None]:
    """US dollars by task_id, all samples of a problem together; None for a problem with a sample of unknown cost."""
    costs: dict[str, Decimal | None] = {}
    for sample in samples:
        before, cost = costs.get(sample.task_id, Decimal(0)), sample_cost(snapshot, sample)
        costs[sample.task_id] = None if before is None or cost is None else before + cost
    return costs


def cost_of(snapshot: Snapshot, samples: Iterable[Sample]) -> Cost | None:
    """The money of all samples; None where there are none, or that of one is unknown."""
    total, days = Decimal(0), set[date]()
    for sample in samples:
        cost, day = sample_cost(snapshot, sample), day_of(sample)
        if cost is None or day is None:
            return None
        total += cost
        days.add(day)
    if not days:
        return None
    tariffs = [snapshot.tariffs[day] for day in sorted(days)]
    sources = dict.fromkeys(f"{tariff.source} ({tariff.reference})" for tariff in tariffs)
    as_of = sorted({tariff.as_of.isoformat() for tariff in tariffs})
    span = as_of[0] if len(as_of) == 1 else f"{as_of[0]}..{as_of[-1]}"
    return Cost(total=total, source="; ".join(sources), priced_as_of=span)


def day_of(sample: Sample) -> date | None:
    """The day (UTC) on which a sample was drawn."""
    return sample.created.astimezone(UTC).date() if sample.created is not None else None
