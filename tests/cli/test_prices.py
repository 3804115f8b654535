"""`harness prices` and `harness reprice` as a user runs them, runs over real HTTP to a stub."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.backends.provider import Provider, Reply, answer

from .conftest import Cli, Result

HOSTING = "hosting: {tiny: {gpu: L4, gpus: 2, hourly: 0.8, source: a list}}\n"


def measured_run(cli: Cli, more: str = HOSTING) -> Result:
    """Draw three answers of a model on a stub of vLLM."""
    with Provider(then=answer("x", delay_s=0.01), serves=("org/tiny",), vllm=True) as provider:
        entry = f"{{backend: vllm, served_name: org/tiny, base_url: '{provider.url}'}}"
        Path("harness.yaml").write_text(f"models: {{tiny: {entry}}}\n{more}")
        return cli("eval", "-m", "tiny", "-s", "smoke", "--limit", "3", "--generate-only", "--json")


def line(result: Result, word: str) -> str:
    """The line of the output that holds `word`."""
    (found,) = [text for text in result.out.splitlines() if word in text]
    return found


def test_prices_of_a_day(cli: Cli) -> None:
    """Input, output, their sum, source and date are shown as of the asked day."""
    result = cli("prices", "show", "gpt-4-turbo", "claude-3-opus", "--as-of", "2024-05-01")
    assert result.code == 0
    for word in ("$10.00", "$30.00", "$40.00", "2024-05-01", "2024-04-09", "openai:gpt-4-turbo"):
        assert word in line(result, "gpt-4-turbo")
    assert "$90.00" in line(result, "claude-3-opus")
    assert "US dollars per million tokens" in result.out


def test_a_day_to_come_is_told_as_one(cli: Cli) -> None:
    """Nobody knows next century's prices: what is shown for such a day is called what is known today."""
    assert "a day to come" in cli("prices", "show", "gpt-4o", "--as-of", "2126-01-01").out


def test_prices_as_json_are_exact(cli: Cli) -> None:
    """With --json a price is a decimal string, and one that is not known is null."""
    found = json.loads(cli("prices", "show", "gpt-4-turbo", "llama3-70b", "--as-of", "2024-05-01", "--json").out)
    assert (found["gpt-4-turbo"]["input"], found["llama3-70b"]) == ("10", None)


def test_an_unknown_price_says_so(cli: Cli) -> None:
    """A model without a price is called unknown, and told where to give one."""
    result = cli("prices", "show", "llama3-70b")
    assert result.code == 0
    assert "unknown" in line(result, "| llama3-70b")
    assert "docs/prices.md" in result.out


def test_a_price_without_history_warns_of_past_days(cli: Cli) -> None:
    """A list price of today is marked where it is asked for a day before it was looked up."""
    assert "undated" in cli("prices", "show", "gpt-3.5-turbo", "--as-of", "2023-06-01").out
    assert "may have been another price" not in cli("prices", "show", "gpt-3.5-turbo").out


def test_a_price_of_ones_own_is_shown_with_its_source(cli: Cli) -> None:
    """An entry of harness.yaml replaces the list price, digits and source as written."""
    Path("harness.yaml").write_text("prices: {gpt-4o: {input: 0.125, output: 1, source: my deal, since: 2024-01-01}}")
    shown = line(cli("prices", "show", "gpt-4o"), "gpt-4o")
    assert "$0.125 " in shown
    assert "my deal" in shown


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("prices: {a: {input: 1, output: 1, source: x}}", "since"),
        ("prices: {a: {input: -1, output: 1, source: x, since: 2024-01-01}}", "input"),
        ("prices: {a: {input: 1, output: 1, since: 2024-01-01}}", "source"),
        ("hosting: {a: {gpu: L4, gpus: 1, source: x}}", "hosting.a"),
    ],
)
def test_a_wrong_entry_is_named(cli: Cli, content: str, word: str) -> None:
    """A price without source or date, a negative one, and machines without a price are refused by name."""
    Path("harness.yaml").write_text(content)
    result = cli("prices", "show", "gpt-4o")
    assert result.code == 1
    assert "harness.yaml" in result.err
    assert word in result.err


