"""What eval, score and resume share: the sandbox, the signals, the progress, the table and the exit code."""

import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import typer
from pydantic import JsonValue

from harness import plugins
from harness.backends.base import Backend
from harness.checks import PYTHON
from harness.cli.boards import print_board
from harness.cli.gating import BELOW_THRESHOLD, INCOMPLETE, WORSE_THAN_BASELINE, apply_gates, require_writable
from harness.cli.progress import Display, display
from harness.cli.tables import print_reports
from harness.errors import HarnessError, MachineError, ProviderError, UsageError, UserError
from harness.languages import ALL
from harness.pipeline.board import read_entry
from harness.pipeline.run import Outcome
from harness.pricing.lookup import find_tariff, today
from harness.records import Model, Report
from harness.reports.gates import Gates
from harness.reports.leaderboard import leaderboard
from harness.sandboxes.base import Sandbox
from harness.sandboxes.by_language import ByLanguage, languages_in
from harness.sandboxes.cases import Case
from harness.sandboxes.conformance import cases_of, check_sandbox
from harness.sandboxes.fleet import Fleet, parts
from harness.settings import load_settings
from harness.store import RunDirectory

OVER_BUDGET = 5
WORST_FIRST = (OVER_BUDGET, 1, 2, BELOW_THRESHOLD, WORSE_THAN_BASELINE, INCOMPLETE, 0)
"""Of several runs the worst decides the exit code."""

INTERRUPTED = 130
ISOLATIONS = ("auto", "cell", "container")


@dataclass(frozen=True)
class Options:
    """How a session behaves, whatever it evaluates."""

    results: Path
    parallel: int | None = None
    isolation: str = "auto"
    image: str | None = None
    as_json: bool = False
    quiet: bool = False
    verbose: int = 0
    runtime: str | None = None
    hosts: tuple[str, ...] = ()
    gates: Gates = field(default_factory=Gates)
    junit: Path | None = None


@dataclass
class Session:
    """Several runs with one sandbox; remembers what each came to, and the commands that complete them.

    Where `board` names runs, these are ranked at the end instead.
    """

    options: Options
    show: Display
    stop: anyio.Event = field(default_factory=anyio.Event)
    reports: list[Report] = field(default_factory=list)
    runs: list[RunDirectory] = field(default_factory=list)
    unfinished: dict[str, None] = field(default_factory=dict)
    board: list[RunDirectory] = field(default_factory=list)
    exit_code: int = 0

    def note(self, text: str) -> None:
        """A message to the user, on standard error."""
        if not self.options.quiet:
            typer.echo(text, err=True)

    def problem(self, error: HarnessError) -> None:
        """A run that could not be done; the others go on."""
        typer.echo(f"harness: {error}", err=True)
        self.leave_with(error.exit_code)

    def finished(self, run: RunDirectory, outcome: Outcome, resume: str | None = None) -> None:
        """Take note of what a run came to; `resume` is the command that completes it, where it is not its own."""
        self.reports.append(outcome.report)
        self.runs.append(run)
        if outcome.over is not None:
            typer.echo(f"harness: {run.path.name}: {outcome.over}", err=True)
            self.leave_with(OVER_BUDGET)
        elif not outcome.complete and not outcome.stopped:
            self.leave_with(INCOMPLETE)
        if outcome.resumable:
            default = self.options.results == Path("results")
            name = run.path.name if default else str(run.path)
            more = " --max-cost MORE" if outcome.over is not None else ""
            self.unfinished[f"{resume or f'harness resume {name}'}{more}"] = None
        if outcome.fatal is not None:
            typer.echo(f"harness: {run.path.name}: the provider was given up: {outcome.fatal}", err=True)

    def leave_with(self, code: int) -> None:
        """End with this code, unless something worse has happened."""
        self.exit_code = min(self.exit_code, code, key=WORST_FIRST.index)


def run_session(options: Options, body: Callable[[Session], Awaitable[None]]) -> None:
    """Run `body`, print what it came to, and leave with the documented exit code.

    The first Ctrl-C (or SIGTERM) stops cleanly: requests under way are waited for, since they are paid for. A second
    one drops them. Either way what is on disk stays, and the command that resumes is printed.
    """
    if options.isolation not in ISOLATIONS:
        raise UsageError(f"--isolation {options.isolation}: expected one of {', '.join(ISOLATIONS)}.")
    require_writable(options.junit)
    prices = load_settings().prices
    with display(quiet=options.quiet, tariff_of=lambda model: find_tariff(model, prices, today())) as show:
        session = anyio.run(_run, options, show, body)
    _conclude(session)


async def _run(options: Options, show: Display, body: Callable[[Session], Awaitable[None]]) -> Session:
    session = Session(options, show)
    # caught to the very end: a third Ctrl-C must not end the removal of the containers
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with anyio.create_task_group() as group:
            group.start_soon(_watch_signals, session, signals, group.cancel_scope)
            await body(session)
            group.cancel_scope.cancel()
    return session


async def _watch_signals(session: Session, signals: AsyncIterator[signal.Signals], scope: anyio.CancelScope) -> None:
    async for _ in signals:
        if session.stop.is_set():
            session.note("harness: dropped what was under way; removing the containers.")
            scope.cancel()
            return
        session.stop.set()
        session.note("harness: stopping; waiting for what is under way (Ctrl-C again to drop it).")


