"""What a native link says by itself: HELLO, STREAM, TIME_REQ and commands, and when."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from native_fake import CELLS, IMU_CHANNEL, MS, FakeNode, bare_link, framed_link, heard, heard_messages, told

from edge.ingest.native import NativeLink
from edge.ingest.native_requests import TIME_DITHER_NS, TimeRequests
from edge.ingest.native_types import Problem
from edge.samples import TimeExchange
from firmware_protocol.commands import RETRIES, RETRY_NS
from firmware_protocol.messages import Ack, Hello, Info, Payload, Status, Stream, Tare, TimeReq, TimeRsp
from firmware_protocol.registries import AckCode

SECOND = 1_000_000_000


def _timeline(link: NativeLink, until_ns: int, start_ns: int = 0) -> list[tuple[int, Payload]]:
    """What the link says on the 10 ms grid, with its times."""
    return [(t, payload) for t in range(start_ns, until_ns, 10 * MS) for payload in heard(link, t)]


def test_hello_is_said_each_second_until_info() -> None:
    """An unknown node is asked at once and each second, always with the same nonce, and nothing else is said."""
    said = _timeline(bare_link(), 3500 * MS)
    assert [t for t, _ in said] == [0, SECOND, 2 * SECOND, 3 * SECOND]
    assert len({payload.host_nonce for _, payload in said if isinstance(payload, Hello)}) == 1


def test_a_serial_line_begins_with_a_zero() -> None:
    """The first bytes on a line end whatever the node had half received; later frames need no zero before them."""
    link = framed_link()
    first, second = link.step(0)[0], link.step(SECOND)[0]
    assert (first.data[0], second.data[0] != 0, first.link, second.seq) == (0, True, "serial", 2)


def test_silence_of_a_second_asks_again_with_a_new_nonce() -> None:
    """A known node that says nothing for a second is asked who it is, as after a lost connection."""
    node, link = FakeNode(caps=0), bare_link()
    (hello,) = heard(link, 0)
    link.receive(10 * MS, node.info())
    said = [(t, p) for t, p in _timeline(link, 2000 * MS, 20 * MS) if isinstance(p, Hello)]
    assert [t for t, _ in said] == [1010 * MS]
    assert isinstance(hello, Hello)
    assert said[0][1].host_nonce != hello.host_nonce


def test_stream_follows_info_and_stops_being_said_when_acknowledged_and_flowing() -> None:
    """After INFO the node is told to stream what plays a role; with an answer and data it is told no more."""
    node, link = FakeNode(caps=0), bare_link()
    link.receive(0, node.info())
    ((message, stream),) = heard_messages(link, 0)
    assert stream == Stream(1 << 1, 20_000)
    link.receive(1 * MS, node.say(Ack(message.type, message.seq, 0, 0)))
    said = []
    for k in range(100):
        link.receive((40 * k + 2) * MS, node.imu(40_000 * k))
        said += heard(link, (40 * k + 10) * MS)
    assert said == []


def test_load_cells_and_sled_may_be_a_little_older() -> None:
    """Only thigh and shank need batches of 20 ms; others save air with 40 ms."""
    link = bare_link()
    link.receive(0, FakeNode(*CELLS, caps=0).info())
    assert heard(link, 0) == [Stream(0b11110, 40_000)]
    sled = bare_link()
    sled.receive(0, FakeNode(IMU_CHANNEL._replace(placement=1), caps=0).info())
    assert heard(sled, 0) == [Stream(0b10, 40_000)]


def test_an_unanswered_stream_is_repeated_with_the_same_number_then_anew() -> None:
    """Retries carry the same seq, so that the node acts once; a channel that stays dark is asked for again later."""
    node, link = FakeNode(caps=0), bare_link()
    link.receive(0, node.info())
    said = []
    for t in range(0, 4000, 10):
        if t % 500 == 0:
            link.receive(t * MS, node.say(Status(1, 1, 1, 0, 1, 0, 0)))
        said += [(t, m.seq) for m, p in heard_messages(link, t * MS) if isinstance(p, Stream)]
    retry = RETRY_NS // MS
    assert [t for t, _ in said] == [t0 + k * retry for t0 in (0, 2000) for k in range(RETRIES + 1)]
    assert len({seq for _, seq in said}) == 2


def test_a_node_without_any_role_is_left_alone() -> None:
    """A node that plays no role is known, and is not told to stream."""
    link = bare_link()
    link.receive(0, FakeNode(IMU_CHANNEL._replace(placement=0), caps=0).info())
    assert _timeline(link, 900 * MS) == []


def test_time_is_asked_eight_times_at_once_then_each_second() -> None:
    """A burst of eight within a second of INFO, then one a second, never with a token twice."""
    requests = TimeRequests(Random(4))  # noqa: S311
    requests.start(0)
    tokens = [(t, token) for t in range(0, 30 * SECOND, 10 * MS) if (token := requests.due(t)) is not None]
    burst = [t for t, _ in tokens if t < SECOND]
    assert len(burst) == 8
    later = [t for t, _ in tokens[7:]]
    gaps = [b - a for a, b in pairwise(later)]
    assert all(SECOND <= gap <= SECOND + TIME_DITHER_NS + 10 * MS for gap in gaps)
    assert len({token for _, token in tokens}) == len(tokens)


def test_an_exchange_bounds_the_clock_by_when_it_really_left() -> None:
    """`sent` replaces the time of asking, and the answer comes out with the four times of the exchange."""
    node, link = FakeNode(), bare_link()
    link.receive(0, node.info())
    send = next(s for s in link.step(10 * MS) if s.data[1] == 0x04)
    link.sent(13 * MS, send.seq)
    token = int.from_bytes(send.data[6:8], "little")
    (exchange,) = link.receive(40 * MS, node.say(TimeRsp(token, 99_000_000, 700)))
    assert exchange == TimeExchange("left_shank", 13 * MS, 99_000_000, 700, 40 * MS, 0)
    assert link.receive(50 * MS, node.say(TimeRsp(token, 99_000_000, 700))) == []
    assert link.counters["unexpected_time"] == 1


def test_without_word_of_sending_the_time_of_asking_stands() -> None:
    """Where `sent` never comes the bound is wider but true."""
    node, link = FakeNode(), bare_link()
    link.receive(0, node.info())
    (token,) = [p.token for p in heard(link, 10 * MS) if isinstance(p, TimeReq)]
    (exchange,) = link.receive(40 * MS, node.say(TimeRsp(token, 99_000_000, 700)))
    assert isinstance(exchange, TimeExchange)
    assert exchange.sent_ns == 10 * MS


def test_a_node_that_cannot_tell_time_is_not_asked() -> None:
    """Without the TIME_SYNC capability no TIME_REQ is sent."""
    link = bare_link()
    link.receive(0, FakeNode(caps=0).info())
    assert not any(isinstance(p, TimeReq) for _, p in _timeline(link, 900 * MS))


def test_a_clock_that_went_back_by_the_exchange_is_a_restart() -> None:
    """A 64-bit time far before what is known begins a new boot, and the exchange belongs to it."""
    node, link = FakeNode(), bare_link()
    link.receive(0, node.info())
    tokens = [p.token for _, p in _timeline(link, 500 * MS) if isinstance(p, TimeReq)]
    link.receive(500 * MS, node.say(TimeRsp(tokens[0], 60_000_000, 0)))
    (exchange,) = link.receive(510 * MS, node.say(TimeRsp(tokens[1], 1_000_000, 0)))
    assert isinstance(exchange, TimeExchange)
    assert (exchange.boot, exchange.rx_device_us) == (1, 1_000_000)


def test_another_major_version_is_told_once() -> None:
    """A node of a version that the host does not speak is named once, by INFO or by ACK 11, and not streamed."""
    for answer in (Info(2, 0, 1, 1, 1, 0, 244, 0, bytes(8), ()), Ack(1, 0, AckCode.VERSION, 0)):
        node, link = FakeNode(), bare_link()
        problems = [p for k in range(3) for p in told(link.receive(k, node.say(answer)), Problem)]
        assert [p.kind for p in problems if isinstance(p, Problem)] == ["version"]
        assert not any(isinstance(p, Stream) for _, p in _timeline(link, 100 * MS))


def test_nodes_behind_a_hub_are_asked_through_it() -> None:
    """What is said to a relayed node travels as RELAY with its number, one sequence on the hub's channel 0."""
    hub, node, link = FakeNode(caps=0), FakeNode(caps=0), bare_link()
    link.receive(0, hub.info())
    heard(link, 0)
    link.receive(MS, hub.relayed(5, node.info()))
    relays = [p for p in heard(link, 10 * MS) if type(p).__name__ == "Relay"]
    assert [(r.sub, r.inner[1]) for r in relays] == [(5, 0x23)]


