"""Who watches a run: the command line's progress display, or nobody."""

from typing import Protocol

from harness.records import Execution, RunInfo, Sample


class Observer(Protocol):
    """Told of every step of a run as it happens; must return at once."""

    def started(self, info: RunInfo, generated: int, executed: int) -> None:
        """A run begins or goes on, with so many samples recorded and so many verdicts."""

    def generated(self, sample: Sample) -> None:
        """A sample was drawn and is on disk."""

    def executed(self, execution: Execution) -> None:
        """A sample got its verdict or its failure, and that is on disk."""


class Silent:
    """Watches without a word."""

    def started(self, info: RunInfo, generated: int, executed: int) -> None:
        """Say nothing."""

    def generated(self, sample: Sample) -> None:
        """Say nothing."""

    def executed(self, execution: Execution) -> None:
        """Say nothing."""