def _conclude(session: Session) -> None:
    if session.options.as_json:
        typer.echo(_json(session.reports), nl=False)
    elif session.board:
        print_board(leaderboard(map(read_entry, session.board)))
    elif session.reports:
        print_reports(session.reports)
    for command in session.unfinished:
        session.note(f"There is more to be had. To complete it:  {command}")
    reported = [(run, report) for run in session.board or session.runs if (report := run.report()) is not None]
    session.leave_with(apply_gates(session.options.gates, reported, session.options.junit))
    if session.stop.is_set():
        raise typer.Exit(INTERRUPTED)
    if session.exit_code:
        raise typer.Exit(session.exit_code)


def _json(reports: Sequence[Report]) -> str:
    """One report as itself, several as an array."""
    if len(reports) == 1:
        return reports[0].model_dump_json(indent=2) + "\n"
    return "[" + ",\n".join(report.model_dump_json(indent=2) for report in reports) + "]\n" if reports else ""


def make_sandbox(options: Options, language: str = PYTHON) -> Sandbox:
    """The sandbox that judges programs in `language`, or in several named with commas; never this machine itself."""
    names = languages_in(language)
    if len(names) == 1:
        return _make_sandbox(options, names[0])
    return ByLanguage({name: _make_sandbox(options, name) for name in names})


def _make_sandbox(options: Options, language: str) -> Sandbox:
    """Docker on one host or several."""
    settings = load_settings().sandbox
    make = partial(
        plugins.load("harness.sandboxes", settings.plugin),
        parallel=options.parallel,
        image=options.image,
        language=None if language == PYTHON else language,
        isolation=options.isolation,
        runtime=options.runtime or settings.runtime,
    )
    hosts = options.hosts or settings.hosts
    if len(hosts) < 2:
        return cast(Sandbox, make(host=hosts[0] if hosts else None))
    return Fleet({host: make(host=host) for host in hosts}, partial(typer.echo, err=True))


@asynccontextmanager
async def trusted_sandbox(options: Options, language: str = PYTHON) -> AsyncGenerator[Sandbox, None]:
    """The sandbox, after it gave a few programs the verdicts they must get: some seconds, before money is spent.

    Raises:
        MachineError: no sandbox, or one whose verdicts are wrong on this machine.
    """
    async with make_sandbox(options, language) as sandbox:
        if wrong := await _wrong_verdicts(sandbox, language):
            raise MachineError(
                f"The sandbox gives wrong verdicts on this machine: {'; '.join(wrong)}.",
                f"Nothing was asked of a model, and nothing judged. `{check_command(language)}` tells more.",
            )
        yield sandbox


def scoring_sandbox(options: Options, language: str) -> AbstractAsyncContextManager[Sandbox]:
    """The sandbox for recorded answers: trusted where a toolchain is part of it, Python's as it is.

    Scoring spends nothing and can be done again, so it starts at once where `harness sandbox check` once was enough.
    """
    python = languages_in(language) == (PYTHON,)
    return make_sandbox(options) if python else trusted_sandbox(options, language)


@asynccontextmanager
async def trusted_sandboxes(options: Options, languages: Iterable[str]) -> AsyncGenerator[dict[str, Sandbox], None]:
    """A trusted sandbox for each language, by name: all are there before money is spent.

    Raises:
        MachineError: as `trusted_sandbox` says.
    """
    async with AsyncExitStack() as stack:
        names = sorted(set(languages))
        yield {name: await stack.enter_async_context(trusted_sandbox(options, name)) for name in names}


def check_command(language: str) -> str:
    """The command that tries a sandbox for `language`, or for several named with commas, on all its cases."""
    names = languages_in(language)
    return "harness sandbox check" + (
        "" if names == (PYTHON,) else f" --language {names[0] if len(names) == 1 else ALL}"
    )


async def _wrong_verdicts(sandbox: Sandbox, language: str) -> list[str]:
    """What is wrong in any language on any of its hosts; each is tried with the few programs of its language."""
    wrong: list[str] = []

    async def check(place: str, host: Sandbox, cases: Sequence[Case]) -> None:
        results = await check_sandbox(host, cases)
        wrong.extend(f"{place}: {result}" if place else str(result) for result in results if not result.ok)

    each = sandbox.sandboxes if isinstance(sandbox, ByLanguage) else {language: sandbox}
    async with anyio.create_task_group() as group:
        for name, one in each.items():
            for place, host in parts(one).items():
                group.start_soon(check, place, host, cases_of(name, quick=True))
    return wrong


@asynccontextmanager
async def open_backend(model: Model) -> AsyncGenerator[tuple[Backend, dict[str, JsonValue]], None]:
    """The backend of a model, found ready, and what its endpoint said of itself.

    Raises:
        UserError: the endpoint is not there, does not serve the model, or its key is missing; nothing was spent.
    """
    async with plugins.load("harness.backends", model.backend)(model) as backend:
        try:
            facts = await backend.check()
        except ProviderError as error:
            raise UserError(error.message, error.hint) from error
        yield backend, facts
