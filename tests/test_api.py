"""harness in Python: light to import, runs like the commands', frames with nothing invented, a notebook that runs."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import anyio
import pytest

import harness
from harness import open_run
from harness.api import in_own_loop
from harness.errors import UserError
from harness.records import Sample
from harness.suites import load_suite
from tests.formats.conftest import smoke_run
from tests.recorded import record_run

NOTEBOOK = Path(__file__).parent.parent / "examples" / "notebook.ipynb"


def test_import_is_light_and_names_are_found() -> None:
    """`import harness` loads none of its libraries; each public name is there, an unknown one is not."""
    program = "import sys, harness; assert not {'pandas', 'docker', 'openai', 'typer'} & set(sys.modules), sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
    assert all(getattr(harness, name) is not None for name in harness.__all__)
    with pytest.raises(AttributeError, match="nonesuch"):
        harness.nonesuch  # noqa: B018


def test_a_run_on_disk_is_two_frames(tmp_path: Path) -> None:
    """The summary is a row with every metric, the samples a row each; unknown cost and tokens are missing, not zero."""
    run = smoke_run(tmp_path, load_suite("smoke"))
    result = open_run(run.path)
    assert result.summary["pass@1"].item() == 0.5
    assert result.summary["input_tokens"].item() == 800
    assert result.samples["passed"].tolist() == [True, False] * 4
    assert "<table" in result._repr_html_()
    with run.writing() as writer:
        writer.append_samples([Sample(task_id=run.info().task_ids[0], index=2, completion="")])
    unknown = open_run(run.path.name, results=tmp_path).summary
    assert unknown[["input_tokens", "cost"]].isna().all(axis=None)


def test_a_run_of_another_suite_is_refused(tmp_path: Path) -> None:
    """A suite that is not there is named instead of a frame without programs."""
    with pytest.raises(UserError, match="no suite named 's'"):
        open_run(record_run(tmp_path, "old", {"t/0": (True,)}).path)


def test_an_interrupt_returns_what_there_is() -> None:
    """Ctrl-C in a notebook ends the run cleanly: answers that were paid for come back instead of a traceback."""
    started = threading.Event()

    async def body(stop: anyio.Event) -> str:
        started.set()
        await stop.wait()
        return "kept"

    def interrupt() -> None:
        started.wait()
        time.sleep(0.3)  # until the main thread waits for the result
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    assert in_own_loop(body) == "kept"


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
def test_the_example_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs in order, inside a running event loop as in Jupyter; the last asserts what came out."""
    monkeypatch.chdir(tmp_path)
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {}

    async def run() -> None:
        for cell in cells:
            exec("".join(cell["source"]), names)

    anyio.run(run)
    assert len(list((tmp_path / "results" / "runs").iterdir())) == 2
