"""The log of a run: what happens in its own tasks goes into its own file, also where several runs are under way."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from harness.store import RunDirectory

# logging is the interpreter's own global; a context variable follows a run's tasks and threads, no argument could
_RUN: ContextVar[str] = ContextVar("run", default="")


@contextmanager
def log_to(run: RunDirectory, verbose: int) -> Generator[None, None, None]:
    """Send the log of what this task and its children do to the run's own file, with -v to standard error as well."""
    handlers: list[logging.Handler] = [logging.FileHandler(run.path / "harness.log", encoding="utf-8")]
    handlers += [logging.StreamHandler()] if verbose else []
    name = str(run.path)
    logger = logging.getLogger("harness")
    logger.setLevel(logging.DEBUG if verbose > 1 else logging.INFO)
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handler.addFilter(lambda _record: _RUN.get() == name)
        logger.addHandler(handler)
    token = _RUN.set(name)
    try:
        yield
    finally:
        _RUN.reset(token)
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()
