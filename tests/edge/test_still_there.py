"""What is forgotten, and what is not: by what a broker keeps, and no faster than it takes it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from broker_tools import WAIT_S
from example_events import SENSOR
from published import PLACE, box_online, changed, messages, state

from edge import forget as forgetting
from edge.broker_access import Access, check_access
from edge.errors import SledguardError
from edge.publishers.broker_connection import V5
from edge.settings import MqttSettings
from edge.still_there import Kept

HERE, BOX = (PLACE.gym, PLACE.machine), (PLACE.gym, "box")


def kept(*told: tuple[str, bytes]) -> Kept:
    """A broker that keeps this."""
    out = Kept()
    for topic, payload in told:
        out.take(topic, payload)
    return out


def earlier(told: tuple[str, bytes]) -> tuple[str, bytes]:
    """The same from the boot before."""
    return told[0], changed(told[1], boot="b-0")


STATE, SENSORS = messages(state())[0], messages(SENSOR)[0]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], None),
        ([STATE, box_online()], "is watched by box"),
        ([SENSORS, box_online()], "is watched by box"),
        ([STATE, earlier(SENSORS), box_online()], "is watched by box"),
        ([STATE, box_online("stopping")], "is watched by box"),
        ([STATE, box_online("offline")], None),
        ([earlier(STATE), earlier(SENSORS), box_online()], None),
        ([STATE], "no status of its box box is to be heard"),
        ([(STATE[0], b"{"), box_online()], None),
    ],
)
def test_a_machine_is_there_where_the_box_that_told_of_it_runs(told: list[tuple[str, bytes]], said: str | None) -> None:
    """Not where that box is off, nor where it was started anew without the machine."""
    objections = kept(*told).objections([HERE], [])
    assert (objections == []) == (said is None)
    assert said is None or said in objections[0]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([box_online()], "gym/box is online: stop it first"),
        ([box_online("offline")], None),
        ([], "no status of it is to be heard"),
    ],
)
def test_a_box_is_gone_once_it_is_offline(told: list[tuple[str, bytes]], said: str | None) -> None:
    """Of one that says nothing nobody knows."""
    objections = kept(*told).objections([], [BOX])
    assert (objections == []) == (said is None)
    assert said is None or said in objections[0]


class Broker:
    """A connection to a broker that takes so many messages at once; ends: after how many it hangs up."""

    def __init__(self, receive_max: int, ends: int | None = None) -> None:
        self.receive_max, self.version, self.most = receive_max, V5, 0
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.topics: list[str] = []
        self._ends, self._under_way, self._hears = ends, 0, None

    def __call__(self, _access: Access, _version: object, hears: Any) -> Broker:
        self._hears = hears
        return self

    async def open(self, _will: None) -> None:
        """It is open."""

    async def close(self) -> None:
        """Nothing waits."""

    def abort(self) -> None:
        """Nothing is open."""

    def subscribe(self, _filters: list[str]) -> None:
        """It never answers."""

    def publish(self, packet: Any) -> int:
        self.topics.append(packet.topic)
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        if len(self.topics) == self._ends:
            self.ended.set_result("connection lost")
        elif self._ends is None:
            asyncio.get_running_loop().call_soon(self._take, len(self.topics))
        return len(self.topics)

    def _take(self, number: int) -> None:
        self._under_way -= 1
        self._hears.delivered(number, number != 2)  # type: ignore[attr-defined]


@pytest.fixture
def access() -> Access:
    return check_access(MqttSettings(host="127.0.0.1", port=1883), "test")


@pytest.mark.parametrize(("receive_max", "most"), [(1, 1), (3, 3), (65_535, 20)])
async def test_no_more_goes_at_once_than_the_broker_takes(
    receive_max: int, most: int, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each topic once, in order; the refused one is told."""
    broker = Broker(receive_max)
    monkeypatch.setattr(forgetting, "BrokerConnection", broker)
    topics = [f"t/{i}" for i in range(50)]
    done = await asyncio.wait_for(forgetting.forget(access, topics), WAIT_S)
    assert (broker.topics, broker.most, done.refused) == (topics, most, ["t/1"])


async def test_it_ends_with_the_connection(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, with its reason, and not when patience does."""
    monkeypatch.setattr(forgetting, "BrokerConnection", Broker(5, ends=2))
    monkeypatch.setattr(forgetting, "ANSWER_MAX_S", 10 * WAIT_S)
    with pytest.raises(SledguardError, match=re.escape("connection lost; try again")):
        await asyncio.wait_for(forgetting.forget(access, [f"t/{i}" for i in range(50)]), WAIT_S)


@pytest.mark.parametrize("asks", ["look", "forget"])
async def test_a_broker_that_falls_silent_is_told(asks: str, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it does not say what it keeps, or does not take what is to be cleared: patience has an end."""
    monkeypatch.setattr(forgetting, "BrokerConnection", Broker(5, ends=1000))
    monkeypatch.setattr(forgetting, "ANSWER_MAX_S", 0.01)
    asked = forgetting.look(access, [HERE], [BOX]) if asks == "look" else forgetting.forget(access, ["t/1"])
    with pytest.raises(SledguardError, match="has not answered all within"):
        await asyncio.wait_for(asked, WAIT_S)
