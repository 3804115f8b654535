"""What `harness audit` prints."""

import typer
from pydantic_core import to_json

from harness.cli.data import suite_of
from harness.cli.session import Options, Session, make_sandbox, run_session
from harness.cli.tables import print_side_by_side, print_table, printable
from harness.errors import UserError
from harness.pipeline.audit import EXTRACTORS, OURS, Audit, Audited, audit_run
from harness.records import Verdict
from harness.store import RunDirectory

MOST_NAMED = 10


def audit(name: str, data: list[str] | None, options: Options, show: int) -> None:
    """Judge a run's answers under every extractor; the run itself stays as it is.

    Raises:
        UserError: no such run, no raw answers in it, or its suite is not to be had in the same content.
        MachineError: no sandbox.
    """
    run = RunDirectory.find(options.results, name)
    suite = suite_of(run.info(), data)
    if not any(sample.raw for sample in run.samples()):
        raise UserError(
            f"{run.info().run_id} has no raw answers: its samples are programs already.",
            "Audit a run of `harness eval`, or a file of chat replies.",
        )

    async def body(session: Session) -> None:
        async with make_sandbox(options, suite.info.language) as sandbox:
            session.note(f"auditing {run.info().run_id} ...")
            result = await audit_run(run, suite, sandbox)
        if options.as_json:
            typer.echo(_json(result))
        else:
            _print(result, show)

    run_session(options, body)


def _print(result: Audit, show: int) -> None:
    tallies = {extractor: result.tally(extractor) for extractor in EXTRACTORS}
    rows = [
        [extractor, str(one.passed), str(len(one.gained)), str(len(one.lost))] for extractor, one in tallies.items()
    ]
    print_table(["extractor", "passed", "gained", "lost"], rows)
    skipped = f" {result.skipped} samples are programs already." if result.skipped else ""
    typer.echo(f"{len(result.answers)} answers; gained and lost are against ours.{skipped}")
    for extractor, one in tallies.items():
        for word, names in (("gains", one.gained), ("loses", one.lost)):
            if names:
                more = ", ..." if len(names) > MOST_NAMED else ""
                typer.echo(f"  {extractor} {word} {', '.join(names[:MOST_NAMED])}{more}")
    for audited in [audited for audited in result.answers if audited.differs][:show]:
        _print_difference(audited)


def _print_difference(one: Audited) -> None:
    """The answer, then ours beside each other program that came to another end."""
    sample = one.answer.sample
    typer.echo(
        f"\n=== {sample.task_id} sample {sample.index} ===\n--- answer\n{printable(sample.completion or '').rstrip()}\n"
    )
    ours = one.verdicts[OURS]
    others: dict[str, list[str]] = {}
    for extractor, program in one.programs.items():
        if (one.verdicts[extractor] is Verdict.PASSED) != (ours is Verdict.PASSED):
            others.setdefault(program.source or "", []).append(extractor)
    for source, extractors in others.items():
        title = f"{', '.join(extractors)}: {one.verdicts[extractors[0]] or 'no verdict'}"
        own = one.programs[OURS].source or ""
        print_side_by_side((f"{OURS}: {ours or 'no verdict'}", own), (title, source))


def _json(result: Audit) -> str:
    """Tallies by extractor, and the verdicts of every answer on which they differ."""
    content = {
        "answers": len(result.answers),
        "skipped": result.skipped,
        "extractors": {extractor: result.tally(extractor) for extractor in EXTRACTORS},
        "differing": [
            {"task_id": one.answer.sample.task_id, "index": one.answer.sample.index, "verdicts": one.verdicts}
            for one in result.answers
            if one.differs
        ],
    }
    return to_json(content, indent=2).decode()