def test_commands_end_with_the_nodes_answer() -> None:
    """An ACK, always on channel 0, is the outcome of the command it names; one that names none is counted."""
    node, link = FakeNode(IMU_CHANNEL._replace(placement=0), caps=0), bare_link()
    link.receive(0, node.info())
    ticket = link.submit(Tare(10, 0), chan=1)
    ((tare, _),) = heard_messages(link, 0)
    link.receive(MS, node.say(Ack(0x24, tare.seq + 1, AckCode.OK, 9)))
    link.receive(MS, node.say(Ack(0x24, tare.seq, AckCode.OK, 9)))
    assert [(o.ticket, o.ack.detail) for o in link.outcomes() if o.ack] == [(ticket, 9)]
    assert (tare.chan, link.counters["unexpected_ack"]) == (1, 1)


def test_restart_gives_up_what_was_asked() -> None:
    """Commands to a node that restarts end unanswered: it knows nothing of them."""
    node, link = FakeNode(IMU_CHANNEL._replace(placement=0), caps=0), bare_link()
    link.receive(0, node.info())
    ticket = link.submit(Tare(10, 0), chan=1)
    heard(link, 0)
    node.boot += 1
    link.receive(MS, node.info())
    assert [(o.ticket, o.ack) for o in link.outcomes()] == [(ticket, None)]
