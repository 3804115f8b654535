"""What `harness leaderboard` prints, and the terminal's form of a leaderboard for any command that ends in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.cli.tables import PIPE_WIDTH
from harness.errors import MachineError, UsageError, UserError
from harness.pipeline.board import read_entry
from harness.pricing.lookup import find_tariff
from harness.reports import cells, exports
from harness.reports.leaderboard import leaderboard
from harness.reports.published import published_entries
from harness.reports.row import Entry, Row, groups
from harness.settings import load_settings
from harness.store import RunDirectory, list_runs

NOTE_WIDTH = 110


@dataclass(frozen=True)
class Choice:
    """Which rows: runs below `results` (all where none and no table is named) and published tables, of these suites."""

    results: Path
    runs: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    published: tuple[str, ...] = ()

    def entries(self) -> list[Entry]:
        """The entries of the chosen runs and tables; UserError where one is unknown."""
        return [*self._figures(), *map(read_entry, self._runs())]

    def _runs(self) -> list[RunDirectory]:
        found = [RunDirectory.find(self.results, run) for run in self.runs]
        if not self.runs and not self.published:
            found = list_runs(self.results)
        return [run for run in found if not self.suites or run.info().suite.name in self.suites]

    def _figures(self) -> list[Entry]:
        prices = load_settings().prices
        found = [published_entries(name, lambda model, day: find_tariff(model, prices, day)) for name in self.published]
        return [entry for table in found for entry in table if not self.suites or entry.row.suite in self.suites]


def show_leaderboard(choice: Choice, forms: Sequence[str], plot: Path | None) -> None:
    """Print the leaderboard in one form, and draw it where `plot` names a file.

    Raises:
        UsageError: two forms at once, or a picture that is neither .svg nor .png.
        UserError: an unknown run or table, or no row at all.
    """
    if len(forms) > 1:
        raise UsageError(f"--{forms[0]} and --{forms[1]} exclude each other.", "Ask for one at a time.")
    if plot is not None and plot.suffix not in (".svg", ".png"):
        raise UsageError(f"--plot {plot}: expected a name that ends in .svg or .png.")
    rows = leaderboard(choice.entries())
    if not rows:
        of = f" of {' or '.join(choice.suites)}" if choice.suites else ""
        raise UserError(
            f"There is nothing to rank: no run{of} in {choice.results}.",
            "`harness eval` makes one; --published NAME shows a published table.",
        )
    if plot is not None:
        save_plot(rows, plot)
    show(rows, forms[0] if forms else "terminal")


def show(rows: Sequence[Row], form: str) -> None:
    """Print ranked rows as `terminal`, `csv`, `json`, `markdown` or `html`."""
    match form:
        case "csv":
            typer.echo(exports.to_csv(rows), nl=False)
        case "json":
            typer.echo(exports.to_json(rows), nl=False)
        case "markdown":
            typer.echo(exports.to_markdown(rows), nl=False)
        case "html":
            typer.echo(page(rows))
        case _:
            print_board(rows)


def page(rows: Sequence[Row]) -> str:
    """The HTML page with a picture above each table that can be drawn."""
    from harness.reports.plot import can_draw, draw

    pictures = {at: draw(group, "svg").decode() for at, group in enumerate(groups(rows)) if can_draw(group)}
    return exports.to_html(rows, pictures)


def save_plot(rows: Sequence[Row], path: Path) -> None:
    """Draw the rows into a file; its ending says how.

    Raises:
        UserError: nothing can be drawn.
        MachineError: the file cannot be written.
    """
    from harness.reports.plot import draw

    picture = draw(rows, "png" if path.suffix == ".png" else "svg")
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise MachineError(f"Cannot write {path}: {error.strerror}.", "Choose another file for --plot.") from error


def print_board(rows: Sequence[Row]) -> None:
    """The terminal's form: a table for each group, as many columns as fit, and what must be known to read it."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPE_WIDTH)
    for group in groups(rows):
        console.print(f"\n[bold]{escape(cells.title(group))}[/bold]")
        console.print(_table(group, console))
        for note in cells.notes(group):
            folded = fill(note, min(console.width, NOTE_WIDTH), initial_indent="  ", subsequent_indent="  ")
            console.print(folded, style="dim", markup=False, soft_wrap=True)


def _table(rows: Sequence[Row], console: Console) -> Table:
    fancy = console.is_terminal
    fitting = cells.fitting(cells.columns(rows, drawn=fancy), rows, console.width)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)) if fancy else Table(box=box.ASCII2)
    for column in fitting:
        table.add_column(escape(column.header), justify="right" if column.right else "left", no_wrap=True)
    for row in rows:
        style = "bold cyan" if row.on_frontier else "" if row.rank else "dim"
        table.add_row(*(escape(column.text(row)) for column in fitting), style=style)
    return table