def test_a_day_that_is_none_is_wrong_usage(cli: Cli) -> None:
    """--as-of takes a day, and says how to write one."""
    result = cli("prices", "show", "gpt-4o", "--as-of", "May 2024")
    assert result.code == 2
    assert "2024-05-01" in result.err


def test_a_run_is_priced_as_of_another_day(cli: Cli) -> None:
    """Repricing shows both costs, gives the report at the new one with --json, and leaves the run as it was."""
    prices = "prices: {tiny: [{input: 1, output: 1, source: old, since: 2024-01-01}, "
    prices += "{input: 2, output: 4, source: new, since: 2025-01-01}]}\n"
    before = json.loads(measured_run(cli, prices).out)
    assert Decimal(before["cost"]["total"]) == Decimal("0.000120")
    run = next(Path("results/runs").iterdir())
    recorded = (run / "report.json").read_bytes(), (run / "run.json").read_bytes()
    table = cli("reprice", run.name, "--as-of", "2024-05-01").out
    assert "$0.00012 " in line(cli("reprice", run.name, "--as-of", "2024-05-01"), "| recorded")
    assert "$0.000045 " in line(cli("reprice", run.name, "--as-of", "2024-05-01"), "| as of 2024-05-01")
    assert table.startswith("tiny on smoke")
    after = json.loads(cli("reprice", run.name, "--as-of", "2024-05-01", "--json").out)
    assert Decimal(after["cost"]["total"]) == Decimal("0.000045")
    assert after["cost"]["priced_as_of"] == "2024-05-01"
    assert {**after, "cost": None} == {**before, "cost": None}
    assert ((run / "report.json").read_bytes(), (run / "run.json").read_bytes()) == recorded


def test_a_run_priced_before_any_price_is_unknown(cli: Cli) -> None:
    """As of a day for which nobody has a price the cost is unknown."""
    measured_run(cli, "prices: {tiny: {input: 1, output: 1, source: old, since: 2024-01-01}}\n")
    run = next(Path("results/runs").iterdir()).name
    assert json.loads(cli("reprice", run, "--as-of", "2023-01-01", "--json").out)["cost"] is None
    result = cli("reprice", run, "--as-of", "2023-01-01")
    assert "unknown" in line(result, "| as of 2023-01-01")
    assert "The price of tiny on 2023-01-01 is not known" in result.out


def test_a_measured_price_has_no_other_day(cli: Cli) -> None:
    """A self-hosted run keeps its measured price when it is priced anew, and the answer says that it does."""
    measured_run(cli)
    result = cli("reprice", next(Path("results/runs").iterdir()).name, "--as-of", "2024-05-01")
    assert "its measured price is kept" in result.out
    assert "unknown" not in result.out


def test_break_even_is_answered_from_a_measured_run(cli: Cli) -> None:
    """The last run of the model gives the speed, its counters are compared, and every assumption is printed."""
    report = json.loads(measured_run(cli).out)
    assert report["cost"] is not None
    result = cli("prices", "breakeven", "tiny", "--against", "gpt-4-turbo", "--as-of", "2024-05-01")
    assert result.code == 0, result.err
    assert "gpt-4-turbo: $16.6667 per million tokens of the same mix" in result.out  # (10 x 10 + 5 x 30) / 15
    assert "30 in and 15 out, usage 30 and 15: they agree" in line(result, "server's counters")
    for word in ("2 L4 at $1.60/h", report["run_id"], "paid for around the clock", "tokenizers differ", "break-even"):
        assert word.lower() in result.out.lower()


