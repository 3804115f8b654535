"""A run's price snapshot: each sample as of its own day, unknown stays unknown, recorded money to the last digit."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harness.pricing.snapshot import Snapshot, cost_of, problem_costs, repriced, sample_cost, snapshot_of, updated
from harness.pricing.usage import read_usage
from harness.records import Model, RunInfo, Sample, Sampling, SuiteInfo
from harness.settings import Settings
from tests.pricing.samples import NOON, sample

RECORDED = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "usage"
TURBO = Model(name="turbo", backend="openai", served_name="gpt-4-turbo", price="openai:gpt-4-turbo")
LOCAL = Model(name="local", backend="vllm", served_name="org/local")
HOSTED = {"hosting": {"local": {"gpu": "H100", "gpus": 4, "hourly": "2.5", "source": "test"}}}
DAY = NOON.date()


def settings(**fields: object) -> Settings:
    """What a harness.yaml says."""
    return Settings.model_validate(fields)


def prices(model: Model, samples: list[Sample], **fields: object) -> Snapshot:
    """The snapshot of a run that drew `samples`."""
    return updated(Snapshot(), model, settings(**fields), lambda: samples)


def run_info(model: Model, snapshot: Snapshot) -> RunInfo:
    """The record of a run of `model` with these prices."""
    suite = SuiteInfo(name="s", version="1", fingerprint="f", split="test", source="none")
    fields = {"run_id": "r", "kind": "eval", "created": NOON, "harness_version": "0", "model": model, "suite": suite}
    more = {"sampling": Sampling(), "preset": "p", "prompt_mode": "chat", "prompt_sha256": "", "task_ids": ()}
    return RunInfo.model_validate({**fields, **more, "expected": 0, "prices": snapshot.dumped()})


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"needs the recorded usage in {RECORDED}")
def test_a_recorded_run_costs_what_was_published() -> None:
    """The recorded usage of 164 answers, read as from a provider, costs the published total to its last true digit."""
    published = json.loads((RECORDED / "agentevals-published.json").read_text())
    total = published["published"]
    model = Model(name="gpt", backend="openai", served_name=total["model"], price=f"openai:{total['model']}")
    with next(RECORDED.glob("*.jsonl")).open() as file:
        answers = [json.loads(line) for line in file]
    samples = [
        sample(answer["task_id"], usage=read_usage(answer["usage"], answered=True), latency_s=answer["latency_s"])
        for answer in answers
    ]
    costs = problem_costs(prices(model, samples), samples)
    cost = cost_of(prices(model, samples), samples)
    assert len(costs) == int(total["total_tasks"])
    assert cost is not None
    assert cost.total == sum(filter(None, costs.values())) == Decimal("0.0551965")
    assert cost.total == Decimal(total["total_cost"]).quantize(Decimal("1e-12"))


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"needs the recorded usage in {RECORDED}")
def test_published_prices_are_found_for_their_day() -> None:
    """The prices that the publisher computed with are those we find for May 2024, for every model we can name."""
    published = json.loads((RECORDED / "agentevals-published.json").read_text())["prices"]
    named = {
        "openai:gpt-3.5-turbo-0125": "gpt-3.5-turbo-0125",
        "openai:gpt-4-turbo-2024-04-09": "gpt-4-turbo-2024-04-09",
        "openai:gpt-4-0613": "gpt-4-0613",
        "together:meta-llama/Llama-3-70b-chat-hf": "meta-llama/Llama-3-70b-chat-hf",
        "together:meta-llama/Llama-3-8b-chat-hf": "meta-llama/Llama-3-8b-chat-hf",
    }
    may = datetime(2024, 5, 15, tzinfo=UTC)
    for reference, name in named.items():
        model = Model(name=name, backend="openai", served_name=name, price=reference)
        found = prices(model, [sample(created=may)]).tariffs[may.date()]
        expected = (Decimal(str(published[name]["prompt"])), Decimal(str(published[name]["completion"])))
        assert (found.input, found.output) == expected, name


def test_each_sample_is_priced_as_of_its_own_day() -> None:
    """A run over midnight, with a new price from then on, pays the old one before and the new one after."""
    old = {"input": 1, "output": 0, "source": "x", "since": "2026-01-01"}
    own = {"turbo": [old, {**old, "input": 3, "since": "2026-09-02"}]}
    samples = [sample(), sample(index=1, created=NOON + timedelta(days=1))]
    snapshot = prices(TURBO, samples, prices=own)
    assert [sample_cost(snapshot, one) for one in samples] == [Decimal("0.001"), Decimal("0.003")]
    cost = cost_of(snapshot, samples)
    assert cost is not None
    assert (cost.total, cost.priced_as_of) == (Decimal("0.004"), "2026-09-01..2026-09-02")


def test_a_day_is_a_day_in_utc() -> None:
    """A sample drawn in the evening of another zone belongs to the day it is in UTC."""
    late = datetime.fromisoformat("2026-08-31T23:30:00-05:00")
    assert list(prices(TURBO, [sample(created=late)]).tariffs) == [date(2026, 9, 1)]


def test_a_recorded_price_stays() -> None:
    """A run that is resumed after the user's price changed keeps the price that its snapshot has for that day."""
    own = {"input": 1, "output": 1, "source": "x", "since": "2026-01-01"}
    before = prices(TURBO, [sample()], prices={"turbo": own})
    after = updated(before, TURBO, settings(prices={"turbo": {**own, "input": 9}}), lambda: [sample()])
    assert after == before


