"""How a cell is confined, as the engine is told."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from docker import APIClient

from harness.records import Limits
from harness.sandboxes.container import create_options, security_options


@pytest.fixture
def api() -> Iterator[APIClient]:
    """A client that is never connected."""
    with closing(APIClient(version="1.41")) as unconnected:
        yield unconnected


def test_the_container_is_hardened(api: APIClient) -> None:
    """No network, no capability beyond changing users, nothing writable, limits on memory, processes and files."""
    limits = Limits(memory_mb=100, processes=10, file_mb=7)
    options = create_options(api, "image", limits, security_options({}), {"label": "x"})
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
    (profile,) = [option for option in security_options({}) if option.startswith("seccomp=")]
    assert '"defaultAction":"SCMP_ACT_ERRNO"' in profile


@pytest.mark.parametrize(
    ("reported", "expected"), [(["name=apparmor", "name=seccomp"], True), (["name=seccomp"], False)]
)
def test_apparmor_is_mentioned_only_where_it_is(reported: list[str], expected: bool) -> None:
    """An engine without AppArmor would refuse the option; one with it needs it."""
    assert ("apparmor=unconfined" in security_options({"SecurityOptions": reported})) is expected