def test_a_measured_price_is_doubted_where_the_counters_differ(cli: Cli) -> None:
    """A server that counted other tokens than usage says is told at the end of the run that its price rests on."""
    counters = b"vllm:prompt_tokens_total 7\nvllm:generation_tokens_total 7\n"
    with Provider(serves=("org/tiny",), vllm=True) as provider:
        provider.gets["/metrics"] = Reply(body=counters)
        entry = f"{{backend: vllm, served_name: org/tiny, base_url: '{provider.url}'}}"
        Path("harness.yaml").write_text(f"models: {{tiny: {entry}}}\n{HOSTING}")
        ask = ("eval", "-m", "tiny", "-s", "smoke", "--limit", "3", "--generate-only")
        assert "0 in and 0 out, usage 30 and 15: THEY DIFFER" in cli(*ask).err
        Path("harness.yaml").write_text(f"models: {{tiny: {entry}}}\n")
        assert "THEY DIFFER" not in cli(*ask).err
    assert "THEY DIFFER" not in measured_run(cli).err


@pytest.mark.parametrize(("rate", "answer_"), [("9000:1500", "times cheaper"), ("9:1.5", "times dearer")])
def test_break_even_takes_an_assumed_rate(cli: Cli, rate: str, answer_: str) -> None:
    """Without a GPU the question is answered for an assumed throughput, which is called assumed."""
    Path("harness.yaml").write_text("hosting: {llama3.1-405b: {gpu: H100, gpus: 8, hourly: 2.5, source: a list}}")
    result = cli("prices", "breakeven", "llama3.1-405b", "--against", "gpt-4o", "--rate", rate)
    assert answer_ in result.out
    assert "not measured" in result.out
    assert ("No break-even" in result.out) == (answer_ == "times dearer")


def test_break_even_as_json(cli: Cli) -> None:
    """With --json the numbers come as decimal strings: 14,610 dollars a month against 3.57 a million."""
    Path("harness.yaml").write_text("hosting: {llama3.1-405b: {gpu: H100, gpus: 8, hourly: 2.5, source: a list}}")
    arguments = ("--against", "gpt-4o", "--rate", "9000:1500", "--as-of", "2026-01-01", "--json")
    found = json.loads(cli("prices", "breakeven", "llama3.1-405b", *arguments).out)
    assert round(Decimal(found["volume"]) * Decimal(found["api"]) / 1_000_000, 2) == 14610
    assert Decimal(found["times_dearer"]) == Decimal(found["own"]) / Decimal(found["api"])
    assert found["reachable"]
    assert any("8 H100 at $20.00/h" in assumption for assumption in found["assumptions"])


def test_machines_that_cost_nothing_always_pay(cli: Cli) -> None:
    """A cluster that somebody else pays for (hourly: 0) gets an answer, not an error of division."""
    Path("harness.yaml").write_text("hosting: {llama3.1-405b: {gpu: H100, gpus: 8, hourly: 0, source: a grant}}")
    result = cli("prices", "breakeven", "llama3.1-405b", "--against", "gpt-4o", "--rate", "9000:1500")
    assert result.code == 0, result.err
    assert "costs nothing" in result.out
    assert "times" not in result.out.split("Assumptions")[0]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["llama3-70b", "--against", "gpt-4o"], 1, "hosting"),
        (["llama3.1-405b", "--against", "gpt-4o"], 1, "--rate"),
        (["llama3.1-405b", "--against", "llama3-70b", "--rate", "1:1"], 1, "llama3-70b"),
        (["llama3.1-405b", "--against", "gpt-4o", "--rate", "fast"], 2, "9000:1500"),
        (["llama3.1-405b", "--against", "gpt-4o", "--rate", "-1:5"], 2, "9000:1500"),
        (["llama3.1-405b", "--against", "gpt-4o", "--rate", "nan:5"], 2, "9000:1500"),
        (["llama3.1-405b", "--against", "gpt-4o", "--rate", "0:0"], 2, "no tokens"),
        (["llama3.1-405b", "--against", "gpt-4o", "--rate", "1:1", "--run", "x"], 2, "exclude"),
    ],
)
def test_break_even_says_what_it_lacks(cli: Cli, arguments: list[str], code: int, word: str) -> None:
    """Without machines, a measurement, a price or a usable rate the error names what is missing."""
    Path("harness.yaml").write_text("hosting: {llama3.1-405b: {gpu: H100, gpus: 8, hourly: 2.5, source: a list}}")
    result = cli("prices", "breakeven", *arguments)
    assert result.code == code
    assert word in result.err
    assert "Traceback" not in result.err
