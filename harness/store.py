"""RunDirectory: a run on disk, appended record by record, resumable after SIGKILL at any moment.

    <root>/runs/<run_id>/run.json  samples.jsonl  executions.jsonl  charges.jsonl  report.json  harness.log  lock

One writer at a time holds `lock` (an advisory lock that the kernel drops with the process, so a SIGKILL leaves none).
A record is on disk when `append_*` returns. A torn last line is cut off when a writer opens the directory, and failures
are dropped from executions.jsonl then, so a resumed run ends with one line a sample.
"""

import errno
import fcntl
import json
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pydantic import ValidationError

from harness.errors import MachineError, UserError
from harness.pricing.charges import Charge
from harness.records import RUN_FORMAT, Execution, Record, Report, RunInfo, Sample

SampleKey = tuple[str, int]
"""(task_id, index): what names a sample within a run."""

R = TypeVar("R", bound=Record)


class RunDirectory:
    """One run on disk. Reading needs no lock; writing happens inside `with run.writing():`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, root: Path, info: RunInfo) -> "RunDirectory":
        """Make the directory of a new run and write its run.json.

        Raises:
            UserError: a run of that id exists already, or `root` cannot be written.
        """
        run = cls(root / "runs" / info.run_id)
        try:
            run.path.mkdir(parents=True)
        except FileExistsError as error:
            raise UserError(
                f"The run {info.run_id} exists already in {root}.", "Resume it, or choose another id."
            ) from error
        except OSError as error:
            raise UserError(
                f"Cannot create {run.path}: {error.strerror}.", "Choose another folder with --results DIR."
            ) from error
        run._replace("run.json", [_json_line(info)])
        return run

    @classmethod
    def find(cls, root: Path, run_id: str) -> "RunDirectory":
        """The run of that id (or a unique part of it, or a path) below `root`.

        Raises:
            UserError: there is no such run, or several match.
        """
        direct = Path(run_id)
        if (direct / "run.json").is_file():
            return cls(direct)
        known = [run.path.name for run in list_runs(root)]
        matches = [name for name in known if name == run_id] or [name for name in known if run_id in name]
        if len(matches) == 1:
            return cls(root / "runs" / matches[0])
        if matches:
            raise UserError(f"{run_id!r} matches {len(matches)} runs: {', '.join(matches[:5])}.", "Name one in full.")
        raise UserError(f"There is no run {run_id!r} in {root}.", "`harness runs list` shows those there are.")

    def info(self) -> RunInfo:
        """run.json.

        Raises:
            UserError: the file is missing, damaged, or of another version of harness.
        """
        path = self.path / "run.json"
        try:
            raw = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise UserError(f"{self.path} is not a run: it has no run.json.", "Name a run directory.") from error
        except ValueError as error:
            raise UserError(
                f"{path} is damaged: {error}.", "The samples beside it are intact; ask for help with it."
            ) from error
        found = raw.get("format") if isinstance(raw, dict) else None
        if found != RUN_FORMAT:
            raise UserError(
                f"{self.path} has format {found}, this harness reads format {RUN_FORMAT}.",
                f"Use the harness version that wrote it ({raw.get('harness_version', 'unknown')})."
                if isinstance(raw, dict)
                else "",
            )
        try:
            return RunInfo.model_validate(raw)
        except ValidationError as error:
            raise UserError(
                f"{path} does not fit this harness: {_first(error)}.", "It was written by another version."
            ) from error

    def samples(self) -> Iterator[Sample]:
        """The recorded samples in the order they came; a torn last line is passed over."""
        return _read(self.path / "samples.jsonl", Sample)

    def executions(self) -> Iterator[Execution]:
        """The recorded executions in the order they came; of two lines for one sample the last counts."""
        return _read(self.path / "executions.jsonl", Execution)

    def last_executions(self, task_id: str | None = None) -> dict[tuple[str, int], Execution]:
        """The execution that counts of each sample (of one problem), by task_id and index."""
        found = (one for one in self.executions() if task_id in (None, one.task_id))
        return {(one.task_id, one.index): one for one in found}

    def charges(self) -> Iterator[Charge]:
        """What requests were billed, in the order it became known; of two lines for one request the last counts."""
        return _read(self.path / "charges.jsonl", Charge)

    def report(self) -> Report | None:
        """report.json, or None where the run has none yet."""
        try:
            return Report.model_validate_json((self.path / "report.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def writing(self) -> "Writer":
        """A context manager that holds the lock, heals the files and appends to them."""
        return Writer(self)

    def _replace(self, name: str, content: Iterable[bytes]) -> None:
        """Write a whole file so that a reader sees the old or the new one, never half of it."""
        temporary = self.path / f".{name}.part"
        with _disk(self.path):
            with temporary.open("wb") as file:
                file.writelines(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path / name)


class Writer:
    """The one writer of a run. Built by `RunDirectory.writing`."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._files: list[FileIO] = []

    def __enter__(self) -> Self:
        """Take the lock and heal what a kill left behind.

        Raises:
            UserError: another process writes this run (the message names it).
            MachineError: the disk is full or failed.
        """
        try:
            with _disk(self.run.path):
                self._lock(self._open("lock"))
                _cut_torn_tail(self.run.path / "samples.jsonl")
                _cut_torn_tail(self.run.path / "charges.jsonl")
                self._drop_failures()
                self._samples = self._open("samples.jsonl")
                self._executions = self._open("executions.jsonl")
                self._charges = self._open("charges.jsonl")
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def append_samples(self, samples: Iterable[Sample], *, sync: bool = True) -> None:
        """Put paid answers on disk, all of one request in one write; `sync` also survives a power cut.

        Raises:
            MachineError: the disk is full or failed; what was appended before is intact.
        """
        self._append(self._samples, samples, sync=sync)

    def append_executions(self, executions: Iterable[Execution]) -> None:
        """Put executions on disk (same errors); they cost no money, so no sync."""
        self._append(self._executions, executions, sync=False)

    def append_charges(self, charges: Iterable[Charge], *, sync: bool = False) -> None:
        """Put on disk what requests can be, or were, billed (same errors)."""
        self._append(self._charges, charges, sync=sync)

    def write_report(self, report: Report) -> None:
        """Replace report.json."""
        self.run._replace("report.json", [(report.model_dump_json(indent=2) + "\n").encode()])

    def update_info(self, info: RunInfo) -> None:
        """Replace run.json, for facts known only once the run goes on (the server's own counters)."""
        self.run._replace("run.json", [_json_line(info)])

    def _append(self, file: FileIO, records: Iterable[Record], *, sync: bool) -> None:
        content = memoryview(b"".join(map(_json_line, records)))
        end = file.tell()
        with _disk(self.run.path):
            try:
                while content:
                    content = content[file.write(content) :]
                if sync:
                    os.fsync(file.fileno())
            except OSError:
                # a full disk may have taken half a line: the next record must not be glued to it
                with suppress(OSError):
                    os.ftruncate(file.fileno(), end)
                raise

    def _open(self, name: str) -> FileIO:
        file = FileIO(self.run.path / name, "ab+")
        self._files.append(file)
        return file

    def _close(self) -> None:
        for file in reversed(self._files):
            file.close()

    def _lock(self, lock: FileIO) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise UserError(
                f"The run {self.run.path.name} is being written by process {lock.read().decode() or 'unknown'}.",
                "Wait for it, or stop it.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())

    def _drop_failures(self) -> None:
        """Rewrite executions.jsonl with one line a sample and without failures, which a resumed run tries again."""
        path = self.run.path / "executions.jsonl"
        _cut_torn_tail(path)
        last: dict[SampleKey, int | None] = {}
        lines = 0
        for lines, execution in enumerate(self.run.executions(), 1):
            last[execution.task_id, execution.index] = lines if execution.verdict is not None else None
        kept = {number for number in last.values() if number is not None}
        if len(kept) != lines:
            with path.open("rb") as file:
                self.run._replace("executions.jsonl", (line for n, line in enumerate(file, 1) if n in kept))


@contextmanager
def _disk(path: Path) -> Generator[None, None, None]:
    """Turns a failed write into the clear error it deserves."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise MachineError(
            f"The disk is full: {path}." if full else f"Cannot write to {path}: {error.strerror}.",
            f"Make room, then `harness resume {path}`: everything recorded so far is kept.",
        ) from error


def list_runs(root: Path) -> list[RunDirectory]:
    """The runs below `root`, oldest first (ids begin with their date)."""
    return [RunDirectory(path.parent) for path in sorted((root / "runs").glob("*/run.json"))]


def _json_line(record: Record) -> bytes:
    return record.model_dump_json(exclude_defaults=False).encode() + b"\n"


def _read(path: Path, kind: type[R]) -> Iterator[R]:
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return  # torn by a kill; the writer that resumes cuts it off
            try:
                yield kind.model_validate_json(line)
            except ValidationError as error:
                if _is_torn(line) and not file.read(1):
                    return  # torn as well, and ended by whoever looked at it
                raise UserError(
                    f"{path}, line {number}: {_first(error)}.",
                    "The file was changed by hand or by another version; remove or repair this line.",
                ) from error


def _cut_torn_tail(path: Path) -> None:
    """Cut a last line that is no whole record: it was never acknowledged, so nothing that counts is lost."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        for last in deque(file, maxlen=1):
            if _is_torn(last):
                file.truncate(file.tell() - len(last))


def _is_torn(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return True
    return not line.endswith(b"\n")


def _first(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"field {where}: {problem['msg']}" if where else problem["msg"]
