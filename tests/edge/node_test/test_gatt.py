"""Nodes on Bluetooth under test: over a simulated BlueZ, and what their GATT table says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random

import pytest
from rig_bluez.harness import needs_dbus

from edge.errors import TransientError
from edge.node_test.dialog import Dialog, Steps, is_a
from edge.node_test.findings import Findings
from edge.node_test.gatt import GattFacts, GattSource, check_gatt
from edge.node_test.introduction import Known, check_hello
from edge.node_test.line import converse
from edge.simulator.bluez.native import peripheral_of
from edge.simulator.bluez.rig import Rig
from edge.simulator.nodes import NodeSettings, VirtualNode
from firmware_protocol import wire
from firmware_protocol.gatt import CTRL, DATA, INFO, SERVICE
from firmware_protocol.messages import Ack, Identify, Info

ADDRESS = "C0:98:E5:51:ED:01"
TOLD = Info(1, 0, 1, 42, 0, 0, 244, 1, bytes(range(8)), ())
GOOD = GattFacts((SERVICE,), (INFO, DATA, CTRL), wire.encode(TOLD), 247)


class _Greeting:
    """HELLO, INFO, and one command with its answer."""

    def __init__(self) -> None:
        self.dialog = Dialog(framed=False)
        self.finished = False
        self.known, self.findings = Known(), Findings()
        self.ack: Ack | None = None
        self._steps = self._all()

    def advance(self, t_ns: int) -> None:
        self.dialog.now_ns = max(self.dialog.now_ns, t_ns)
        next(self._steps, None)

    def _all(self) -> Steps[None]:

        if (yield from check_hello(self.dialog, self.known, self.findings, Random(1))):  # noqa: S311
            self.ack = yield from self.dialog.ask(Identify(1))
        self.finished = True


@needs_dbus
async def test_a_node_is_found_and_spoken_to() -> None:
    """By its address, over bleak: INFO, a command and its ACK, and what the node is beside its messages."""
    peripheral = peripheral_of(VirtualNode(NodeSettings(42, framed=False), []), ADDRESS, "shank")
    source, greeting = GattSource(ADDRESS), _Greeting()
    async with Rig([peripheral]), asyncio.timeout(30):
        await converse(source, greeting, lambda: None)
    assert greeting.known.info is not None
    assert greeting.known.info.node_id == 42
    assert greeting.ack is not None
    findings = Findings()
    check_gatt(source.facts, greeting.known, findings)
    verdicts = {f.check: f.verdict for f in findings.all()}
    assert {verdicts[check] for check in ("advertising", "gatt", "info-read")} == {"PASS"}


@needs_dbus
async def test_an_address_that_is_not_in_the_air_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody there: one sentence with what to look at, no traceback."""
    monkeypatch.setattr("edge.node_test.gatt.SCAN_S", 0.3)
    async with Rig([]), asyncio.timeout(30):
        with pytest.raises(TransientError, match="is it on, near"):
            await converse(GattSource(ADDRESS), _Greeting(), lambda: None)


@pytest.mark.parametrize(
    ("facts", "check", "verdict"),
    [
        (GOOD, "advertising", "PASS"),
        (replace(GOOD, advertised=()), "advertising", "FAIL"),
        (GOOD, "gatt", "PASS"),
        (replace(GOOD, characteristics=(INFO, DATA)), "gatt", "FAIL"),
        (GOOD, "info-read", "PASS"),
        (replace(GOOD, info=wire.encode(TOLD)[:20]), "info-read", "FAIL"),
        (replace(GOOD, info=wire.encode(TOLD._replace(node_id=43))), "info-read", "FAIL"),
        (replace(GOOD, info=b""), "info-read", "FAIL"),
        (replace(GOOD, mtu=100), "mtu", "PASS"),
        (replace(GOOD, mtu=99), "mtu", "WARN"),
    ],
)
def test_what_gatt_says_is_judged(facts: GattFacts, check: str, verdict: str) -> None:
    """Advertisement, characteristics, INFO as read and MTU each have their check."""
    findings = Findings()
    check_gatt(facts, Known(TOLD), findings)
    assert {f.check: f.verdict for f in findings.all()}[check] == verdict


def test_info_is_told_apart_from_other_messages() -> None:
    """The kinds that checks wait for are told by type, and only where the payload could be read."""
    dialog = Dialog(framed=False)
    heard = []
    dialog.on_heard.append(heard.append)
    dialog.receive(0, wire.encode(TOLD) + wire.encode(Identify(1)))
    assert [is_a(Info)(h) for h in heard] == [True, False]
