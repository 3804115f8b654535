"""What a run says while it works: two bars on a terminal, a line now and then elsewhere, nothing when quiet."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from harness.pipeline.observer import Silent
from harness.pricing.projection import Projection
from harness.pricing.tariff import Tariff
from harness.records import Execution, Model, RunInfo, Sample, Verdict

SECONDS_BETWEEN_LINES = 10.0

TariffOf = Callable[[Model], Tariff | None]


@dataclass
class Tally:
    """Counts what happens in one run, for whoever displays it; `judged_before` were judged in an earlier session."""

    total: int = 0
    generated: int = 0
    executed: int = 0
    judged_before: int = 0
    passed: int = 0
    failures: int = 0
    tokens: int = 0
    money: Projection | None = None

    @classmethod
    def of(cls, info: RunInfo, generated: int, executed: int, tariff: Tariff | None) -> Self:
        """The tally of a run that begins or goes on."""
        money = Projection(info.expected, tariff) if tariff is not None else None
        return cls(info.expected, generated, executed, judged_before=executed, money=money)

    def sample(self, sample: Sample) -> None:
        """A sample was drawn."""
        self.generated += 1
        if sample.usage is not None:
            self.tokens += sample.usage.input + sample.usage.output
        if self.money is not None:
            self.money.add(sample)

    def execution(self, execution: Execution) -> None:
        """A sample was judged or failed."""
        self.executed += 1
        self.passed += execution.verdict is Verdict.PASSED
        self.failures += execution.failure is not None

    def cost(self) -> str:
        """Dollars spent in this session and what the whole run will come to; nothing where no price is known."""
        return str(self.money) if self.money is not None else ""

    def facts(self) -> str:
        """Running pass rate of this session, tokens spent, failures."""
        scored = self.executed - self.judged_before - self.failures
        words = [f"{self.passed}/{scored} passed" if scored else "nothing judged yet"]
        if self.tokens:
            words.append(f"{self.tokens:,} tokens")
        if self.failures:
            words.append(f"{self.failures} failures")
        return ", ".join(words)


class Lines:
    """Progress where standard error is no terminal: a line when a run starts and every few seconds."""

    def __init__(self, tariff_of: TariffOf) -> None:
        self.tally = Tally()
        self._tariff_of = tariff_of
        self._next = 0.0

    def started(self, info: RunInfo, generated: int, executed: int) -> None:
        """Say what begins."""
        self.tally = Tally.of(info, generated, executed, self._tariff_of(info.model))
        done = f", {executed} judged already" if executed else ""
        typer.echo(
            f"{info.model.name} on {info.suite.name}: {info.expected} samples{done} (run {info.run_id})", err=True
        )
        self._next = time.monotonic() + SECONDS_BETWEEN_LINES

    def generated(self, sample: Sample) -> None:
        """Count it, and say so now and then."""
        self.tally.sample(sample)
        self._say()

    def executed(self, execution: Execution) -> None:
        """Count it, and say so now and then."""
        self.tally.execution(execution)
        self._say()

    def _say(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS_BETWEEN_LINES
            words = ", ".join(filter(None, (self.tally.facts(), self.tally.cost())))
            typer.echo(f"  {self.tally.executed}/{self.tally.total}: {words}", err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        return


class Bars:
    """Progress on a terminal: samples drawn and samples judged, with rate, pass rate, tokens and the time left."""

    def __init__(self, tariff_of: TariffOf) -> None:
        self.tally = Tally()
        self._tariff_of = tariff_of
        self._progress = Progress(
            TextColumn("{task.description:>10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[facts]}"),
            console=Console(stderr=True),
        )
        self._draws = self._progress.add_task("generated", visible=False, total=None, rate="", facts="")
        self._judged = self._progress.add_task("judged", visible=False, total=None, rate="", facts="")

    def started(self, info: RunInfo, generated: int, executed: int) -> None:
        """Show the bars of this run."""
        self.tally = Tally.of(info, generated, executed, self._tariff_of(info.model))
        self._progress.console.print(f"{info.model.name} on {info.suite.name} (run {info.run_id})")
        self._progress.reset(self._draws, total=info.expected, completed=generated, visible=info.kind == "eval")
        self._progress.reset(self._judged, total=info.expected, completed=executed, visible=True)

    def generated(self, sample: Sample) -> None:
        """Move the first bar."""
        self.tally.sample(sample)
        self._move(self._draws, self.tally.generated, self.tally.cost())

    def executed(self, execution: Execution) -> None:
        """Move the second bar."""
        self.tally.execution(execution)
        self._move(self._judged, self.tally.executed, self.tally.facts())

    def _move(self, bar: TaskID, done: int, facts: str = "") -> None:
        speed = self._progress.tasks[bar].speed
        self._progress.update(bar, completed=done, rate=f"{speed:.1f}/s" if speed else "", facts=facts)

    def __enter__(self) -> Self:
        self._progress.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.__exit__(kind, error, trace)


class Quiet(Silent):
    """No progress at all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        return


Display = Lines | Bars | Quiet


def display(*, quiet: bool, tariff_of: TariffOf) -> Display:
    """The progress display that fits where standard error goes; `tariff_of` prices what a run spends."""
    if quiet:
        return Quiet()
    return Bars(tariff_of) if sys.stderr.isatty() else Lines(tariff_of)
