"""The lanes to the broker, on a timeline, with a carrier that only writes down what it is given."""

from __future__ import annotations

import json

import msgspec
import pytest
from example_events import ALERT, LIVE, REP, STATE

from edge.clock import Instant
from edge.publishers.broker_connection import Packet
from edge.publishers.envelope import Origin
from edge.publishers.messages import MachineMessages, Message
from edge.publishers.outbox import MemoryOutbox
from edge.publishers.traffic import (
    BACKLOG_BURST,
    BACKLOG_MAX,
    BACKLOG_PER_S,
    HOLD_S,
    RESERVED,
    STREAM_MAX,
    UNDER_WAY_MAX,
    Traffic,
)


class Carrier:
    """A connection that takes everything."""

    def __init__(self, receive_max: int = 65_535) -> None:
        self.receive_max = receive_max
        self.packets: list[Packet] = []

    def publish(self, packet: Packet) -> int:
        self.packets.append(packet)
        return len(self.packets)

    def topics(self) -> list[str]:
        return [packet.topic.rpartition("/")[2] for packet in self.packets]

    def payloads(self) -> list[dict[str, object]]:
        return [json.loads(packet.payload) for packet in self.packets]


def at(t_s: float) -> Instant:
    """The clocks at t_s."""
    return Instant(round(t_s * 1e9), round(t_s * 1e9) + 10**18, synced=True)


def message(event: msgspec.Struct, t_s: float = 0.0) -> Message:
    """The first message of an event, decided at t_s."""
    return MachineMessages("g", "m").of(msgspec.structs.replace(event, t_s=t_s))[0]  # type: ignore[arg-type]


@pytest.fixture
def traffic() -> Traffic:
    """Empty lanes."""
    return Traffic(Origin("box", "boot"), MemoryOutbox(), bytes)


def test_outbox_goes_in_order_and_is_acknowledged(traffic: Traffic) -> None:
    """Reps leave oldest first with their numbers, and are kept until the broker has them."""
    carrier = Carrier()
    for _ in range(3):
        traffic.offer(message(REP), at(0))
    traffic.pump(carrier, at(0))
    assert [p["seq"] for p in carrier.payloads()] == [1, 2, 3]
    assert len(traffic.outbox) == 3
    for number in (1, 2, 3):
        assert not traffic.is_settled()
        traffic.delivered(number, accepted=True, now=at(0.002))
    assert traffic.is_settled()
    assert traffic.counters.delivered == 3
    assert traffic.counters.round_trip_ms == 2.0


def test_alerts_pass_a_back_log(traffic: Traffic) -> None:
    """However much waits in the outbox, an alert finds room at once, and goes first."""
    carrier = Carrier()
    for _ in range(100):
        traffic.offer(message(REP), at(0))
    traffic.pump(carrier, at(0))
    assert carrier.topics() == ["rep"] * (UNDER_WAY_MAX - RESERVED)
    for _ in range(RESERVED + 1):
        traffic.offer(message(ALERT), at(0))
    traffic.pump(carrier, at(0))
    assert carrier.topics()[-RESERVED:] == ["alert"] * RESERVED
    assert len(carrier.packets) == UNDER_WAY_MAX
    traffic.delivered(1, accepted=True, now=at(0))
    traffic.pump(carrier, at(0))
    assert carrier.topics()[UNDER_WAY_MAX:] == ["alert"]


def test_a_broker_that_takes_one_at_a_time(traffic: Traffic) -> None:
    """No more is under way than the broker said it takes."""
    carrier = Carrier(receive_max=1)
    traffic.offer(message(REP), at(0))
    traffic.offer(message(ALERT), at(0))
    traffic.pump(carrier, at(0))
    assert carrier.topics() == ["alert"]
    traffic.delivered(1, accepted=True, now=at(0))
    traffic.pump(carrier, at(0))
    assert carrier.topics() == ["alert", "rep"]


@pytest.mark.parametrize(("waited_s", "sent"), [(5.0, 1), (5.001, 0)])
def test_alert_that_waited_is_dropped(traffic: Traffic, waited_s: float, sent: int) -> None:
    """Five seconds after its decision an alert may still go; later it is given up and counted."""
    carrier = Carrier()
    traffic.offer(message(ALERT), at(0))
    traffic.pump(carrier, at(waited_s))
    assert len(carrier.packets) == sent
    assert traffic.counters.alerts_too_old == 1 - sent


