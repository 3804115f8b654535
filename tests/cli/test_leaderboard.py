"""`harness leaderboard` from the outside: which rows, which form, which errors."""

import io
import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.recorded_runs import record_run

from .conftest import Cli
from .test_bad_input import explained


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three runs of two suites, one of them incomplete."""
    results = tmp_path / "results"
    record_run(results, "good", [[True], [True], [True]])
    record_run(results, "torn", [[True], [True], [None]])
    record_run(results, "other", [[False], [True]], suite="u")
    return results


def test_all_runs_are_ranked_by_default(cli: Cli, runs: Path) -> None:
    """Without arguments every run is in a table of its suite; the incomplete one says so and has no rank."""
    result = cli("leaderboard")
    assert result.code == 0, result.err
    assert "s v1, 3 problems" in result.out
    assert "u v1, 2 problems" in result.out
    assert "Without a rank, since incomplete" in result.out


def test_runs_and_suites_can_be_chosen(cli: Cli, runs: Path) -> None:
    """A run by a part of its id, and all runs of a suite."""
    assert [row["model"] for row in json.loads(cli("leaderboard", "good", "--json").out)] == ["good"]
    assert [row["model"] for row in json.loads(cli("leaderboard", "--suite", "u", "--json").out)] == ["other"]


def test_a_published_table_has_the_runs_that_reproduce_it(cli: Cli, runs: Path) -> None:
    """A run of the suite that a table is of stands in the row of its model, and nowhere else; another model's below."""
    figures = runs.parent / "u.csv"
    header = "model,suite,suite_version,scale,score,price,as_of,source,recorded_as"
    figures.write_text(f"{header}\nThe Other,bench,1,pass@1,0.75,,2026-01-01,a paper,other\n", encoding="utf-8")
    table = json.loads(cli("leaderboard", "other", "good", "--published", str(figures), "--json").out)
    found = [(row["model"], row["suite"], row["score"], row["reproduced"]) for row in table]
    assert found == [("The Other", "bench", 0.75, 0.5), ("good", "s", 1.0, None)]


def test_a_run_that_is_named_twice_is_one_row(cli: Cli, runs: Path) -> None:
    """By two parts of its id a run is still one: prevents a row that is tied with itself and halves its own chance."""
    [row] = json.loads(cli("leaderboard", "good", "good-s", "--json").out)
    assert (row["model"], row["tied_with"], row["frontier_probability"]) == ("good", [], 1.0)


def test_a_damaged_run_does_not_hide_the_others(cli: Cli, runs: Path) -> None:
    """The table is printed without it, it is told with its file, and the exit code says that something is missing."""
    damaged = next((runs / "runs").glob("*torn*")) / "run.json"
    damaged.write_text("{", encoding="utf-8")
    result = cli("leaderboard", "--json")
    assert [row["model"] for row in json.loads(result.out)] == ["good", "other"]
    explained(result, 1, "1 run is not in the table", str(damaged.relative_to(runs.parent)))
    named = cli("leaderboard", "good", "torn", "--json")
    assert (named.code, named.out) == (1, "")


def test_csv_goes_into_pandas(cli: Cli, runs: Path) -> None:
    """The CSV on standard output is a frame with one row a run, and nothing else is printed."""
    frame = pd.read_csv(io.StringIO(cli("leaderboard", "--csv").out))
    assert list(frame["model"]) == ["good", "torn", "other"]
    assert list(frame["score"]) == [1.0, 1.0, 0.5]
    assert frame["rank"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(("form", "begin"), [("--markdown", "### s v1"), ("--html", "<!doctype html>")])
def test_pages_for_people(cli: Cli, runs: Path, form: str, begin: str) -> None:
    """Markdown and HTML go to standard output; the page has a picture for each table."""
    out = cli("leaderboard", form).out
    assert out.startswith(begin)
    assert out.count("<svg") == (2 if form == "--html" else 0)


@pytest.mark.parametrize(("name", "magic"), [("board.svg", b"<svg"), ("board.png", b"\x89PNG")])
def test_a_picture_goes_into_its_file(cli: Cli, runs: Path, name: str, magic: bytes) -> None:
    """--plot writes what the name's ending says, and the table is printed all the same."""
    result = cli("leaderboard", "--plot", name)
    assert "s v1" in result.out
    assert Path(name).read_bytes().startswith(magic)


def test_the_documents_table(cli: Cli) -> None:
    """The published table shows $40, $90 and the 25-fold and some 55-fold price, without any run on disk."""
    result = cli("leaderboard", "--published", "devqualityeval-v0.4.0")
    assert result.code == 0, result.err
    for words in ("GPT-4 Turbo", "$40.00", "$90.00", "25.0x", "Llama 3 70B"):
        assert words in result.out


def test_an_own_price_beats_the_list(cli: Cli) -> None:
    """A price in harness.yaml holds for a published figure of that reference, on its day."""
    Path("harness.yaml").write_text(
        "prices:\n  openai:gpt-4-turbo: {input: 1, output: 2, source: ours, since: 2024-01-01}\n", encoding="utf-8"
    )
    table = json.loads(cli("leaderboard", "--published", "devqualityeval-v0.4.0", "--json").out)
    assert (table[0]["usd_per_mtok"], table[0]["price_source"]) == ("3", "ours")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 1, ("nothing to rank", "harness eval")),
        (("--suite", "nosuch"), 1, ("nothing to rank", "nosuch")),
        (("nosuchrun",), 1, ("nosuchrun",)),
        (("--published", "nosuch"), 1, ("nosuch", "devqualityeval")),
        (("--csv", "--json"), 2, ("--csv", "--json")),
        (("--plot", "board.gif"), 2, ("board.gif", ".png")),
        (("--published", "devqualityeval-v0.4.0", "--plot", "no/such/board.svg"), 1, ("no/such/board.svg",)),
    ],
)
def test_wrong_requests_are_explained(cli: Cli, arguments: tuple[str, ...], code: int, words: tuple[str, ...]) -> None:
    """Nothing to rank, unknown names, two forms at once or a strange picture: one paragraph, the documented code."""
    result = cli("leaderboard", *arguments)
    assert result.code == code
    assert "Traceback" not in result.err
    for word in words:
        assert word in result.err


@pytest.mark.parametrize("columns", [80, 160])
def test_a_line_is_never_broken_in_a_terminal(runs: Path, columns: int) -> None:
    """In a terminal of 80 or 160 columns no line of the output is longer, and no row is folded."""
    out = on_terminal(runs.parent, columns, "leaderboard", "--suite", "s")
    lines = out.splitlines()
    assert max(map(len, lines)) <= columns
    [row] = [line for line in lines if " good " in line]
    assert "100.0%" in row
    assert ("├" in out) == (columns == 160)


def on_terminal(folder: Path, columns: int, *arguments: str) -> str:
    """What `harness ARGS` writes to a terminal of that width, less its colours."""
    leader, follower = pty.openpty()
    environment = {
        **os.environ,
        "COLUMNS": str(columns),
        "TERM": "xterm",
        "XDG_CONFIG_HOME": str(folder),
    }
    command = [sys.executable, "-m", "harness", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdout=follower, stdin=follower, env=environment)
    os.close(follower)
    seen = b""
    while process.poll() is None or select.select([leader], [], [], 0)[0]:
        if select.select([leader], [], [], 0.1)[0]:
            try:
                seen += os.read(leader, 65536)
            except OSError:  # Linux ends a terminal without writers with EIO
                break
    process.wait()
    os.close(leader)
    return re.sub(r"\x1b\[[\d;]*m", "", seen.decode())
