"""What `harness eval` does once its options are read: every model on every suite, one run each."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.cli.campaigning import Order, run_campaign
from harness.cli.data import DataChoice, load_suites
from harness.cli.estimating import dry_run
from harness.cli.running import Means, Target, begin, require_judgeable
from harness.cli.session import OVER_BUDGET, Options, Session, run_session, trusted_sandboxes
from harness.cli.spending import read_limit, require_prices
from harness.errors import HarnessError, UsageError
from harness.models import find_model
from harness.pipeline.plan import Choice
from harness.pricing.budget import Budget
from harness.settings import load_settings


@dataclass(frozen=True)
class Wish:
    """What is asked for: models by spec, suites by name, the options of an eval, and how much of it to do.

    Or a campaign, whose file says the first three.
    """

    models: list[str]
    suites: list[str]
    raw: dict[str, Any]
    data: DataChoice
    judge: bool = True
    max_cost: str | None = None
    estimate_only: bool = False
    campaign: Path | None = None


def evaluate(wish: Wish, options: Options) -> None:
    """Evaluate every model on every suite; one model that cannot be asked does not stop the others.

    Raises:
        HarnessError: as its tree says; with several runs, only what concerns them all.
    """
    _require_one_source(wish)
    if wish.campaign is not None:
        run_campaign(Order(wish.campaign, wish.data, wish.judge, wish.max_cost, wish.estimate_only), options)
        return
    settings, limit = load_settings(), read_limit(wish.max_cost)
    choice = read_choice(wish.raw)
    models = [find_model(spec, settings) for spec in wish.models]
    suites = load_suites(wish.suites, wish.data)
    targets = [Target(model, suite, choice, path) for model in models for suite, path in suites]
    require_judgeable(targets, options.gates, judge=wish.judge)
    if wish.estimate_only:
        dry_run([(target, ()) for target in targets], settings.prices, limit, as_json=options.as_json)
        return
    if limit is not None:
        require_prices(models, settings.prices)

    async def body(session: Session) -> None:
        budget = Budget(limit) if limit is not None else None
        async with AsyncExitStack() as stack:
            trusted = trusted_sandboxes(options, (target.suite.info.language for target in targets))
            sandboxes = await stack.enter_async_context(trusted) if wish.judge else None
            means = Means(session, sandboxes, settings, budget)
            for target in targets:
                if not session.stop.is_set() and session.exit_code != OVER_BUDGET:
                    await _guarded(means, target, alone=len(targets) == 1)

    run_session(options, body)


async def _guarded(means: Means, target: Target, *, alone: bool) -> None:
    try:
        run, outcome = await begin(means, target, means.session.show)
    except HarnessError as error:
        if alone:
            raise
        means.session.problem(error)
    else:
        means.session.finished(run, outcome)


def _require_one_source(wish: Wish) -> None:
    """Models and suites are named on the command line or in a campaign file, not half here and half there."""
    if wish.campaign is None:
        lacking = [name for name, given in (("--model", wish.models), ("--suite", wish.suites)) if not given]
        if lacking:
            raise UsageError(f"Missing {' and '.join(lacking)}.", "Name both, or a campaign file.")
        return
    given = [name for name, value in wish.raw.items() if value != Choice.model_fields[name].get_default()]
    given += ["model"] * bool(wish.models) + ["suite"] * bool(wish.suites)
    if given:
        raise UsageError(
            f"{wish.campaign} says what is evaluated; --{given[0].replace('_', '-')} cannot be given beside it.",
            "Write it into the file (docs/campaigns.md).",
        )


def read_choice(raw: dict[str, Any]) -> Choice:
    """The options of an eval.

    Raises:
        UsageError: one of them is not what it must be.
    """
    try:
        return Choice.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{first['loc'][0]} {first['input']}: {first['msg']}.") from error
