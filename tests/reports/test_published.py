"""Published tables: their figures as published, their prices as of their day."""

from datetime import date
from pathlib import Path

import pytest

from harness.assets import asset
from harness.errors import UserError
from harness.pricing.lookup import find_tariff
from harness.pricing.tariff import Tariff
from harness.records import Model
from harness.reports.exports import to_markdown
from harness.reports.leaderboard import leaderboard
from harness.reports.published import Figure, published_entries, published_names
from harness.reports.row import Row
from tests.reports.entries import entry

HEADER = ",".join(Figure.model_fields)


def listed(model: Model, day: date) -> Tariff | None:
    """The price that is known without settings."""
    return find_tariff(model, {}, day)


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    """The documents' table, ranked."""
    return {row.model: row for row in leaderboard(published_entries("devqualityeval-v0.4.0", listed))}


@pytest.mark.parametrize("name", published_names())
def test_every_shipped_table_is_whole(name: str) -> None:
    """Each line has a source, a day and a price of that day."""
    entries = published_entries(name, listed)
    assert entries
    assert all(entry.row.source and entry.row.date and entry.row.usd_per_mtok is not None for entry in entries)
    assert all(entry.row.price_date == f"{entry.row.date:%Y-%m-%d}" for entry in entries)


def test_the_documents_figures(rows: dict[str, Row]) -> None:
    """GPT-4 Turbo scored 150 at $40 per million tokens, Claude 3 Opus 142 at $90, Llama 3 70B 146."""
    assert (rows["GPT-4 Turbo"].score, rows["GPT-4 Turbo"].usd_per_mtok) == (150, 40)
    assert (rows["Claude 3 Opus"].score, rows["Claude 3 Opus"].usd_per_mtok) == (142, 90)
    scores = [rows[name].score for name in ("Llama 3 70B Instruct", "WizardLM-2 8x22B", "Mixtral 8x22B Instruct")]
    assert scores == [146, 140, 96]


def test_the_documents_ratios(rows: dict[str, Row]) -> None:
    """From prices of the day GPT-4 Turbo is 25 and Claude 3 Opus some 55 times dearer than Llama 3 70B."""
    assert rows["GPT-4 Turbo"].times_dearer == pytest.approx(25, abs=0.5)
    assert rows["Claude 3 Opus"].times_dearer == pytest.approx(55.5, abs=1)
    assert rows["Llama 3 70B Instruct"].times_dearer == 1.0
    for cheap in ("WizardLM-2 8x22B", "Claude 3 Haiku"):
        price = rows[cheap].usd_per_mtok
        assert price is not None
        assert 40 / price >= 25


def test_claude_3_opus_is_beaten_in_both(rows: dict[str, Row]) -> None:
    """Llama 3 70B scored more for less, so Claude 3 Opus is off the frontier and Llama 3 70B on it."""
    assert not rows["Claude 3 Opus"].on_frontier
    assert rows["Llama 3 70B Instruct"].on_frontier


def test_runs_stand_beside_the_figures_that_they_reproduce() -> None:
    """The newest whole run of a figure's model, told by name or price, is in its row; ranks stay."""
    suite = {"suite": "devqualityeval-v0.4.0", "scale": "points", "low": 50.0, "high": 150.0}
    recorded = {"model": "openrouter/anthropic/claude-3-opus", **suite}
    runs = [
        entry("old", [True], **recorded, score=10.0, date=date(2026, 1, 1)).row,
        entry("new", [True], **recorded, score=140.0, date=date(2026, 1, 2)).row,
        entry("torn", [True], **recorded, score=90.0, date=date(2026, 1, 3), coverage=0.5).row,
        entry("priced", [True], **suite, score=145.0, price_reference="openai:gpt-4-turbo").row,
        entry("Mixtral 8x22B Instruct", [True], **suite | {"suite": "humaneval"}, score=1.0).row,
    ]
    table = leaderboard(published_entries("devqualityeval-v0.4.0", listed, runs))
    found = {row.model: (row.rank, row.score, row.reproduced, row.run_id) for row in table}
    assert found["Claude 3 Opus"] == (3, 142, 140, "run-new")
    assert found["GPT-4 Turbo"] == (1, 150, 145, "run-priced")
    assert found["Mixtral 8x22B Instruct"] == (5, 96, None, "")
    told = to_markdown(table)
    assert "| published points | ours | interval of ours |" in told
    assert "| 142 | 140 | 50 - 150 | $15.00 | $75.00 | $90.00 |" in told


def test_a_table_of_ones_own_is_read_from_its_path(tmp_path: Path) -> None:
    """A CSV of the same form shows its figures, priced where it says how; a missing price stays missing."""
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}\nours,bench,1,pass@1,0.5,0.4,0.6,,2026-01-01,a paper\n", encoding="utf-8")
    [entry] = published_entries(str(path), listed)
    assert (entry.row.score, entry.row.low, entry.row.pass_at_1, entry.row.usd_per_mtok) == (0.5, 0.4, 0.5, None)
    assert entry.row.fingerprint == "published:mine"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("m,bench,1,points,many,,,,2026-01-01,s", ("line 2", "score")),
        ("m,bench,1,marks,1,,,,2026-01-01,s", ("line 2", "scale")),
        ("m,bench,1,points,1,,,,2026-01-01,", ("line 2", "source")),
        ("m,bench,1,points,1,,,,2026-01-01,s,,more", ("line 2",)),
        ("m,bench,1,pass@1,87.5,,,,2026-01-01,s", ("line 2", "0 to 1")),
        ("m,bench,1,points,nan,,,,2026-01-01,s", ("line 2", "score")),
        ("m,bench,1,points,1,,inf,,2026-01-01,s", ("line 2", "high")),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, words: tuple[str, ...]) -> None:
    """A wrong field is told with its file and line."""
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEADER}\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        published_entries(str(path), listed)
    for word in ("bad.csv", *words):
        assert word in caught.value.message


def test_a_table_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """The byte order mark that spreadsheets put before UTF-8 is no part of the first column's name."""
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}\nours,bench,1,points,5,,,,2026-01-01,a paper\n", encoding="utf-8-sig")
    assert [entry.row.model for entry in published_entries(str(path), listed)] == ["ours"]


def test_a_file_that_is_no_table_is_explained(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are an error in words, not one of the decoder's."""
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\xe4\xff")
    with pytest.raises(UserError, match=r"picture\.csv is not a CSV"):
        published_entries(str(path), listed)


def test_an_unknown_table_is_answered_with_those_there_are() -> None:
    """A misspelt name is answered with the known names."""
    with pytest.raises(UserError, match=r"devqualityeval-v0\.4\.0"):
        published_entries("devqualityevil", listed)


def test_published_tables_ship_with_the_package() -> None:
    """The tables lie where the package finds them."""
    assert asset("results", "published", "devqualityeval-v0.4.0.csv").is_file()
