"""The hub: a stub on loopback serves the suites to the real `datasets` client, in a process of its own.

The client reads its settings from the environment when it is imported, hence the processes.
"""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.assets import asset
from harness.errors import MachineError
from harness.settings import Settings
from harness.suites import load_definition, load_suite
from harness.suites.definition import HubSource
from harness.suites.hub import read_hub
from tests.hub_stub import HubStub, parquet_repository, serving
from tests.suites.data_sets import (
    SHARED,
    humaneval_rows,
    humanevalplus_rows,
    mbpp_rows,
    mbppplus_rows,
    needs_shared,
    written,
)

ROOT = Path(__file__).parents[2]
HUMANEVAL = "openai/openai_humaneval"
MBPP = "google-research-datasets/mbpp"
HUMANEVAL_PLUS = "evalplus/humanevalplus"
MBPP_PLUS = "evalplus/mbppplus"
SMOKE = "our/smoke"
SMOKE_REVISION = "5" * 40
PLUS = {"humanevalplus": humanevalplus_rows, "mbppplus": mbppplus_rows}
SPLITS = {"prompt": (1, 10), "test": (11, 510), "validation": (511, 600), "train": (601, 974)}

PROGRAM = """
import json, sys
from pathlib import Path
from harness.assets import asset
from harness.errors import HarnessError
from harness.assets import asset
from harness.errors import MachineError
from harness.settings import Settings
from harness.suites import load_definition
from harness.suites.definition import HubSource
from harness.suites.loading import load_defined

for line in sys.argv[1:]:
    order = json.loads(line)
    definition = load_definition(order["suite"])
    if "source" in order:
        definition = definition.model_copy(update={"source": HubSource(kind="hub", files=(), **order["source"])})
    try:
        suite = load_defined(
            definition, split=order.get("split"), settings=Settings(), allow_changed=order.get("allow", False)
        )
        print(json.dumps([len(suite.problems), suite.info.fingerprint]))
    except HarnessError as error:
        print(json.dumps([type(error).__name__, str(error)]))
"""


