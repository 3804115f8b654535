"""`harness models`: the catalogue."""

from typing import Annotated

import typer

from harness.cli.options import JsonOption

app = typer.Typer(help="List, show and check models.", no_args_is_help=True, rich_markup_mode=None)
NameArgument = Annotated[str, typer.Argument(help="Name, alias, or BACKEND/SERVED_NAME[@URL].")]


@app.command("list")
def list_command(as_json: JsonOption = False) -> None:
    """List every model that --model takes by name."""
    from harness.cli.cataloguing import list_models

    list_models(as_json=as_json)


@app.command("show")
def show_command(name: NameArgument) -> None:
    """Show a model's entry."""
    from harness.cli.cataloguing import show_model

    show_model(name)


@app.command("check")
def check_command(name: NameArgument) -> None:
    """Ask a model's endpoint whether it is there and serves the model; costs nothing."""
    from harness.cli.cataloguing import check_model

    check_model(name)
