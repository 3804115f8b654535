"""The command line: a file per command; only this prints, exits, imports typer or rich."""

import signal


def main() -> None:
    """The command `harness`. Ctrl-C ends the process at once as long as there is nothing to tidy up.

    Whoever has something to tidy up says so (session.py, sandboxing.py). It is not left to Python's own way, since what
    Ctrl-C raises in the middle of an import can get lost: it is printed, and the command goes on.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # not where a shell has it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from harness.cli.app import main as run  # Ctrl-C may come before it has loaded

        run()
    finally:
        signal.signal(signal.SIGINT, before)