def test_alert_under_way_is_not_sent_again_when_old(traffic: Traffic) -> None:
    """An alert whose connection was lost goes again while fresh, with the same id, and never later."""
    first, second, third = Carrier(), Carrier(), Carrier()
    traffic.offer(message(ALERT), at(0))
    traffic.pump(first, at(0))
    traffic.disconnected()
    traffic.pump(second, at(2))
    assert second.payloads()[0]["id"] == first.payloads()[0]["id"]
    traffic.disconnected()
    traffic.pump(third, at(9))
    assert third.packets == []
    assert traffic.counters.alerts_too_old == 1


def test_alerts_resent_keep_their_order(traffic: Traffic) -> None:
    """Alerts under way go again before the ones that waited, in the order of their decisions."""
    first, second = Carrier(), Carrier()
    for i in range(3):
        traffic.offer(message(ALERT, i / 10), at(0.3))
    traffic.pump(first, at(0.3))
    traffic.offer(message(ALERT, 0.5), at(0.5))
    traffic.disconnected()
    traffic.pump(second, at(0.6))
    assert [p["t_s"] for p in second.payloads()] == [0.0, 0.1, 0.2, 0.5]


@pytest.mark.parametrize(("waited_s", "expiry_s"), [(0.0, 5), (0.5, 5), (3.2, 2), (4.9, 1)])
def test_waiting_counts_against_the_expiry(traffic: Traffic, waited_s: float, expiry_s: int) -> None:
    """The broker may keep an alert only for what is left of its five seconds."""
    carrier = Carrier()
    traffic.offer(message(ALERT), at(0))
    traffic.pump(carrier, at(waited_s))
    assert carrier.packets[0].expiry_s == expiry_s


def test_back_log_is_sent_again_with_its_ids_and_marked_late(traffic: Traffic) -> None:
    """Reps not acknowledged go again after a lost connection, same id and number, and say that they are late."""
    first, second = Carrier(), Carrier()
    traffic.offer(message(REP), at(0))
    traffic.pump(first, at(0))
    traffic.disconnected()
    traffic.pump(second, at(60))
    before, after = first.payloads()[0], second.payloads()[0]
    assert (before["id"], before["seq"]) == (after["id"], after["seq"])
    assert (before["late"], after["late"]) == (False, True)


def test_live_reps_pass_the_back_log(traffic: Traffic) -> None:
    """Few of the back-log are under way at a time, and a rep made now goes before the rest of it."""
    carrier = Carrier()
    for _ in range(100):
        traffic.offer(message(REP), at(0))
    traffic.connected()
    traffic.pump(carrier, at(1))
    assert [p["seq"] for p in carrier.payloads()] == list(range(1, BACKLOG_MAX + 1))
    traffic.offer(message(REP, 1.0), at(1))
    traffic.pump(carrier, at(1))
    traffic.delivered(1, accepted=True, now=at(1))
    traffic.pump(carrier, at(1))
    assert [p["seq"] for p in carrier.payloads()[BACKLOG_MAX:]] == [101, BACKLOG_MAX + 1]


def test_back_log_is_paced(traffic: Traffic) -> None:
    """However fast the broker takes it, the back-log leaves at its measured pace; the pause says when more may go."""
    carrier, now_s = Carrier(), 100.0
    for _ in range(1000):
        traffic.offer(message(REP), at(0))
    traffic.connected()
    while len(traffic.outbox):
        before = len(carrier.packets)
        pause_s = traffic.pump(carrier, at(now_s))
        for number in range(before + 1, len(carrier.packets) + 1):
            traffic.delivered(number, accepted=True, now=at(now_s))
        if len(carrier.packets) == before:
            assert pause_s is not None
            now_s += pause_s
    took_s = now_s - 100.0
    assert took_s == pytest.approx((1000 - BACKLOG_BURST) / BACKLOG_PER_S, rel=0.01)
    assert [p["seq"] for p in carrier.payloads()] == list(range(1, 1001))


