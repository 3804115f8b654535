"""--max-cost, --dry-run and campaigns from the command line; samples are drawn only, so no engine is needed."""

import json
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.records import Sample
from harness.store import list_runs
from harness.suites import Suite, load_suite
from tests.backends.provider import Body, Provider, Reply, answer_body, status

from .conftest import Cli, spawn

PRICE = {"input": 2, "output": 10, "source": "test", "since": "2024-01-01"}
ROOT = Path("results")


@pytest.fixture(scope="module")
def smoke() -> Suite:
    """Our own suite."""
    return load_suite("smoke")


def settings(models: dict[str, str], **fields: Any) -> None:
    """A harness.yaml with models at these addresses, all at one price."""
    entries = {
        name: {"backend": "openai", "served_name": "tiny", "base_url": url, "timeout_s": 30, **fields}
        for name, url in models.items()
    }
    content = {"models": entries, "prices": dict.fromkeys(models, PRICE)}
    Path("harness.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def campaign(**fields: Any) -> Path:
    """A campaign on the smoke suite."""
    path = Path("night.yaml")
    path.write_text(yaml.safe_dump({"suites": ["smoke"], **fields}), encoding="utf-8")
    return path


def drawn(root: Path = ROOT) -> list[Sample]:
    """All samples on disk."""
    return [sample for run in list_runs(root) for sample in run.samples()]


def test_a_budget_for_an_unknown_price_is_refused(cli: Cli) -> None:
    """--max-cost with a model whose price nobody knows is an error that names the model, before anything is sent."""
    with Provider() as provider:
        ask = ["eval", "-m", f"openai/tiny@{provider.url}", "-m", "reference", "-s", "smoke", "--max-cost", "1"]
        result = cli(*ask, "--generate-only")
        assert provider.requests == []
    assert result.code == 1
    assert "price" in result.err
    assert f"openai/tiny@{provider.url}" in result.err
    assert "reference" not in result.err
    assert list_runs(ROOT) == []


@pytest.mark.parametrize("amount", ["five", "-1", "nan", "inf", ""])
def test_a_budget_is_an_amount(cli: Cli, amount: str) -> None:
    """What is no amount of money is wrong usage, not an unlimited budget."""
    result = cli("eval", "-m", "reference", "-s", "smoke", "--max-cost", amount)
    assert result.code == 2
    assert "--max-cost" in result.err


def test_a_dry_run_sends_nothing(cli: Cli) -> None:
    """--dry-run prints requests, tokens and a range of dollars for each model and suite, and leaves no trace."""
    with Provider() as provider:
        settings({"mine": provider.url})
        result = cli("eval", "-m", "mine", "-m", "reference", "-s", "smoke", "-n", "2", "--limit", "3", "--dry-run")
        as_json = cli("eval", "-m", "mine", "-s", "smoke", "--limit", "3", "--dry-run", "--json", "--max-cost", "1")
        assert provider.requests == []
    assert result.code == as_json.code == 0, result.err
    assert not ROOT.exists()
    assert "in all: $" in result.out
    [found] = json.loads(as_json.out)
    assert (found["model"], found["suite"], found["samples"], found["requests"]) == ("mine", "smoke", 3, 3)
    assert found["output"][1] == 3 * 2048
    low, high = map(float, found["cost"])
    assert 0 < low < high == pytest.approx(2 * found["input"][1] / 1e6 + 10 * found["output"][1] / 1e6)


def test_a_dry_run_says_whether_a_budget_will_do(cli: Cli) -> None:
    """Beside --max-cost a dry run tells whether it is enough, perhaps, or not at all."""
    settings({"mine": "http://127.0.0.1:9/v1"})
    ask = ["eval", "-m", "mine", "-s", "smoke", "--dry-run", "--max-cost"]
    assert "is enough, whatever" in cli(*ask, "100").out
    assert "may not be enough" in cli(*ask, "0.1").out
    assert "is not enough" in cli(*ask, "0.001").out


def test_an_eval_that_is_over_budget_exits_with_5(cli: Cli, smoke: Suite) -> None:
    """What was bought is kept, the message has the sums and the next command, and no further model is begun."""
    with Provider() as provider:
        settings({"a": provider.url, "b": provider.url}, concurrency=2)
        ask = ["eval", "-m", "a", "-m", "b", "-s", "smoke", "--generate-only", "--max-tokens", "100"]
        result = cli(*ask, "--max-cost", "0.004")
        assert 0 < len(provider.posts) == len(drawn()) < len(smoke.problems)
    assert result.code == 5
    assert "$0.004 are spent" in result.err
    assert "--max-cost MORE" in result.err
    [run] = list_runs(ROOT)
    assert str(run.info().max_cost) == "0.004"


def test_progress_says_what_a_run_will_cost(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a few problems are answered the progress line projects the cost of the whole run."""
    monkeypatch.setattr("harness.cli.progress.SECONDS_BETWEEN_LINES", 0.0)
    with Provider() as provider:
        settings({"a": provider.url}, concurrency=1)
        result = cli("eval", "-m", "a", "-s", "smoke", "--generate-only", "--limit", "8")
    assert result.code == 0
    assert "$0.000560 spent, $0.000560 to $0.000560 in all" in " ".join(result.err.split())


def test_a_campaign_goes_on_where_it_was_left(cli: Cli, smoke: Suite) -> None:
    """A second call asks only for what is missing: the broken model's samples and those of a model added since."""
    with Provider() as good, Provider(then=status(401)) as bad:
        settings({"a": good.url, "b": bad.url, "c": good.url})
        path = campaign(models=["a", "b"], sampling={"limit": 3})
        first = cli("eval", str(path), "--generate-only")
        assert first.code == 4
        assert "b, smoke, limit=3: " in first.err
        assert len(good.posts) == len(drawn()) == 3
        settings({"a": good.url, "b": bad.url, "c": good.url})
        path = campaign(models=["c", "a"], sampling={"limit": 3})
        second = cli("eval", str(path), "--generate-only")
        assert len(good.posts) == len(drawn()) == 6
    assert second.code == 0, second.err
    assert "2 runs, 1 of them complete already" in second.err


def test_one_failing_provider_does_not_stop_the_others(cli: Cli) -> None:
    """Models without a key, without a server and with a fault of their own leave the others untouched."""
    with Provider() as good, Provider(then=lambda _: Reply(body=b"[]")) as odd:
        settings({"a": good.url, "gone": "http://127.0.0.1:9/v1", "b": good.url, "odd": odd.url}, timeout_s=1)
        path = campaign(models=["gone", "odd", "openai/gpt-4o", "a", "b"], sampling={"limit": 1}, at_once=5)
        odd.gets["/v1/models"] = Reply(status=500)
        result = cli("eval", str(path), "--generate-only")
        assert len(good.posts) == len(drawn()) == 2
    assert result.code == 1
    assert "gone, smoke, limit=1: " in result.err
    assert "OPENAI_API_KEY" in result.err


def test_the_budget_of_a_campaign_is_for_the_whole_of_it(cli: Cli) -> None:
    """A campaign that was stopped by its budget asks for nothing when it is called again, and goes on with a larger."""
    with Provider() as provider:
        settings({"a": provider.url, "b": provider.url}, concurrency=2)
        path = campaign(models=["a", "b"], sampling={"max_tokens": 100}, max_cost=0.005)
        first = cli("eval", str(path), "--generate-only")
        asked = len(provider.posts)
        second = cli("eval", str(path), "--generate-only")
        assert len(provider.posts) <= asked + 1
        third = cli("eval", str(path), "--generate-only", "--max-cost", "1")
        assert len(drawn()) == len(provider.posts) == 72
    assert (first.code, second.code, third.code) == (5, 5, 0)
    assert 0 < asked < 72
    assert f"harness eval {path} --max-cost MORE" in first.err


def test_a_campaign_says_itself_what_is_evaluated(cli: Cli) -> None:
    """Models, suites and sampling stand in the file or on the command line, not in both; without either it is said."""
    path = campaign(models=["reference"])
    assert "-s" not in path.name
    for options in (["-m", "reference"], ["-n", "2"], ["--temperature", "0.5"]):
        result = cli("eval", str(path), *options)
        assert result.code == 2
        assert "cannot be given beside it" in result.err
    assert cli("eval", "-m", "reference").code == 2


def test_a_campaign_can_be_estimated(cli: Cli) -> None:
    """A dry run of a campaign has a line for each of its runs."""
    settings({"a": "http://127.0.0.1:9/v1"})
    path = campaign(models=["a", "reference"], sampling=[{}, {"n": 3}], max_cost=1)
    result = cli("eval", str(path), "--dry-run", "--json")
    assert [(row["model"], row["samples"]) for row in json.loads(result.out)] == [
        ("a", 36), ("a", 108), ("reference", 36), ("reference", 108),
    ]  # fmt: skip


def test_the_estimate_of_a_campaign_leaves_out_what_was_bought(cli: Cli) -> None:
    """Prevents an estimate that counts samples twice, or that forgets what was spent against the budget."""
    with Provider() as provider:
        settings({"a": provider.url})
        path = campaign(models=["a"], sampling={"limit": 3, "max_tokens": 100})
        assert cli("eval", str(path), "--generate-only").code == 0
        path = campaign(models=["a"], sampling=[{"limit": 3, "max_tokens": 100}, {"limit": 2, "max_tokens": 100}])
        bought = len(provider.posts)
        result = cli("eval", str(path), "--dry-run", "--json")
        told = cli("eval", str(path), "--dry-run", "--max-cost", "1")
        assert len(provider.posts) == bought == 3
    assert [(row["samples"], row["requests"], row["output"][1]) for row in json.loads(result.out)] == [
        (0, 0, 0),
        (2, 2, 200),
    ]
    assert "$1, of which $0." in told.out
    assert "is spent already, is enough, whatever the answers." in told.out


def solver(suite: Suite, share: float) -> Any:
    """A model that knows a share of the solutions."""
    known = {problem.task_id for at, problem in enumerate(suite.problems) if (at * 7) % 10 < share * 10}

    def behave(request: Body) -> Reply:
        asked = request["messages"][-1]["content"]
        problem = next(p for p in suite.problems if p.prompt.strip() in asked)
        code = problem.reference if problem.task_id in known else "raise SystemExit"
        return Reply(body=json.dumps(answer_body(request, [f"```python\n{code}\n```"])).encode(), delay_s=0.02)

    return behave


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.usefixtures("sandbox_image")
def test_a_campaign_of_130_models_killed_twice_ends_in_one_leaderboard(
    tmp_path: Path, smoke: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """130 models, SIGKILL at two random moments: the third call completes all, and nothing recorded is bought again."""
    monkeypatch.chdir(tmp_path)
    dice = random.Random(4)
    shares = {f"model-{number:03}": number % 11 / 10 for number in range(129)}
    levels = {share: Provider(then=solver(smoke, share)) for share in set(shares.values())}
    for provider in levels.values():
        provider.__enter__()
    try:
        settings({name: levels[share].url for name, share in shares.items()} | {"broken": "http://127.0.0.1:9/v1"})
        path = campaign(models=[*shares, "broken"], sampling={"limit": 4}, max_cost=5, at_once=8)
        for _ in range(2):
            killed(tmp_path, path, sum_of(levels) + dice.randint(60, 180), levels)
        kept = len(drawn())
        process = spawn(tmp_path, "eval", str(path), "--json")
        out, err = process.communicate(timeout=560)
    finally:
        for provider in levels.values():
            provider.__exit__(None, None, None)
    assert process.returncode == 1, err
    assert "broken, smoke, limit=4: " in err
    reports = {report["model"]: report for report in json.loads(out)}
    assert set(reports) == set(shares)
    for name, share in shares.items():
        right = sum((at * 7) % 10 < share * 10 for at in range(4))
        assert (reports[name]["coverage"], reports[name]["metrics"]["pass@1"]) == (1.0, right / 4)
    samples = [(run.path.name, sample.task_id, sample.index) for run in list_runs(ROOT) for sample in run.samples()]
    assert len(samples) == len(set(samples)) == 129 * 4
    assert 0 < kept < len(samples)
    assert sum_of(levels) <= len(samples) + 2 * 8 * 8
    board = subprocess_board(tmp_path)
    assert {row["model"] for row in board} == set(shares)


def sum_of(levels: dict[float, Provider]) -> int:
    """The requests so far."""
    return sum(len(provider.posts) for provider in levels.values())


def killed(folder: Path, path: Path, at: int, levels: dict[float, Provider]) -> None:
    """One call of the campaign that is killed once there were so many requests."""
    process = spawn(folder, "eval", str(path), "-q")
    deadline = time.monotonic() + 240
    while sum_of(levels) < at and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)


def subprocess_board(folder: Path) -> list[dict[str, Any]]:
    """What `harness leaderboard --json` says."""
    process = spawn(folder, "leaderboard", "--json")
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    rows = json.loads(out)
    return rows["rows"] if isinstance(rows, dict) else rows
