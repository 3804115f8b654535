"""harness.settings: harness.yaml of the working directory over the user's own; what is wrong is named."""

from pathlib import Path

import pytest

from harness.errors import UserError
from harness.settings import FILE_NAME, load_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's config folder of harness, empty."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "harness"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A working directory, empty."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_no_file_means_no_settings(home: Path, work: Path) -> None:
    """Without any harness.yaml there are no models, no data and no sources."""
    settings = load_settings(work)
    assert (settings.models, settings.data, settings.data_dir, settings.sources) == ({}, {}, None, ())


def test_the_working_directory_wins(home: Path, work: Path) -> None:
    """An entry of the working directory replaces the user's own; the others stay; it is named first."""
    (home / FILE_NAME).write_text("models:\n  a: {backend: vllm}\n  b: {backend: vllm}\ndata_dir: mine\n")
    (work / FILE_NAME).write_text("models:\n  a: {backend: openai}\n")
    settings = load_settings(work)
    assert settings.models == {"a": {"backend": "openai"}, "b": {"backend": "vllm"}}
    assert settings.data_dir == home / "mine"
    assert settings.sources == (work / FILE_NAME, home / FILE_NAME)


def test_relative_paths_are_the_files_own(home: Path, work: Path) -> None:
    """A relative path means the folder of the settings file, an absolute one means itself."""
    (work / FILE_NAME).write_text("data: {humaneval: data/he.jsonl, mbpp: /data/mbpp.jsonl}\n")
    assert load_settings(work).data == {"humaneval": work / "data/he.jsonl", "mbpp": Path("/data/mbpp.jsonl")}


def test_an_empty_file_is_fine(home: Path, work: Path) -> None:
    """A settings file with nothing but comments sets nothing."""
    (work / FILE_NAME).write_text("# nothing yet\n")
    assert load_settings(work).models == {}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"models: [", "not valid YAML"),
        (b"- models", "must be a mapping"),
        (b"modles: {}", "modles"),
        (b"models: {a: 3}", "models.a"),
        (b"1: x", "1"),
        (b"data_dir: \xff\xfe\xfa", "not valid YAML"),
    ],
)
def test_bad_files_are_named(home: Path, work: Path, content: bytes, named: str) -> None:
    """A malformed file is a user error that names the file and what is wrong in it, never a traceback."""
    (work / FILE_NAME).write_bytes(content)
    with pytest.raises(UserError) as caught:
        load_settings(work)
    assert named in caught.value.message
    assert str(work / FILE_NAME) in caught.value.message
    assert caught.value.hint


def test_hosts_and_runtime_are_read(home: Path, work: Path) -> None:
    """The engines of the working directory replace the user's own; without any there is none and no runtime."""
    assert load_settings(work).sandbox.hosts == ()
    (home / FILE_NAME).write_text("sandbox: {hosts: ['tcp://a:2376'], runtime: runsc}\n")
    assert load_settings(work).sandbox.runtime == "runsc"
    (work / FILE_NAME).write_text("sandbox:\n  hosts: ['unix:///b.sock', 'tcp://c:2376']\n")
    assert load_settings(work).sandbox.hosts == ("unix:///b.sock", "tcp://c:2376")
    assert load_settings(work).sandbox.runtime is None


def test_an_unknown_sandbox_setting_is_named(home: Path, work: Path) -> None:
    """A misspelt setting is an error that names it, not a run on another engine than was meant."""
    (work / FILE_NAME).write_text("sandbox: {host: 'tcp://a:2376'}\n")
    with pytest.raises(UserError, match=r"sandbox\.host"):
        load_settings(work)
