"""Reports by whatever name a user has for them: a run's id, its directory, its report.json, what --json printed."""

import json
from pathlib import Path

from pydantic import ValidationError

from harness.errors import UserError
from harness.pipeline.run import make_report
from harness.records import Report
from harness.store import RunDirectory


def read_reports(path: Path) -> tuple[Report, ...]:
    """The reports in a file (one, or an array of them) or of a run directory.

    Raises:
        UserError: it is not there, or holds no report.
    """
    if (path / "run.json").is_file():
        return (report_of(RunDirectory(path)),)
    try:
        content = json.loads(path.read_bytes())
        found = content if isinstance(content, list) else [content]
        reports = tuple(Report.model_validate(one) for one in found)
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.", "Name a run directory or a report file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{path} is not a report: {where}: {first['msg']}.", "Name a report.json.") from error
    except ValueError as error:
        raise UserError(f"{path} is not JSON: {error}.", "Name a run directory or a report file.") from error
    if not reports:
        raise UserError(f"{path} holds no report.", "Name a run directory or a report file.")
    return reports


def find_run(root: Path, name: str) -> RunDirectory | None:
    """The run of that id or path, or None where `name` is a file.

    Raises:
        UserError: there is no such run.
    """
    return None if Path(name).is_file() else RunDirectory.find(root, name)


def report_of(run: RunDirectory) -> Report:
    """The report of what a run has recorded until now, finished or not."""
    return make_report(run, run.info())
