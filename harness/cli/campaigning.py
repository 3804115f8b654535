"""`harness eval campaign.yaml`: every cell of a campaign as a run of its own, several at once, resumable as a whole."""

import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import anyio

from harness.cli.data import DataChoice, load_suites
from harness.cli.estimating import dry_run
from harness.cli.running import Means, Target, begin, go_on, require_judgeable
from harness.cli.session import OVER_BUDGET, Options, Session, run_session, trusted_sandboxes
from harness.cli.spending import read_limit, require_prices, spent_by
from harness.cli.tables import money
from harness.errors import HarnessError, MachineError, known_error
from harness.models import find_model
from harness.pipeline.campaign import Campaign, CampaignState, Cell, campaign_state, read_campaign, recorded_state
from harness.pipeline.observer import Silent
from harness.pipeline.run import Outcome
from harness.pricing.budget import Budget
from harness.pricing.dollars import exact
from harness.settings import Prices, Settings, load_settings
from harness.store import RunDirectory, SampleKey

log = logging.getLogger(__name__)

Targets = dict[str, tuple[Cell, Target]]


@dataclass(frozen=True)
class Order:
    """A campaign as it is asked for: its file, and what the command line adds."""

    path: Path
    data: DataChoice
    judge: bool = True
    max_cost: str | None = None
    estimate_only: bool = False


def run_campaign(order: Order, options: Options) -> None:
    """Bring every cell of a campaign to its end; a cell that fails does not stop the others.

    Raises:
        HarnessError: as its tree says; of single cells only what concerns them all.
    """
    campaign, settings = read_campaign(order.path), load_settings()
    prices = settings.prices
    limit = read_limit(order.max_cost) if order.max_cost is not None else campaign.max_cost
    targets = _targets(campaign, order.data, settings)
    models = {target.model.name: target.model for _, target in targets.values()}
    require_judgeable((target for _, target in targets.values()), options.gates, judge=order.judge)
    if order.estimate_only:
        state = recorded_state(campaign.name, options.results)
        wanted = [(target, _drawn(state.run_of(cell))) for cell, target in targets.values()]
        dry_run(wanted, prices, limit, as_json=options.as_json, spent=_spent(state, prices))
        return
    if limit is not None:
        require_prices(models.values(), prices)
    with campaign_state(campaign.name, options.results) as state:

        async def body(session: Session) -> None:
            budget = Budget(limit, _spent(state, prices)) if limit is not None else None
            work = _Work(order, campaign, state, targets, session)
            async with AsyncExitStack() as stack:
                wanted = order.judge and any(not work.is_done(cell) for cell, _ in targets.values())
                languages = (target.suite.info.language for _, target in targets.values())
                trusted = trusted_sandboxes(options, languages)
                sandboxes = await stack.enter_async_context(trusted) if wanted else None
                await work.run(Means(session, sandboxes, settings, budget))
            session.board = work.runs()
            session.reports = [report for run in session.board if (report := run.report()) is not None]

        run_session(options, body)


def _targets(campaign: Campaign, data: DataChoice, settings: Settings) -> Targets:
    """Every cell with its model and its suite; whatever is wrong with one of them is told before anything is spent."""
    files = [f"{name}={path}" for name, path in campaign.data.items()]
    loaded = load_suites(
        list(campaign.suites), DataChoice([*files, *(data.data or [])], data.split, data.allow_changed)
    )
    suites = dict(zip(campaign.suites, loaded, strict=True))
    models = {spec: find_model(spec, settings) for spec in campaign.models}
    return {
        key: (cell, Target(models[cell.model], suites[cell.suite][0], cell.choice, suites[cell.suite][1]))
        for key, cell in campaign.cells.items()
    }


def _drawn(run: RunDirectory | None) -> set[SampleKey]:
    """The samples that a run has already."""
    return {(sample.task_id, sample.index) for sample in run.samples()} if run is not None else set()


def _spent(state: CampaignState, prices: Prices) -> Decimal:
    """What all runs of the campaign have cost so far; those of free models have no charges."""
    return sum((spent_by(run, prices).total for run in state.all_runs()), Decimal(0))


@dataclass
class _Work:
    """The cells of one session, worked off `at_once` at a time."""

    order: Order
    campaign: Campaign
    state: CampaignState
    targets: Targets
    session: Session
    finished: int = 0

    async def run(self, means: Means) -> None:
        """Work through all cells that are not done."""
        left = iter([pair for pair in self.targets.values() if not self.is_done(pair[0])])
        self.finished = sum(self.is_done(cell) for cell, _ in self.targets.values())
        together = f"{self.campaign.at_once} at once"
        self.session.note(
            f"{self.campaign.name}: {len(self.targets)} runs, {self.finished} of them complete already, {together}"
        )
        async with anyio.create_task_group() as group:
            for _ in range(self.campaign.at_once):
                group.start_soon(self._work, means, left)

    def is_done(self, cell: Cell) -> bool:
        """Whether the run of a cell has all its samples, and a verdict for each where they are judged."""
        run = self.state.run_of(cell)
        report = run.report() if run is not None else None
        if run is None or report is None:
            return False
        drawn = report.samples if report.scored == report.samples else sum(1 for _ in run.samples())
        return report.scored == report.samples if self.order.judge else drawn == report.samples

    def runs(self) -> list[RunDirectory]:
        """The runs of all cells that have one, in the order of the file."""
        found = [self.state.run_of(cell) for cell, _ in self.targets.values()]
        return [run for run in found if run is not None]

    async def _work(self, means: Means, left: Iterator[tuple[Cell, Target]]) -> None:
        for cell, target in left:
            if self.session.stop.is_set() or self.session.exit_code == OVER_BUDGET:
                return
            try:
                run, outcome = await self._cell(means, cell, target)
            except Exception as error:  # a night of work does not end by the surprise of one model
                self._tell(cell, error)
            else:
                self._take_note(means, cell, run, outcome)

    async def _cell(self, means: Means, cell: Cell, target: Target) -> tuple[RunDirectory, Outcome]:
        run = self.state.run_of(cell)
        if run is None:
            return await begin(means, target, Silent(), self.state.new_run(cell))
        return run, await go_on(means, run, target.suite, Silent())

    def _tell(self, cell: Cell, error: Exception) -> None:
        known = known_error(error)
        if isinstance(known, MachineError):
            raise known from error
        if known is None:
            log.error("%s", cell.key, exc_info=error)
            known = HarnessError(f"{type(error).__name__}: {error}.", "This is a fault of harness or of a plug-in.")
        self.session.problem(type(known)(f"{cell.key}: {known.message}", known.hint))

    def _take_note(self, means: Means, cell: Cell, run: RunDirectory, outcome: Outcome) -> None:
        report = outcome.report
        self.finished += 1
        said = f"[{self.finished}/{len(self.targets)}] {cell.key}: coverage {report.coverage:.1%}"
        if "pass@1" in report.metrics:
            said += f", pass@1 {report.metrics['pass@1']:.1%}"
        said += f", cost {money(report)}"
        if means.budget is not None:
            said += f" ({exact(means.budget.spent)} of {exact(means.budget.limit)} spent)"
        self.session.note(said)
        self.session.finished(run, outcome, resume=f"harness eval {self.order.path}")
