"""How a cell is confined, as the engine is told."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from docker import APIClient

from harness.errors import MachineError
from harness.records import Limits
from harness.sandboxes.container import create_options, terms


@pytest.fixture
def api() -> Iterator[APIClient]:
    """A client that is never connected."""
    with closing(APIClient(version="1.41")) as unconnected:
        yield unconnected


def test_the_container_is_hardened(api: APIClient) -> None:
    """No network, no capability beyond changing users, nothing writable, limits on memory, processes and files."""
    limits = Limits(memory_mb=100, processes=10, file_mb=7)
    options = create_options(api, "image", limits, terms("Docker", {}), {"label": "x"})
    host = options["host_config"]
    assert host["NetworkMode"] == "none"
    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] == ["SETUID", "SETGID"]
    assert host["ReadonlyRootfs"]
    assert host["Memory"] == host["MemorySwap"] == 612 * 2**20
    assert host["PidsLimit"] == 74
    assert host["LogConfig"]["Type"] == "none"
    assert {"Name": "fsize", "Soft": 7 * 2**20, "Hard": 7 * 2**20} in host["Ulimits"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert not {"Binds", "Mounts", "Privileged", "Devices"} & set(host)
    assert options["use_config_proxy"] is False


def test_seccomp_profile_is_sent_whole() -> None:
    """The engine gets the profile's content, so that it also works where the engine is another machine."""
    (profile,) = [option for option in terms("Docker", {}).security if option.startswith("seccomp=")]
    assert '"defaultAction":"SCMP_ACT_ERRNO"' in profile


def test_podman_is_told_a_file(api: APIClient) -> None:
    """Podman takes the profile for a file's name and knows no limit on inodes: it is told as it wants to be."""
    podman = terms("Podman Engine", {})
    (profile,) = [option for option in podman.security if option.startswith("seccomp=")]
    assert Path(profile.removeprefix("seccomp=")).is_file()
    host = create_options(api, "image", Limits(), podman, {})["host_config"]
    assert "nr_inodes" not in host["Tmpfs"]["/tmp"]
    assert (
        "nr_inodes" in create_options(api, "image", Limits(), terms("Docker", {}), {})["host_config"]["Tmpfs"]["/tmp"]
    )


def test_the_runtime_reaches_the_engine(api: APIClient) -> None:
    """A chosen runtime is asked for where the engine reads it, in the host's part of the request."""
    chosen = terms("Docker", {"Runtimes": {"runc": {}, "runsc": {}}}, "runsc")
    assert create_options(api, "image", Limits(), chosen, {})["host_config"]["Runtime"] == "runsc"
    assert "Runtime" not in create_options(api, "image", Limits(), terms("Docker", {}), {})["host_config"]


def test_an_unknown_runtime_is_refused_by_name() -> None:
    """A runtime that the engine lacks ends in its name and those there are: prevents judging in a weaker one."""
    with pytest.raises(MachineError, match="no runtime runsc; it has crun, runc"):
        terms("Docker", {"Runtimes": {"runc": {}, "crun": {}}}, "runsc")


@pytest.mark.parametrize(
    ("reported", "expected"), [(["name=apparmor", "name=seccomp"], True), (["name=seccomp"], False)]
)
def test_apparmor_is_mentioned_only_where_it_is(reported: list[str], expected: bool) -> None:
    """An engine without AppArmor would refuse the option; one with it needs it."""
    assert ("apparmor=unconfined" in terms("Docker", {"SecurityOptions": reported}).security) is expected
