"""What `harness models` and `harness suites` print."""

import json

import anyio
import typer
import yaml
from pydantic import JsonValue

from harness.cli.data import DataChoice, load_suites
from harness.cli.session import Options, Session, make_sandbox, open_backend, run_session
from harness.cli.tables import print_table
from harness.errors import MachineError
from harness.models import all_models, find_model
from harness.pipeline.check import check_suite
from harness.records import Model
from harness.settings import load_settings
from harness.suites import load_definition, suite_names

MOST_SHOWN = 20


def list_models(*, as_json: bool) -> None:
    """A line a model."""
    models = all_models(load_settings())
    if as_json:
        typer.echo("[" + ",\n".join(model.model_dump_json() for model in models) + "]")
        return
    rows = [[m.name, m.backend, m.served_name, m.base_url or "-", m.api_key_env or "-", m.origin] for m in models]
    print_table(["model", "backend", "served as", "endpoint", "key in", "from"], rows, numbers_from=9)


def show_model(name: str) -> None:
    """An entry as YAML, ready to be copied into harness.yaml."""
    model = find_model(name, load_settings())
    typer.echo(yaml.safe_dump(model.model_dump(mode="json"), sort_keys=False, allow_unicode=True), nl=False)


def check_model(name: str) -> None:
    """Print what the endpoint says of itself."""
    model = find_model(name, load_settings())
    facts = anyio.run(_check, model)
    typer.echo(f"{model.name}: ready. {json.dumps(facts)}")


async def _check(model: Model) -> dict[str, JsonValue]:
    async with open_backend(model) as (_, facts):
        return facts


def list_suites() -> None:
    """A line a suite."""
    definitions = [load_definition(name) for name in suite_names()]
    rows = [[d.name, d.version, d.language, ", ".join(d.splits), d.licence, d.description] for d in definitions]
    print_table(["suite", "version", "language", "splits", "licence", "what"], rows, numbers_from=9)


def show_suite(name: str) -> None:
    """A suite's whole definition as YAML."""
    definition = load_definition(name)
    typer.echo(
        yaml.safe_dump(definition.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True),
        nl=False,
    )


def check_suite_here(name: str, data: DataChoice, options: Options) -> None:
    """Run every reference and every known-bad program of a suite in the sandbox.

    Raises:
        MachineError: a reference did not pass or a known-bad program did, or got another verdict than it must.
    """
    [(suite, _)] = load_suites([name], data)

    async def body(session: Session) -> None:
        async with make_sandbox(options, suite.info.language) as sandbox:
            session.note(f"checking {name} on this machine: {len(suite.problems)} problems ...")
            result = await check_suite(suite, sandbox)
        modes = ", ".join(f"{n} {mode}" for mode, n in sorted(result.modes.items()))
        typer.echo(
            f"{name} (split {suite.info.split}): {result.references_passed}/{result.references} references passed, "
            f"{result.bad_refused}/{result.bad} known-bad programs refused with the verdict they must get ({modes})."
        )
        if result.surprises:
            lines = "\n".join(result.surprises[:MOST_SHOWN])
            raise MachineError(
                f"{len(result.surprises)} surprises:\n{lines}\n", "Do not trust verdicts of this machine."
            )

    run_session(options, body)