def loaded(home: Path, url: str, *orders: dict[str, Any], offline: bool = False) -> list[list[Any]]:
    """For each order: the number of problems and the fingerprint, or the error's name and text."""
    environment = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(home), "HF_HUB_OFFLINE": str(int(offline))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, *map(json.dumps, orders)],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def by_split(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The rows as the hub's four splits."""
    return {split: [row for row in rows if first <= row["task_id"] <= last] for split, (first, last) in SPLITS.items()}


def repositories(
    humaneval: list[dict[str, Any]], full: list[dict[str, Any]], sanitized: list[dict[str, Any]]
) -> dict[str, tuple[str, dict[str, bytes]]]:
    """The public data sets at the revisions that the suites pin, and our own suite as a data set."""
    configs = {"full": by_split(full), "sanitized": by_split(sanitized)}
    return {
        HUMANEVAL: (revision("humaneval"), parquet_repository({"openai_humaneval": {"test": humaneval}})),
        MBPP: (revision("mbpp"), parquet_repository(configs)),
        HUMANEVAL_PLUS: (revision("humanevalplus"), parquet_repository({"default": {"test": humanevalplus_rows()}})),
        MBPP_PLUS: (revision("mbppplus"), parquet_repository({"default": {"train": mbppplus_rows()}})),
        SMOKE: (SMOKE_REVISION, parquet_repository({"default": {"test": shipped_rows()}})),
    }


def shipped_rows() -> list[dict[str, Any]]:
    """The problems of our own suite."""
    return [json.loads(line) for line in asset("suites", "smoke", "problems.jsonl").read_bytes().splitlines()]


def revision(suite: str) -> str:
    """The revision that the suite pins."""
    source = load_definition(suite).source
    assert source.kind == "hub"
    return source.revision


SMOKE_SOURCE = {"repo": SMOKE, "config": "default", "revision": SMOKE_REVISION}
SMOKE_ORDER: dict[str, Any] = {"suite": "smoke", "allow": True, "source": SMOKE_SOURCE}


def mine(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """MBPP rows of our own in the columns of the sanitized config."""
    return [
        {"source_file": "", "task_id": row["task_id"], "prompt": row["text"], "code": row["code"], "test_imports": []}
        | {"test_list": row["test_list"]}
        for row in rows
    ]


@pytest.fixture(scope="module")
def hub() -> Iterator[HubStub]:
    """A hub with small data sets of our own under the names of the public ones."""
    rows = mbpp_rows((2, 3, 4, 11, 12, 511, 601))
    with serving(repositories(humaneval_rows(), rows, mine(rows))) as stub:
        yield stub


@pytest.fixture
def served(hub: HubStub) -> HubStub:
    """The hub, with nothing noted yet."""
    hub.requests.clear()
    return hub


def test_the_four_suites_load_from_the_hub_and_then_from_the_cache(served: HubStub, tmp_path: Path) -> None:
    """The real client fetches each pinned revision once; offline, the cache gives the same, and files agree."""
    small: list[dict[str, Any]] = [{"suite": name, "allow": True} for name in ("humaneval", "mbpp", "mbpp-sanitized")]
    orders = [*small, SMOKE_ORDER]
    online = loaded(tmp_path / "home", served.url, *orders)
    assert [count for count, _ in online] == [3, 2, 7, len(shipped_rows())]
    assert any(f"resolve/{revision('mbpp')}/full/test" in request for request in served.requests)
    assert loaded(tmp_path / "home", "http://127.0.0.1:9", *orders, offline=True) == online
    local = load_suite("humaneval", data=written(tmp_path, humaneval_rows()), settings=Settings(), allow_changed=True)
    shipped = load_suite("smoke", settings=Settings())
    assert [online[0][1], online[3][1]] == [local.info.fingerprint, shipped.info.fingerprint]


def test_the_plus_suites_load_from_the_hub_whatever_their_split_is_called(served: HubStub, tmp_path: Path) -> None:
    """MBPP+ has been published as `train` and as `test`; the hub's rows and a file's have one fingerprint."""
    found = loaded(tmp_path / "home", served.url, *({"suite": name, "allow": True} for name in PLUS))
    local = [
        load_suite(name, data=written(tmp_path, rows(), "jsonl.gz"), settings=Settings(), allow_changed=True)
        for name, rows in PLUS.items()
    ]
    assert found == [[3, suite.info.fingerprint] for suite in local]


def test_other_content_at_the_pinned_revision_is_refused(served: HubStub, tmp_path: Path) -> None:
    """Prevents scores of a tampered mirror: what a hub serves under the right revision must be the right content."""
    [[kind, message]] = loaded(tmp_path, served.url, {"suite": "humaneval"})
    assert kind == "UserError"
    assert "3 problems instead of 164" in message


def test_a_cached_copy_of_another_revision_is_not_used(served: HubStub, tmp_path: Path) -> None:
    """Prevents scores of other data: `datasets` takes any cached revision of a data set that the hub has no more."""
    loaded(tmp_path, served.url, SMOKE_ORDER)
    other = {**SMOKE_ORDER, "source": {**SMOKE_SOURCE, "revision": "6" * 40}}
    with serving({}) as empty:
        [[kind, message]] = loaded(tmp_path, empty.url, other)
    assert kind == "MachineError"
    assert "the cache holds another revision" in message


def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken file in the cache ends in another download or in a clear error, not in a traceback."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path)
    broken = tmp_path / "our___smoke" / "default" / "0.0.0" / SMOKE_REVISION / "smoke-test.arrow"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"no arrow")
    source = HubSource(kind="hub", repo="our/smoke", revision=SMOKE_REVISION, files=("smoke.jsonl",))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(MachineError, match=r"put one of smoke\.jsonl into a folder"):
        list(read_hub(source, "smoke"))


def test_without_hub_cache_or_file_the_three_ways_are_named(tmp_path: Path) -> None:
    """A machine without a network gets one paragraph that says what to do, quickly."""
    [[kind, message]] = loaded(tmp_path, "http://127.0.0.1:9", {"suite": "mbpp"})
    assert kind == "MachineError"
    for way in ("connect this machine to the hub", "--data PATH", "data_dir in harness.yaml"):
        assert way in message


@needs_shared
@pytest.mark.slow
def test_the_published_suites_agree_between_hub_and_files(tmp_path: Path) -> None:
    """A hub copy and a local file of the published data have the same fingerprint, which the pins accept."""
    files = [load_definition(name).source.files[0] for name in ("humaneval", "mbpp", "mbpp-sanitized")]
    humaneval = [json.loads(line) for line in gzip.decompress((SHARED / files[0]).read_bytes()).splitlines()]
    full = [json.loads(line) for line in (SHARED / files[1]).read_bytes().splitlines()]
    sanitized = json.loads((SHARED / files[2]).read_bytes())
    orders = [{"suite": "humaneval"}, {"suite": "mbpp"}, {"suite": "mbpp", "split": "all"}, {"suite": "mbpp-sanitized"}]
    with serving(repositories(humaneval, full, sanitized)) as stub:
        found = loaded(tmp_path, stub.url, *orders)
    local = [load_suite(o["suite"], split=o.get("split"), settings=Settings(data_dir=SHARED)) for o in orders]
    assert found == [[len(suite.problems), suite.info.fingerprint] for suite in local]
    assert [count for count, _ in found] == [164, 500, 974, 427]
