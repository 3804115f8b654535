"""`harness doctor`: what of this machine is ready, and what to do about the rest."""

import typer


def doctor_command() -> None:
    """Check Python, the Docker engine, the sandbox image, disk space, suites' data and models' keys."""
    from harness.cli.diagnosis import diagnose

    if not diagnose():
        raise typer.Exit(1)
