"""`harness leaderboard`: quality, its uncertainty and its price, many runs as one table."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from harness.cli.options import ResultsOption


def leaderboard_command(
    runs: Annotated[
        Optional[list[str]], typer.Argument(help="Run ids, unique parts of them, or paths (default: all runs).")
    ] = None,
    suite: Annotated[
        Optional[list[str]], typer.Option("--suite", "-s", envvar="HARNESS_SUITE", help="Only this suite. Repeatable.")
    ] = None,
    published: Annotated[
        Optional[list[str]],
        typer.Option(
            envvar="HARNESS_PUBLISHED",
            help="A published table by name, or a CSV of that form. Repeatable.",
        ),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", envvar="HARNESS_CSV", help="Print CSV: every column.")] = False,
    as_json: Annotated[bool, typer.Option("--json", envvar="HARNESS_JSON", help="Print the same as JSON.")] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", envvar="HARNESS_MARKDOWN", help="Print Markdown tables.")
    ] = False,
    as_html: Annotated[
        bool, typer.Option("--html", envvar="HARNESS_HTML", help="Print one HTML page, pictures included.")
    ] = False,
    plot: Annotated[
        Optional[Path], typer.Option(envvar="HARNESS_PLOT", help="Draw cost against quality into this .svg or .png.")
    ] = None,
    results: ResultsOption = Path("results"),
) -> None:
    """Rank runs and published tables: quality with its interval, cost, and who is on the frontier of both."""
    from harness.cli.boards import Choice, show_leaderboard

    forms = {"csv": as_csv, "json": as_json, "markdown": as_markdown, "html": as_html}
    chosen = Choice(results, tuple(runs or ()), tuple(suite or ()), tuple(published or ()))
    show_leaderboard(chosen, [name for name, on in forms.items() if on], plot)
