"""Every form of the leaderboard says the same, and the machine's forms stay readable by machines."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from harness.reports import cells
from harness.reports.exports import column_names, to_csv, to_html, to_json, to_markdown
from harness.reports.leaderboard import leaderboard
from harness.reports.row import Row

from .entries import entry, figure, passing

PAGE = Path(__file__).parent.parent.parent / "docs" / "leaderboard.md"
NASTY = 'a|b, "c" <script>alert(1)</script>'


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Two tables: runs, one of them incomplete and one of unknown price, and published figures."""
    return leaderboard(
        [
            entry("dear", passing(96), 2.5, cost="250.10", k=2, pass_at_k=0.99, output_tokens=12345),
            entry("fair", passing(95), 0.0000012),
            entry(NASTY, passing(30), None),
            entry("torn", passing(9, 10), 0.01, coverage=0.9),
            figure("published", 150, 40.0),
        ]
    )


def test_the_csv_has_the_documented_columns(rows: list[Row]) -> None:
    """The page documents each column of the CSV, in the order of the file, and no other."""
    section = PAGE.read_text(encoding="utf-8").partition("## The CSV")[2].partition("\n## ")[0]
    firsts = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert [name for cell in firsts for name in re.findall(r"`([^`]+)`", cell)] == column_names()
    assert to_csv(rows).splitlines()[0] == ",".join(column_names())


def test_the_csv_loads_in_pandas_with_no_options(rows: list[Row]) -> None:
    """Numbers come back as numbers, unknown as missing, nasty names as they were."""
    frame = pd.read_csv(io.StringIO(to_csv(rows)))
    assert list(frame["model"]) == [row.model for row in rows]
    assert list(frame["rank"].dropna()) == [1, 2, 3, 1]
    for name in ("score", "low", "high", "usd_per_answer", "times_dearer", "frontier_probability", "cost"):
        assert frame[name].dtype == float, name
    assert frame.set_index("model").loc["dear", "cost"] == 250.1
    assert frame["usd_per_answer"].min() == 0.0000012
    assert set(frame.groupby(["fingerprint", "problem_set", "scale"]).size()) == {4, 1}


def test_the_csv_never_writes_an_exponent_or_a_comma_in_a_number(rows: list[Row]) -> None:
    """A price of a ten-thousandth of a cent is 0.0000012, which every spreadsheet reads."""
    lines = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert {line["usd_per_answer"] for line in lines} == {"2.5", "0.0000012", "", "0.01"}


def test_an_empty_board_is_a_header() -> None:
    """No rows give a CSV with its header and an empty JSON array."""
    assert to_csv([]) == ",".join(column_names()) + "\n"
    assert json.loads(to_json([])) == []


def test_json_says_what_the_csv_says(rows: list[Row]) -> None:
    """Same columns, same order, null for empty, ties as a list, money as the decimal that it is."""
    table = json.loads(to_json(rows))
    assert [list(row) for row in table] == [column_names()] * len(rows)
    assert table[0]["cost"] == "250.10"
    assert table[0]["tied_with"] == [2]
    assert table[2]["usd_per_answer"] is None


def test_markdown_is_one_table_a_group(rows: list[Row]) -> None:
    """Two groups give two tables in which every line has as many cells as its header, whatever the names hold."""
    text = to_markdown(rows)
    assert text.count("### ") == 2
    for block in text.split("### ")[1:]:
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


class Tags(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and whatever it would load."""
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]


def test_the_page_needs_no_network_and_runs_no_name_as_code(rows: list[Row]) -> None:
    """The page loads nothing, has a row for each row, and a model called <script> stays a text."""
    page = to_html(rows, {0: "<svg></svg>"})
    found = Tags()
    found.feed(page)
    assert found.links == []
    assert (found.tags.count("script"), found.tags.count("svg"), found.tags.count("table")) == (1, 1, 2)
    assert found.tags.count("tr") == len(rows) + 2
    assert "alert(1)" in page


def test_the_notes_name_what_a_reader_must_know(rows: list[Row]) -> None:
    """Below a table stand the cheapest within noise, the incomplete row with its remedy, and the unknown price."""
    text = " ".join(cells.notes(rows[:4]))
    assert "Cheapest within noise of the best: fair" in text
    assert "`harness resume run-torn` completes it" in text
    assert "The price of 1 of 4 rows is not known." in text
    assert "No interval was published" in " ".join(cells.notes(rows[4:]))


@pytest.mark.parametrize("width", [40, 80, 100, 132, 200])
def test_columns_go_before_a_line_breaks(rows: list[Row], width: int) -> None:
    """The narrower the terminal the fewer the columns; rank, model and score stay at any width."""
    found = cells.columns(rows[:2], drawn=True)
    kept = cells.fitting(found, rows[:2], width)
    assert sum(column.width(rows[:2]) + cells.GAP for column in kept) <= width
    assert [column.header for column in kept[:3]] == ["#", "model", "pass@1"]
    assert len(cells.fitting(found, rows[:2], width + 40)) >= len(kept)


def test_ranks_are_told_as_ranges() -> None:
    """Ties with 2, 3, 4 and 7 read #2-4 #7."""
    assert cells.ranks((7, 2, 3, 4)) == "#2-4 #7"
    assert cells.ranks(()) == "-"


def test_the_bar_lies_where_the_interval_does(rows: list[Row]) -> None:
    """On one scale for all rows the worst row's bar begins at the left end and the best row's ends at the right."""
    bars = {row.model: cells.interval_bar(row, rows[:3]) for row in rows[:3]}
    assert {len(bar) for bar in bars.values()} == {cells.BAR_WIDTH}
    assert bars[NASTY].startswith("├")
    assert bars["dear"].endswith("┤")
