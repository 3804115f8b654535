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

    def entries(self) -> tuple[list[Entry], list[UserError]]:
        """The entries of the chosen runs and tables, and what is wrong with those runs that nobody named.

        A run that stands beside a published figure has no entry of its own.

        Raises:
            UserError: a run or table that was named is unknown or damaged.
        """
        found: list[Entry] = []
        damaged: list[UserError] = []
        named = bool(self.runs or self.published)
        for run in self._runs():
            try:
                if self._is_wanted(run.info().suite.name):
                    found.append(read_entry(run))
            except UserError as error:
                if named:
                    raise
                damaged.append(error)
        figures = self._figures([entry.row for entry in found])
        beside = {entry.row.run_id for entry in figures}
        return figures + [entry for entry in found if entry.row.run_id not in beside], damaged

    def _is_wanted(self, suite: str) -> bool:
        return not self.suites or suite in self.suites

    def _runs(self) -> list[RunDirectory]:
        """Each run once, however often and by whatever part of its name it was named."""
        if not self.runs and not self.published:
            return list_runs(self.results)
        named = [RunDirectory.find(self.results, run) for run in self.runs]
        return list({run.path.resolve(): run for run in named}.values())

    def _figures(self, runs: Sequence[Row]) -> list[Entry]:
        """The lines of the tables, with those of `runs` that reproduce them."""
        prices = load_settings().prices
        names = dict.fromkeys(self.published)
        found = [published_entries(name, lambda model, day: find_tariff(model, prices, day), runs) for name in names]
        return [entry for table in found for entry in table if self._is_wanted(entry.row.suite)]


def show_leaderboard(choice: Choice, forms: Sequence[str], plot: Path | None) -> None:
    """Print the leaderboard in one form, and draw it where `plot` names a file.

    Raises:
        UsageError: two forms at once, or a picture that is neither .svg nor .png.
        UserError: an unknown run or table, no row at all, or runs that cannot be read; the others are printed before.
    """
    if len(forms) > 1:
        raise UsageError(f"--{forms[0]} and --{forms[1]} exclude each other.", "Ask for one at a time.")
    if plot is not None and plot.suffix not in (".svg", ".png"):
        raise UsageError(f"--plot {plot}: expected a name that ends in .svg or .png.")
    entries, damaged = choice.entries()
    rows = leaderboard(entries)
    if not rows and not damaged:
        of = f" of {' or '.join(choice.suites)}" if choice.suites else ""
        where = f"no figure{of} in {', '.join(choice.published)}" if choice.published else f"no run{of}"
        raise UserError(
            f"There is nothing to rank: {where}" + ("." if choice.published else f" in {choice.results}."),
            "`harness eval` makes one; --published NAME shows a published table.",
        )
    if plot is not None:
        save_plot(rows, plot)
    show(rows, forms[0] if forms else "terminal")
    if damaged:
        raise UserError(
            f"{len(damaged)} run{'s are' if len(damaged) > 1 else ' is'} not in the table: "
            + " ".join(error.message for error in damaged),
            "Name the runs that you want, or move the others away.",
        )


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
