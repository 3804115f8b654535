"""What `harness sandbox` does."""

import signal
from functools import partial

import typer
from pydantic import JsonValue

from harness.checks import PYTHON
from harness.cli.session import Options, Session, make_sandbox, run_session
from harness.errors import MachineError
from harness.languages import ALL, languages
from harness.sandboxes.base_image import Progress, silent
from harness.sandboxes.conformance import CaseResult, cases_of, check_sandbox
from harness.sandboxes.fleet import parts
from harness.sandboxes.image import ImageInfo, build_image, copy_image, find_image, prepare_base
from harness.settings import load_settings


def build(base: str | None, hosts: tuple[str, ...], language: str | None = None, *, quiet: bool) -> None:
    """Build the image (of a language, or each) unless it is there; of several hosts one builds, the others get copies.

    Raises:
        UserError: no such language.
        MachineError: no engine, no base image, or a failed build.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # what is half made must go (cli/__init__.py)
    progress: Progress = silent if quiet else partial(typer.echo, err=True)
    places: tuple[str | None, ...] = hosts or load_settings().sandbox.hosts or (None,)
    if language != ALL:
        _build(base, places, language, progress)
        return
    if not base and not all(_image_at(places[0], name) for name in languages()):
        prepare_base(ALL, progress, host=places[0])
    for name in languages():
        _build(base, places, name, progress)


def _build(base: str | None, places: tuple[str | None, ...], language: str | None, progress: Progress) -> None:
    images = {} if base else {host: image for host in places if (image := _image_at(host, language))}
    source = next(iter(images), places[0])
    if source not in images:
        images[source] = build_image(base, progress, language=language, host=source)
    for host in places:
        if host not in images:
            progress(f"copying {images[source].tag} to {host}")
            images[host] = copy_image(images[source], source, host)
        at = f" at {host}" if len(places) > 1 else ""
        what = f" for {language}" if language else ""
        typer.echo(f"{images[host].tag} ({images[host].id[:19]}) is ready{what}{at}.")


def _image_at(host: str | None, language: str | None) -> ImageInfo | None:
    try:
        return find_image(language=language, host=host)
    except MachineError:
        return None


def check(options: Options, language: str = PYTHON, *, quick: bool) -> None:
    """Run the conformance cases of a language, or of each.

    Raises:
        UserError: no such language.
        MachineError: a verdict is wrong.
    """
    names = tuple(languages()) if language == ALL else (language,)
    cases = {name: cases_of(name, quick=quick) for name in names}

    async def body(session: Session) -> None:
        for name in names:
            async with make_sandbox(options, name) as sandbox:
                session.note(f"running {len(cases[name])} programs that must pass or must not ({name}) ...")
                for host, part in parts(sandbox).items():
                    results = await check_sandbox(part, cases[name])
                    place = {"host": host} if host else {}
                    _tell({**place, "language": name, **part.describe()}, results)

    run_session(options, body)


def _tell(facts: dict[str, JsonValue], results: list[CaseResult]) -> None:
    for name, fact in facts.items():
        typer.echo(f"{name}: {fact}")
    if wrong := [result for result in results if not result.ok]:
        typer.echo("\n".join(map(str, wrong)))
        raise MachineError(
            f"{len(wrong)} of {len(results)} verdicts are wrong on {facts.get('host', 'this machine')}.",
            "Do not trust it; see docs/sandbox.md.",
        )
    typer.echo(f"{len(results)} of {len(results)} verdicts as they must be.")
