"""What `harness resume` does once its options are read."""

from decimal import Decimal

from harness.cli.data import suite_of
from harness.cli.running import Means, go_on
from harness.cli.session import Options, Session, run_session, trusted_sandboxes
from harness.cli.spending import read_limit, require_prices, spent_by
from harness.pricing.budget import Budget
from harness.records import RunInfo
from harness.settings import load_settings
from harness.store import RunDirectory


def resume(name: str, data: list[str] | None, max_cost: str | None, options: Options) -> None:
    """Bring a run to its end with the suite, the model and the sampling that it began with.

    Its budget is `max_cost`, or the one that it was left under, and counts what it has spent since its beginning.

    Raises:
        UserError: no such run, its suite is not to be had in the same content, or a budget for an unknown price.
        MachineError: no sandbox.
    """
    run = RunDirectory.find(options.results, name)
    info = run.info()
    suite = suite_of(info, data)
    settings, limit = load_settings(), _limit(info, max_cost)
    spent = Decimal(0)
    if limit is not None:
        require_prices([info.model], settings.prices)
        spent = spent_by(run, settings.prices).total

    async def body(session: Session) -> None:
        budget = Budget(limit, spent) if limit is not None else None
        async with trusted_sandboxes(options, [suite.info.language]) as sandboxes:
            outcome = await go_on(Means(session, sandboxes, settings, budget), run, suite, session.show)
        session.finished(run, outcome)

    run_session(options, body)


def _limit(info: RunInfo, max_cost: str | None) -> Decimal | None:
    if info.kind != "eval":
        return None
    return read_limit(max_cost) if max_cost is not None else info.max_cost