def test_unknown_stays_unknown() -> None:
    """No price, no usage or no date of one sample: its cost is unknown, and so is the cost of the whole, never less."""
    known = sample("a")
    snapshot = prices(TURBO, [known])
    assert cost_of(snapshot, []) is None
    assert cost_of(Snapshot(), [known]) is None
    for lacking in (sample("b", usage=None), sample("b", created=None), sample("b", created=NOON + timedelta(days=9))):
        assert sample_cost(snapshot, lacking) is None
        assert cost_of(snapshot, [known, lacking]) is None
        assert problem_costs(snapshot, [known, lacking]) == {"a": Decimal("0.013"), "b": None}
    assert problem_costs(snapshot, [sample("b", 0, usage=None), sample("b", 1)]) == {"b": None}


def test_a_snapshot_survives_run_json() -> None:
    """What run.json holds gives the same prices back, those of a hosted model and what it was measured at included."""
    for model, snapshot in ((TURBO, prices(TURBO, [sample()])), (LOCAL, prices(LOCAL, [sample()], **HOSTED))):
        assert snapshot.tariffs
        info = run_info(model, snapshot)
        assert snapshot_of(RunInfo.model_validate_json(info.model_dump_json())) == snapshot


def test_a_run_of_before_snapshots_has_none() -> None:
    """A run.json without prices is read, and has no cost until it is priced."""
    assert snapshot_of(run_info(TURBO, Snapshot())) == Snapshot()


def test_old_tokens_are_priced_anew() -> None:
    """Repricing takes every sample to the price of the asked day, whatever the run recorded."""
    opus = Model(name="o", backend="openai", served_name="x", price="anthropic:claude-3-opus-20240229")
    samples = [sample(), sample(index=1, created=NOON + timedelta(days=3))]
    snapshot = repriced(run_info(opus, Snapshot()), settings(), samples, date(2024, 5, 1))
    cost = cost_of(snapshot, samples)
    assert cost is not None
    assert (cost.total, cost.priced_as_of) == (2 * (Decimal("0.015") + Decimal("0.0075")), "2024-05-01")


def test_a_hosted_model_costs_its_busy_time() -> None:
    """Four GPUs at 2.50 an hour that were busy for 36 seconds cost ten cents, however the tokens divide it."""
    samples = [sample(index=i, end_s=end, latency_s=18.0) for i, end in enumerate((18.0, 36.0))]
    snapshot = prices(LOCAL, samples, **HOSTED)
    cost = cost_of(snapshot, samples)
    assert cost is not None
    assert round(cost.total, 9) == Decimal("0.1")
    assert snapshot.tariffs[DAY].output == 4 * snapshot.tariffs[DAY].input
    assert "measured" in cost.source


def test_a_hosted_model_is_measured_anew_on_resume() -> None:
    """The price of a resumed run is that of all its samples, on the machines it began on."""
    first = sample(end_s=10.0, latency_s=10.0)
    before = prices(LOCAL, [first], **HOSTED)
    more = [first, sample(index=1, created=NOON + timedelta(days=2), latency_s=30.0)]
    after = updated(before, LOCAL, settings(), lambda: more)
    assert after.measured is not None
    assert after.measured.seconds == 40
    assert len(after.tariffs) == 2
    assert {round(tariff.input / before.tariffs[DAY].input, 6) for tariff in after.tariffs.values()} == {2}


def test_a_hosted_model_without_usage_is_unknown() -> None:
    """Machines are paid for, but without tokens there is no price per token, and none is made up."""
    snapshot = prices(LOCAL, [sample(usage=None)], **HOSTED)
    assert not snapshot.tariffs
    assert cost_of(snapshot, [sample(usage=None)]) is None


def test_an_own_price_beats_the_hosting() -> None:
    """Where the user gives a price for a hosted model, that is its price."""
    own = {"local": {"input": 1, "output": 1, "source": "x", "since": "2026-01-01"}}
    snapshot = prices(LOCAL, [sample()], prices=own, **HOSTED)
    assert (snapshot.tariffs[DAY].total, snapshot.hosting) == (2, None)
