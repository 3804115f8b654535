"""The image's name stands for what it is built from."""

import os
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from docker import APIClient
from docker.errors import ImageNotFound
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MachineError
from harness.languages import ALL, language, languages
from harness.sandboxes.base_image import install, install_order, language_base, silent
from harness.sandboxes.engine import connect
from harness.sandboxes.image import (
    REPOSITORY,
    ImageInfo,
    build_image,
    context_digest,
    context_files,
    find_image,
    image_tag,
)

contexts = st.dictionaries(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=8),
    st.binary(max_size=20),
    max_size=4,
)


@given(contexts, contexts)
def test_different_contexts_have_different_digests(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    """Two contexts have the same digest exactly when names and contents are the same, in whatever order."""
    assert (context_digest(one) == context_digest(other)) is (one == other)
    assert context_digest(one) == context_digest(dict(reversed(one.items())))


def test_the_tag_depends_on_the_base() -> None:
    """The same runner on another base is another image."""
    files = {"runner.py": b""}
    assert image_tag("a:1", files) != image_tag("b:1", files)
    assert image_tag("a:1", files).startswith(f"{REPOSITORY}:")
    assert len(image_tag("a:1", files).partition(":")[2]) == 12


def test_the_context_is_the_runner_and_its_profile() -> None:
    """What runs inside and what confines it both change the tag; the script that makes a base does not."""
    assert {"Dockerfile", "runner.py", "judge.py", "candidate.py", "seccomp.json"} <= set(context_files())
    assert "build_base.sh" not in context_files()


@pytest.mark.parametrize("nameless", [["<none>:<none>"], [], None])
def test_an_image_that_lost_its_name_is_passed_over(nameless: list[str] | None) -> None:
    """A newer image whose name went to another one is not asked for as `<none>:<none>`, which engines refuse."""
    listed = [{"RepoTags": ["harness-sandbox:old"], "Created": 1}, {"RepoTags": nameless, "Created": 2}]
    found = {"Id": "sha256:1", "Config": {"Labels": {}}}
    api = SimpleNamespace(images=lambda filters: listed, inspect_image=lambda name: found)
    assert find_image(api=cast("APIClient", api)).tag == "harness-sandbox:old"
    listed.pop(0)
    with pytest.raises(MachineError, match="has not been built"):
        find_image(api=cast("APIClient", api))


def test_an_incomplete_context_is_explained(tmp_path: Path) -> None:
    """An installation without its sandbox folder is told from an engine without an image."""
    with pytest.raises(MachineError, match="incomplete"):
        context_files(tmp_path)


def test_a_language_s_base_and_image_are_named_by_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row with one package more has another base and another image: a stale one would lack what its programs need."""
    base, context = language_base("go"), context_digest(context_files(language="go"))
    assert base.startswith("harness-language:go-")
    assert language_base("java") != base
    more = language("go").model_copy(update={"packages": ("golang-go", "gccgo")})
    monkeypatch.setitem(languages(), "go", more)
    assert language_base("go") != base
    assert language_base(ALL).partition(":")[2].startswith("all-")
    assert context_digest(context_files(language="go")) != context


def test_packages_are_installed_beside_python_on_the_public_image() -> None:
    """Where a registry answers, a language's base is Debian with Python and its packages, and no package lists."""
    order = install_order(("golang-go", "gccgo")).splitlines()
    assert order[0] == "FROM debian:bookworm-slim"
    assert order[1].endswith("install -y --no-install-recommends python3 \\")
    assert order[2].split() == ["golang-go", "gccgo", "&&", "rm", "-rf", "/var/lib/apt/lists/*"]


@pytest.mark.docker
def test_the_order_builds(sandbox_image: ImageInfo) -> None:
    """The engine takes the order as it is, on an image whose apt-get only notes what it was asked for."""
    name, noting = f"harness-test:order-{os.getpid()}", '#!/bin/sh\\necho "$@" >> /asked\\n'
    place = "/usr/local/bin/apt-get"
    stub = f"FROM {sandbox_image.base}\nRUN printf '{noting}' > {place} && chmod +x {place}\n"
    look = f"FROM {name}\nRUN cat /asked\n"
    with closing(connect()) as api:
        said: list[str] = []
        try:
            for order in (stub, install_order(("golang-go",), name), look):
                install(api, name, order, said.append)
            with pytest.raises(MachineError, match="cannot be made"):
                install(api, name, f"FROM {name}\nRUN exit 3\n", silent)
        finally:
            with suppress(ImageNotFound):  # the failure itself is what the reader wants to see
                api.remove_image(name, force=True)
    assert "install -y --no-install-recommends python3 golang-go" in "\n".join(said)


@pytest.mark.docker
def test_a_missing_image_names_the_command() -> None:
    """Who has not built the image is told how to."""
    with pytest.raises(MachineError, match="no image") as caught:
        find_image("harness-no-such-image:1")
    assert "harness sandbox build" in caught.value.hint


@pytest.mark.docker
def test_a_missing_base_is_explained() -> None:
    """A base image that is neither here nor can be pulled is named, with the other ways to get one."""
    with pytest.raises(MachineError, match="harness-no-such-base:1") as caught:
        build_image("harness-no-such-base:1")
    assert "--base" in caught.value.hint


@pytest.mark.docker
def test_building_twice_gives_the_same_image() -> None:
    """A second build of the same context finds the first, and says what it does."""
    lines: list[str] = []
    first = build_image(progress=lines.append)
    assert build_image(first.base) == first
    assert find_image(first.tag) == first
    assert any(first.tag in line for line in lines)
