"""Data sets from the Hugging Face hub, through `datasets`, at a pinned revision.

A full commit hash never changes its content, so a copy of that very revision in the cache of `datasets` is used
without asking the network. Without one the hub is asked; `datasets` would fall back to *any* cached revision, and that
is refused.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import MachineError
from harness.suites.definition import HubSource

if TYPE_CHECKING:
    from datasets import Dataset  # type: ignore[import-untyped]


def read_hub(source: HubSource, suite: str) -> Iterator[tuple[str, object]]:
    """Every row of all splits of the data set and where it stands, such as `openai/openai_humaneval test, row 3`.

    Raises:
        MachineError: the hub cannot be reached (or does not have it) and the cache does not hold this revision.
    """
    parts = _cached(source) or _fetched(source, suite)
    for part in parts:
        place = f"{source.repo} {part.split or 'data'}"
        yield from ((f"{place}, row {number}", row) for number, row in enumerate(part, start=1))


def _cached(source: HubSource) -> "list[Dataset]":
    from datasets import Dataset, config  # noqa: PLC0415  (seconds)

    folders = list(Path(config.HF_DATASETS_CACHE).glob(f"*/{source.config or '*'}/*/{source.revision}"))
    files = sorted(folders[0].glob("*.arrow")) if len(folders) == 1 else []
    try:
        return [Dataset.from_file(str(file)) for file in files]
    except (OSError, ValueError):  # a damaged cache is as good as none: the hub is asked
        return []


def _fetched(source: HubSource, suite: str) -> "list[Dataset]":
    from datasets import disable_progress_bars, load_dataset  # noqa: PLC0415  (seconds)

    disable_progress_bars()
    try:
        _knock()
        parts = list(load_dataset(source.repo, source.config, revision=source.revision).values())
    except Exception as error:  # the client raises some twenty types for "not reachable"; its words are kept
        raise _unreachable(source, suite, f"{type(error).__name__}: {error}") from error
    if any(source.revision not in Path(file["filename"]).parts for part in parts for file in part.cache_files):
        raise _unreachable(source, suite, "the hub does not answer and the cache holds another revision only")
    return parts


def _knock() -> None:
    """Fail at once where nothing listens: the client itself would try for half a minute."""
    from huggingface_hub import constants, get_session  # noqa: PLC0415  (seconds)

    try:
        get_session().head(constants.ENDPOINT, timeout=10)
    except Exception as error:  # of whichever HTTP library the client uses; only "no connection" is decisive
        if isinstance(error, OSError) or type(error).__name__.startswith("Connect"):
            raise


def _unreachable(source: HubSource, suite: str, why: str) -> MachineError:
    return MachineError(
        f"The data set of {suite}, {source}, could not be loaded: {' '.join(why.split())[:500]}.",
        f"Either connect this machine to the hub once (the cache serves later runs), or give a local copy with "
        f"--data PATH, or put one of {', '.join(source.files)} into a folder and name it as data_dir in harness.yaml.",
    )
