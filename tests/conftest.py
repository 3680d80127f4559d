"""Settings of all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract_check import faults
from hypothesis import HealthCheck, settings
from outbox_tools import Disk

from edge.clock import Instant
from edge.publishers import mqtt, traffic
from edge.publishers.broker_connection import Packet
from edge.publishers.envelope import Minted
from edge.publishers.messages import Message

# A slow machine must not fail a test: how long one example takes says nothing about what it shows. And the same sources
# give the same result: new examples are drawn by those who look for them, with --hypothesis-profile=explore.
settings.register_profile(
    "explore", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow], max_examples=1000
)
settings.register_profile("sledguard", settings.get_profile("explore"), max_examples=100, derandomize=True)
settings.load_profile("sledguard")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the fault tests and benches."""
    parser.addoption("--full", action="store_true", help="fault tests at the sizes of the delivery contract")
    parser.addoption("--figures", metavar="FILE", help="append what was measured to this file, a line of JSON each")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """An empty folder for outboxes."""
    one = Disk(tmp_path)
    yield one
    one.close()


@pytest.fixture(autouse=True)
def _every_message_is_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test publishes is held against the published schemas, on its way to the broker."""
    packet_of, broken = traffic.packet_of, list[str]()

    def checked(message: Message, minted: Minted, now: Instant) -> Packet:
        packet = packet_of(message, minted, now)
        broken.extend(faults(packet))
        return packet

    monkeypatch.setattr(traffic, "packet_of", checked)
    monkeypatch.setattr(mqtt, "packet_of", checked)
    yield
    assert broken == []
