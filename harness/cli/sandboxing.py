"""What `harness sandbox` does."""

import typer

from harness.cli.session import Options, Session, make_sandbox, run_session
from harness.errors import MachineError
from harness.sandboxes.conformance import CASES, QUICK, check_sandbox
from harness.sandboxes.image import build_image, find_image


def build(base: str | None, *, quiet: bool) -> None:
    """Build the image unless it is there.

    Raises:
        MachineError: no engine, no base image, or a failed build.
    """
    try:
        image = None if base else find_image()
    except MachineError:
        image = None
    if image is None:
        image = build_image(base, (lambda _: None) if quiet else (lambda line: typer.echo(line, err=True)))
    typer.echo(f"{image.tag} ({image.id[:19]}) is ready.")


def check(options: Options, *, quick: bool) -> None:
    """Run the conformance cases.

    Raises:
        MachineError: a verdict is wrong.
    """

    async def body(session: Session) -> None:
        async with make_sandbox(options) as sandbox:
            facts = sandbox.describe()
            session.note("running programs that must pass and programs that must not ...")
            results = await check_sandbox(sandbox, QUICK if quick else CASES)
        wrong = [result for result in results if not result.ok]
        for name, fact in facts.items():
            typer.echo(f"{name}: {fact}")
        if wrong:
            typer.echo("\n".join(map(str, wrong)))
            raise MachineError(
                f"{len(wrong)} of {len(results)} verdicts are wrong on this machine.",
                "Do not trust it; see docs/sandbox.md.",
            )
        typer.echo(f"{len(results)} of {len(results)} verdicts as they must be.")

    run_session(options, body)
