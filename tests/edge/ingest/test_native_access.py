"""Authentication of nodes: what each policy takes and refuses."""

from __future__ import annotations

import struct
from collections import Counter

import pytest
from native_fake import MS, NODE_ID, FakeNode, heard_messages, told

from edge.ingest.native import NativeLink
from edge.ingest.native_access import Access, Policy
from edge.ingest.native_layout import placement_role
from edge.ingest.native_types import Item, LinkOptions, NodeReport, Problem
from edge.samples import ImuSamples
from firmware_protocol import wire
from firmware_protocol.auth import Direction, Session, Verdict
from firmware_protocol.messages import Ack, Hello, Status, Stream
from firmware_protocol.registries import AckCode, Caps

KEY = bytes(range(16))


class KeyedNode(FakeNode):
    """A node that holds a key."""

    def __init__(self, key: bytes = KEY) -> None:
        super().__init__(caps=Caps.IMU | Caps.AUTH)
        self.key = key

    def meets(self, link: NativeLink, t_ns: int) -> list[Item]:
        """Takes the link's HELLO at t_ns and answers it."""
        (hello,) = [p for _, p in heard_messages(link, t_ns) if isinstance(p, Hello)]
        self.session = Session(self.key, hello.host_nonce, self.nonce, Direction.TO_HOST)
        return link.receive(t_ns, self.info())

    def tagged(self, data: bytes) -> bytes:
        """The message with this node's tag."""
        (message,) = wire.cut(data, Counter())
        return self.session.seal(message).encode()


def _link(policy: Policy, key: bytes | None = KEY) -> NativeLink:
    asked = {f"{NODE_ID:016x}": Access(policy, key)}
    options = LinkOptions(access_of=asked.__getitem__)
    return NativeLink("serial", framed=False, role_of=placement_role, seed=3, options=options)


def _samples(items: list[Item]) -> int:
    return len(told(items, ImuSamples))


@pytest.mark.parametrize(("policy", "taken"), [("off", 1), ("prefer", 1), ("require", 0)])
def test_untagged_data(policy: Policy, taken: int) -> None:
    """Data without a tag is taken unless the policy requires one; what is refused is counted."""
    node, link = KeyedNode(), _link(policy)
    node.meets(link, 0)
    assert _samples(link.receive(MS, node.imu(0))) == taken
    assert link.counters.get("untagged", 0) == 1 - taken


@pytest.mark.parametrize("policy", ["prefer", "require"])
def test_tagged_data_is_taken_and_proves_the_node(policy: Policy) -> None:
    """A good tag lets data in, and the next report says that the node is authenticated."""
    node, link = KeyedNode(), _link(policy)
    (report,) = told(node.meets(link, 0), NodeReport)
    assert isinstance(report, NodeReport)
    assert not report.authenticated
    assert _samples(link.receive(MS, node.tagged(node.imu(0)))) == 1
    (report,) = link.receive(2 * MS, node.tagged(node.say(Status(1, 1, 1, 1, 1, 0, 0))))
    assert isinstance(report, NodeReport)
    assert report.authenticated


@pytest.mark.parametrize("policy", ["prefer", "require"])
def test_a_wrong_key_is_refused_and_told_once(policy: Policy) -> None:
    """Tags made with another key let nothing in; after three in a row it is said in words, once."""
    node, link = KeyedNode(bytes(16)), _link(policy)
    node.meets(link, 0)
    items = [i for k in range(8) for i in link.receive(k * MS, node.tagged(node.imu(40_000 * k)))]
    (problem,) = items
    assert isinstance(problem, Problem)
    assert (problem.kind, "fails authentication" in problem.text) == ("auth", True)
    assert link.counters["bad_tag"] == 8


def test_a_replayed_message_is_refused() -> None:
    """The same tagged message again, also long after, gives nothing and is counted as replayed."""
    node, link = KeyedNode(), _link("require")
    node.meets(link, 0)
    first = node.tagged(node.imu(0))
    assert _samples(link.receive(MS, first)) == 1
    for k in range(1, 100):
        link.receive(40 * k * MS, node.tagged(node.imu(40_000 * k)))
    assert link.receive(5000 * MS, first) == []
    assert link.counters["replayed"] == 1


