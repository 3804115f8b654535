"""The way to the engine and its containers goes wrong while the real `harness score` runs: the same verdicts."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Launch
from tests.faults.relay import Relay, Spoil
from tests.faults.rig import Harness, Material, assert_no_lies, assert_whole, verdicts_of

pytestmark = pytest.mark.docker


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """The machine's engine behind a relay."""
    with Relay(tmp_path / "engine.sock") as up:
        yield up


class Replay:
    """Keeps one reply, and gives it again in place of the next one."""

    def __init__(self) -> None:
        self.kept = b""

    def __call__(self, reply: bytes) -> bytes:
        """The reply itself the first time, the kept one the second."""
        self.kept = self.kept or reply
        return self.kept


SPOILS: dict[str, list[Spoil]] = {
    "short_by_three_bytes": [lambda reply: reply[:-3]],
    "twice": [lambda reply: reply * 2],
    "another_verdict_for_another_sample": [Replay()] * 2,
    "garbage": [lambda reply: bytes(255 - byte for byte in reply)],
    "announced_too_long": [lambda reply: b"\1\0\0\0\0\0\0\4\xff\xff\xff\xff"],
}


@pytest.mark.parametrize("name", SPOILS)
def test_a_spoiled_reply_is_asked_again(launch: Launch, material: Material, relay: Relay, name: str) -> None:
    """A reply that is torn, lost, doubled, strange or another sample's gives nobody a verdict that is not its own."""
    harness = launch(material.score(), env={"DOCKER_HOST": relay.url})
    harness.wait_for(4)
    for spoil in SPOILS[name]:
        relay.spoil(spoil)
    assert_whole(harness, material.verdicts)
    assert relay.spoiled == len(SPOILS[name])


def test_two_channels_are_swapped(launch: Launch, material: Material, relay: Relay) -> None:
    """Replies that come through another worker's channel are refused: no sample gets its neighbour's verdict."""
    harness = launch(material.score(), env={"DOCKER_HOST": relay.url})
    harness.wait_for(4)
    relay.swap()
    assert_whole(harness, material.verdicts)


def test_an_engine_out_of_reach_for_a_while_is_waited_for(launch: Launch, material: Material, relay: Relay) -> None:
    """Every connection cut and made again a second later changes no verdict."""
    harness = launch(material.score(), env={"DOCKER_HOST": relay.url}, back_s=20.0)
    harness.wait_for(4)
    relay.down()
    time.sleep(1)
    relay.up()
    assert_whole(harness, material.verdicts)


def test_an_engine_out_of_reach_for_good_stops_loudly(launch: Launch, material: Material, relay: Relay) -> None:
    """With the engine out of reach half way the rest are failures, said so, and resume gives them their verdicts."""
    harness = launch(material.score(), env={"DOCKER_HOST": relay.url})
    harness.wait_for(4)
    relay.down()
    assert harness.end() == 4
    assert_no_lies(harness, material.verdicts)
    assert "failure" in verdicts_of(harness.run).values()
    assert "engine_away" in harness.out
    resume = ["resume", harness.run.path.name]
    assert refused(launch(resume, env={"DOCKER_HOST": relay.url}))
    assert_whole(launch(resume), material.verdicts)


def refused(harness: Harness) -> bool:
    """True where it says that there is no engine, and goes no further."""
    return harness.end() == 1 and "No Docker engine answers" in harness.err
