"""`harness prices` and `harness reprice`: what models cost, on any day, and on machines of one's own."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from harness.cli.options import JsonOption, ResultsOption

app = typer.Typer(help="What models cost, today and on other days.", no_args_is_help=True, rich_markup_mode=None)
ModelArgument = Annotated[str, typer.Argument(help="Name, alias, or BACKEND/SERVED_NAME[@URL].")]
AsOfOption = Annotated[
    Optional[str], typer.Option("--as-of", envvar="HARNESS_AS_OF", help="A day, as 2024-05-01 (default: today, UTC).")
]


@app.command("show")
def show_command(
    model: Annotated[list[str], typer.Argument(help="Names, aliases, or BACKEND/SERVED_NAME[@URL].")],
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what models cost: input, output, cached, their sum, source and date."""
    from harness.cli.pricing import show_prices

    show_prices(model, as_of, as_json=as_json)


@app.command("breakeven")
def breakeven_command(
    model: ModelArgument,
    against: Annotated[str, typer.Option("--against", envvar="HARNESS_AGAINST", help="The API's model.")],
    run: Annotated[
        Optional[str], typer.Option("--run", envvar="HARNESS_RUN", help="The run that measured it (default: the last).")
    ] = None,
    rate: Annotated[
        Optional[str],
        typer.Option(
            "--rate",
            envvar="HARNESS_RATE",
            help="Assume IN:OUT tokens per second instead of a measured run, 9000:1500.",
        ),
    ] = None,
    as_of: AsOfOption = None,
    results: ResultsOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Is serving a model yourself dearer than an API, and from which volume on is it not?"""
    from harness.cli.breakeven import show_break_even

    show_break_even(results, model, against, as_of, run=run, rate=rate, as_json=as_json)


def reprice_command(
    run: Annotated[str, typer.Argument(help="Run id, a unique part of it, or a path.")],
    as_of: AsOfOption = None,
    results: ResultsOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Price a run's tokens anew, as of another day; the run itself is left as it is."""
    from harness.cli.pricing import reprice

    reprice(results, run, as_of, as_json=as_json)
