"""harness.plugins: a stranger's backend is found like ours, and a broken one is the machine's fault."""

import sys
from pathlib import Path

import pytest

from harness import plugins
from harness.errors import MachineError, UserError

DISTRIBUTION = """[harness.backends]
stranger = stranger_backend:Stranger
broken = stranger_backend_that_is_not_there:Broken
"""


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution of somebody else's that registers two backends."""
    info = tmp_path / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(DISTRIBUTION)
    (tmp_path / "stranger_backend.py").write_text("class Stranger:\n    word = 'hello'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "stranger_backend", raising=False)


def test_ours_are_registered() -> None:
    """The backends and the sandbox that harness ships are found through entry points."""
    assert {"openai", "vllm", "reference", "replay"} <= set(plugins.names("harness.backends"))
    assert "docker" in plugins.names("harness.sandboxes")


@pytest.mark.usefixtures("stranger")
def test_a_strangers_backend_is_found() -> None:
    """A package registers a backend with an entry point and nothing else, and it is imported only when asked for."""
    assert "stranger" in plugins.names("harness.backends")
    assert "stranger_backend" not in sys.modules
    assert plugins.load("harness.backends", "stranger").word == "hello"


@pytest.mark.usefixtures("stranger")
def test_a_broken_plugin_is_named() -> None:
    """A plug-in whose module does not import is the machine's error, with the module in the message."""
    with pytest.raises(MachineError, match="stranger_backend_that_is_not_there"):
        plugins.load("harness.backends", "broken")


@pytest.mark.parametrize(
    ("group", "word"), [("harness.backends", "backend"), ("harness.sandboxes", "sandbox"), ("harness.suites", "suite")]
)
def test_an_unknown_name_is_a_user_error(group: plugins.Group, word: str) -> None:
    """An unknown name is the user's error, says what was looked for and lists what is known."""
    with pytest.raises(UserError, match=f"no {word} named 'nonesuch'") as caught:
        plugins.load(group, "nonesuch")
    assert caught.value.hint.startswith("Known: ")