def test_level_keeps_its_newest(traffic: Traffic) -> None:
    """While the broker is away states overwrite each other; one goes at connect, one again at the next connect."""
    carrier = Carrier()
    for rep in range(5):
        traffic.offer(message(msgspec.structs.replace(STATE, rep=rep)), at(rep))
    traffic.pump(carrier, at(5))
    assert [p["rep"] for p in carrier.payloads()] == [4]
    traffic.disconnected()
    traffic.connected()
    traffic.pump(carrier, at(6))
    assert [p["rep"] for p in carrier.payloads()] == [4, 4]


def test_level_waits_for_the_one_before(traffic: Traffic) -> None:
    """One state of a topic is under way at a time, so the last that arrives is the newest."""
    carrier = Carrier()
    for rep in range(3):
        traffic.offer(message(msgspec.structs.replace(STATE, rep=rep)), at(rep))
        traffic.pump(carrier, at(rep))
    assert [p["rep"] for p in carrier.payloads()] == [0]
    traffic.delivered(1, accepted=True, now=at(3))
    traffic.pump(carrier, at(3))
    assert [p["rep"] for p in carrier.payloads()] == [0, 2]


def test_stream_is_dropped_rather_than_queued(traffic: Traffic) -> None:
    """Joint angles that a slow broker does not take are dropped, counted; the newest goes when there is room."""
    carrier = Carrier()
    for i in range(STREAM_MAX + 5):
        traffic.offer(message(LIVE, float(i)), at(i))
        traffic.pump(carrier, at(i))
    assert len(carrier.packets) == STREAM_MAX
    assert traffic.counters.stream_dropped == 4
    traffic.delivered(1, accepted=True, now=at(20))
    traffic.pump(carrier, at(20))
    assert carrier.payloads()[-1]["t_s"] == STREAM_MAX + 4


def test_stream_of_before_the_connection_is_not_sent(traffic: Traffic) -> None:
    """Screens get what is, not what was when the broker was away."""
    carrier = Carrier()
    traffic.offer(message(LIVE), at(0))
    traffic.connected()
    traffic.pump(carrier, at(0.1))
    assert carrier.packets == []
    assert traffic.counters.stream_dropped == 1


def test_refused_rep_is_kept_and_blocks_nothing_else(traffic: Traffic) -> None:
    """A rep that the broker's rules refuse is counted, stays, and is tried again later; alerts pass meanwhile."""
    carrier = Carrier()
    traffic.offer(message(REP), at(0))
    traffic.pump(carrier, at(0))
    traffic.delivered(1, accepted=False, now=at(0))
    assert (traffic.counters.refused, traffic.counters.delivered, len(traffic.outbox)) == (1, 0, 1)
    traffic.offer(message(ALERT), at(0))
    assert traffic.pump(carrier, at(HOLD_S - 1)) == 1
    assert carrier.topics() == ["rep"]  # the alert is too old by now, and dropped
    traffic.offer(message(ALERT, HOLD_S - 1), at(HOLD_S - 1))
    traffic.pump(carrier, at(HOLD_S - 1))
    traffic.pump(carrier, at(HOLD_S))
    assert carrier.topics() == ["rep", "alert", "rep"]


def test_acknowledged_rep_waits_for_its_proof(traffic: Traffic) -> None:
    """Where acknowledgements say little a rep is done with once a later echo has come back, and not by an earlier."""
    carrier = Carrier()
    traffic.connected(must_be_proven=True)
    traffic.offer(message(REP), at(0))
    traffic.pump(carrier, at(0))
    traffic.delivered(1, accepted=True, now=at(0.5))
    traffic.proven(before_s=0.5)
    assert len(traffic.outbox) == 1
    traffic.proven(before_s=0.6)
    assert len(traffic.outbox) == 0


def test_unproven_rep_goes_again(traffic: Traffic) -> None:
    """What was acknowledged and never proven is sent again on the next connection."""
    carrier = Carrier()
    traffic.connected(must_be_proven=True)
    traffic.offer(message(REP), at(0))
    traffic.pump(carrier, at(0))
    traffic.delivered(1, accepted=True, now=at(0.5))
    traffic.disconnected()
    traffic.connected()
    traffic.pump(carrier, at(2))
    assert [p["seq"] for p in carrier.payloads()] == [1, 1]


def test_unknown_number_is_ignored(traffic: Traffic) -> None:
    """An acknowledgement of a connection that is gone changes nothing."""
    traffic.delivered(42, accepted=True, now=at(0))
    assert traffic.counters.delivered == 0
