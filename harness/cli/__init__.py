"""The command line: a file per command; only this prints, exits, imports typer or rich."""

from harness.cli.app import main

__all__ = ["main"]