def test_messages_of_an_earlier_session_are_refused() -> None:
    """What was recorded before the last HELLO has another session's tags."""
    node, link = KeyedNode(), _link("require")
    node.meets(link, 0)
    old = node.tagged(node.imu(0))
    node.meets(link, 5000 * MS)
    assert link.receive(5001 * MS, old) == []
    assert link.counters["bad_tag"] == 1


def test_prefer_cannot_be_talked_down_once_proven() -> None:
    """A node that has proved itself is not taken without a tag, even when INFO says it has restarted without one."""
    node, link = KeyedNode(), _link("prefer")
    node.meets(link, 0)
    link.receive(MS, node.tagged(node.imu(0)))
    assert link.receive(2 * MS, node.imu(40_000)) == []
    forger = FakeNode(caps=Caps.IMU)
    forger.boot = 99
    link.receive(3 * MS, forger.info())
    assert _samples(link.receive(4 * MS, forger.imu(0))) == 0
    assert link.counters["untagged"] == 2


@pytest.mark.parametrize(("key", "words"), [(None, "has no key"), (KEY, "cannot authenticate")])
def test_require_without_the_means_is_told(key: bytes | None, words: str) -> None:
    """Where authentication is required but impossible, it is said why and nothing of the node is used."""
    node, link = FakeNode(caps=Caps.IMU if key else Caps.AUTH), _link("require", key)
    heard_messages(link, 0)
    problems = [p for p in told(link.receive(0, node.info()), Problem) if isinstance(p, Problem)]
    assert [p.kind for p in problems] == ["auth"]
    assert words in problems[0].text
    assert link.receive(MS, node.imu(0)) == []


def test_what_is_sent_carries_tags_but_for_hello() -> None:
    """After the introduction all messages to the node are tagged, and the node takes them."""
    node, link = KeyedNode(), _link("require")
    node.meets(link, 0)
    ((message, payload),) = heard_messages(link, 10 * MS)
    assert isinstance(payload, Stream)
    assert node.session.judge(message) is Verdict.GOOD


def test_info_that_nobody_asked_for_begins_no_session() -> None:
    """A broadcast INFO is answered by HELLO first: without its nonce the two would not share a session."""
    node, link = KeyedNode(), _link("require")
    link.receive(0, node.info())
    node.meets(link, 10 * MS)
    assert _samples(link.receive(20 * MS, node.tagged(node.imu(0)))) == 1


def test_a_restart_by_broadcast_asks_anew() -> None:
    """A keyed node that restarts and says so by itself is greeted again, and its new session is taken."""
    node, link = KeyedNode(), _link("require")
    node.meets(link, 0)
    node.boot += 1
    link.receive(100 * MS, node.info())
    node.meets(link, 110 * MS)
    assert _samples(link.receive(120 * MS, node.tagged(node.imu(0)))) == 1


def test_a_node_that_refuses_our_commands_is_told_once() -> None:
    """ACK 9 says that the host lacks the node's key."""
    node, link = KeyedNode(), _link("off")
    node.meets(link, 0)
    items = [i for seq in (1, 2) for i in link.receive(MS, node.say(Ack(0x23, seq, AckCode.AUTH_REQUIRED, 0)))]
    assert [p.kind for p in items if isinstance(p, Problem)] == ["auth"]


def test_a_key_is_never_shown() -> None:
    """Neither settings nor link show the key in their text."""
    shown = repr(Access("require", KEY))
    assert KEY.hex() not in shown
    assert repr(KEY) not in shown


def test_hostile_tags_never_raise() -> None:
    """Random tags on random messages are refused without an error."""
    node, link = KeyedNode(), _link("require")
    node.meets(link, 0)
    for k in range(200):
        payload = bytes(k % 40)
        link.receive(MS, struct.pack("<BBBBH", 0x11, k, k % 32, len(payload), k * 331 & 0xFFFF) + payload + bytes(8))
    assert sum(link.counters.values()) == 200
