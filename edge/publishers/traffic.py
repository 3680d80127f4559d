"""What waits for the broker, what is under way to it, and what goes next. No socket, no clock, no thread.

The lanes of `messages.py` meet here. The order in which they may go, and how much of each may be under way:

1. alerts, at once, whatever else waits; too old, they are dropped: nothing may sound for a rep that is over;
2. levels, the newest of each topic, one of a topic under way at a time;
3. the outbox, oldest first, leaving room for the others: what is live, then, at a measured pace, the back-log, and
   after it what a consumer asked to have again;
4. the stream, only while little of it waits for the socket: a slow broker makes screens coarse, not memory full.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from edge.clock import Instant
from edge.publishers.broker_connection import Packet
from edge.publishers.envelope import LATE_AFTER_S, RANDOM_BYTES, Minted, Origin, mint, seal
from edge.publishers.messages import Lane, Message
from edge.publishers.outbox import Outbox

UNDER_WAY_MAX = 20  # mosquitto's own limit for one client, and enough: each takes well under a ms on a local network
RESERVED = 4  # of these, for alerts and levels, which must not wait behind a back-log
STREAM_MAX = 10  # half a second of 20 a second
BACKLOG_MAX = 8  # under way, so that a live rep waits behind no more than these even at a slow broker
BACKLOG_PER_S = 500  # 50,000 rows in under two minutes, for about a twentieth of one core
BACKLOG_BURST = 50  # what may go at once after a pause: a tenth of a second's worth

HOLD_S = 10.0
"""After a refusal the outbox waits this long: rules are mended by people, and asking at every message helps nobody."""

Chance = Callable[[int], bytes]


class Carrier(Protocol):
    """What takes messages to the broker."""

    receive_max: int

    def publish(self, packet: Packet) -> int:
        """Take one; `Traffic.delivered` is told its number later."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A message with its identity. seq: in the outbox, else 0."""

    message: Message
    minted: Minted
    seq: int = 0
    is_backlog: bool = False


@dataclass(frozen=True, slots=True)
class _UnderWay:
    item: _Item
    handed_over_ns: int

    @property
    def lane(self) -> Lane:
        return self.item.message.route.lane


@dataclass(slots=True)
class TrafficCounters:
    """Since the start. Nothing is lost that is not counted here or in the outbox."""

    delivered: int = 0
    refused: int = 0
    alerts_too_old: int = 0
    stream_dropped: int = 0
    round_trip_ms: float | None = None


class Traffic:
    """The lanes of one box. All calls come from one thread.

    alert_delivered: told how long after its decision, s, the broker had an alert.
    """

    def __init__(self, origin: Origin, outbox: Outbox, chance: Chance) -> None:
        self.outbox = outbox
        self.counters = TrafficCounters()
        self._origin, self._chance = origin, chance
        self._alerts: deque[_Item] = deque()
        self._levels: dict[str, _Item] = {}
        self._stale_levels: dict[str, None] = {}  # topics whose newest the broker does not have yet, in order
        self._stream: dict[str, _Item] = {}
        self._replays: deque[_Item] = deque()
        self._under_way: dict[int, _UnderWay] = {}
        self._backlog_room = float(BACKLOG_BURST)
        self._backlog_room_ns = 0
        self._held_until_ns = 0
        self._must_be_proven = False
        self._unproven: dict[int, float] = {}
        self.alert_delivered: Callable[[float], None] = lambda _age_s: None

    def mint(self, message: Message, now: Instant, seq: int | None = None) -> Minted:
        """Give a message its identity."""
        return mint(message.body, self._origin, now, self._chance(RANDOM_BYTES), seq)

    def offer(self, message: Message, now: Instant) -> None:
        """Take a message of the pipeline or the box."""
        if message.route.lane is Lane.OUTBOX:
            self.outbox.put(message, lambda seq: self.mint(message, now, seq))
            return
        item = _Item(message, self.mint(message, now))
        match message.route.lane:
            case Lane.ALERT:
                self._alerts.append(item)
            case Lane.LEVEL:
                self._levels[message.topic] = item
                self._stale_levels[message.topic] = None
            case Lane.REPLAY:
                self._replays.append(item)
            case Lane.STREAM:
                self.counters.stream_dropped += message.topic in self._stream
                self._stream[message.topic] = item

    def connected(self, *, must_be_proven: bool = False) -> None:
        """A new connection: the broker may have lost what it retained, so all levels go again.

        must_be_proven: an acknowledgement says little, so that a row is done with only when `proven` tells so.
        """
        self._must_be_proven = must_be_proven
        self._stale_levels = dict.fromkeys(self._levels)
        self.counters.stream_dropped += len(self._stream)
        self._stream.clear()
        self._replays.clear()
        self.outbox.hand_out_again()

    def disconnected(self) -> None:
        """The connection is gone: what was under way waits again, the oldest first."""
        lost = [u.item for u in self._under_way.values() if u.lane is Lane.ALERT]
        self._under_way.clear()
        self._alerts.extendleft(reversed(lost))
        self._unproven.clear()
        self.outbox.hand_out_again()

    @property
    def replays_waiting(self) -> int:
        """Messages of a replay that are not handed over yet."""
        return len(self._replays)

    def proven(self, before_s: float) -> None:
        """What the broker had before this time has arrived."""
        for seq in [seq for seq, at_s in self._unproven.items() if at_s < before_s]:
            del self._unproven[seq]
            self.outbox.acknowledge(seq)

    def hold_outbox(self, now: Instant) -> None:
        """The broker refuses messages or loses them: those of the outbox wait, and then go again."""
        self._held_until_ns = now.mono_ns + round(HOLD_S * 1e9)
        self._unproven.clear()
        self._under_way = {n: u for n, u in self._under_way.items() if u.lane is not Lane.OUTBOX}
        self.outbox.hand_out_again()

    def pump(self, carrier: Carrier, now: Instant) -> float | None:
        """Hand over all that may go now. Returns after how many s there is more to hand over, if nothing happens."""
        limit = max(1, min(UNDER_WAY_MAX, carrier.receive_max))
        self.drop_old_alerts(now)
        while self._alerts and self._to_be_acknowledged() < limit:
            self._hand_over(carrier, self._alerts.popleft(), now)
        self._pump_levels(carrier, now, limit)
        pause_s = self._pump_outbox(carrier, now, max(1, limit - RESERVED))
        while self._stream and sum(u.lane is Lane.STREAM for u in self._under_way.values()) < STREAM_MAX:
            self._hand_over(carrier, self._stream.pop(next(iter(self._stream))), now)
        return pause_s

    def drop_old_alerts(self, now: Instant) -> None:
        """Give up alerts that waited too long, counted."""
        while self._alerts and self._alerts[0].minted.age_s(now) > LATE_AFTER_S:
            self._alerts.popleft()
            self.counters.alerts_too_old += 1

    def delivered(self, number: int, *, accepted: bool, now: Instant) -> None:
        """The broker has acknowledged a message, or a QoS 0 one left for it."""
        done = self._under_way.pop(number, None)
        if done is None:
            return
        self.counters.delivered += accepted
        self.counters.refused += not accepted
        if done.item.message.route.qos > 0:
            self.counters.round_trip_ms = (now.mono_ns - done.handed_over_ns) / 1e6
        if done.lane is Lane.ALERT and accepted:
            self.alert_delivered(done.item.minted.age_s(now))
        if done.lane is Lane.OUTBOX:
            self._settle(done.item.seq, accepted, now)

    def is_settled(self) -> bool:
        """Nothing waits and nothing is under way, the stream apart."""
        return not (self._alerts or self._stale_levels or len(self.outbox) or self._to_be_acknowledged())

    def _pump_levels(self, carrier: Carrier, now: Instant, limit: int) -> None:
        busy = {u.item.message.topic for u in self._under_way.values() if u.lane is Lane.LEVEL}
        for topic in [t for t in self._stale_levels if t not in busy]:
            if self._to_be_acknowledged() >= limit:
                return
            del self._stale_levels[topic]
            self._hand_over(carrier, self._levels[topic], now)

    def _settle(self, seq: int, accepted: bool, now: Instant) -> None:  # noqa: FBT001
        if not accepted:
            self.hold_outbox(now)
        elif self._must_be_proven:
            self._unproven[seq] = now.mono_ns / 1e9
        else:
            self.outbox.acknowledge(seq)

    def _pump_outbox(self, carrier: Carrier, now: Instant, limit: int) -> float | None:
        held_s = (self._held_until_ns - now.mono_ns) / 1e9
        if held_s > 0:
            return held_s
        for entry in self.outbox.take_live(max(0, limit - self._to_be_acknowledged())):
            self._hand_over(carrier, _Item(entry.message, entry.minted, entry.seq), now)
        return self._pump_backlog(carrier, now, limit)

    def _pump_backlog(self, carrier: Carrier, now: Instant, limit: int) -> float | None:
        passed_s = (now.mono_ns - self._backlog_room_ns) / 1e9
        self._backlog_room = min(BACKLOG_BURST, self._backlog_room + max(0.0, passed_s) * BACKLOG_PER_S)
        self._backlog_room_ns = now.mono_ns
        under_way = sum(u.item.is_backlog for u in self._under_way.values())
        room = min(BACKLOG_MAX - under_way, limit - self._to_be_acknowledged())
        if room <= 0:
            return None  # the next acknowledgement makes some
        room = min(room, int(self._backlog_room))
        items = [_Item(e.message, e.minted, e.seq, is_backlog=True) for e in self.outbox.take_backlog(room)]
        while self._replays and len(items) < room:
            items.append(replace(self._replays.popleft(), is_backlog=True))
        for item in items:
            self._hand_over(carrier, item, now)
        self._backlog_room -= len(items)
        return (1.0 - self._backlog_room) / BACKLOG_PER_S if self._backlog_room < 1.0 else None

    def _hand_over(self, carrier: Carrier, item: _Item, now: Instant) -> None:
        number = carrier.publish(packet_of(item.message, item.minted, now))
        self._under_way[number] = _UnderWay(item, now.mono_ns)

    def _to_be_acknowledged(self) -> int:
        return sum(u.item.message.route.qos > 0 for u in self._under_way.values())


def packet_of(message: Message, minted: Minted, now: Instant) -> Packet:
    """The PUBLISH of a message handed over now; what it waited here already is taken off its expiry."""
    route = message.route
    left_s = None if route.expiry_s is None else max(1, math.ceil(route.expiry_s - minted.age_s(now)))
    return Packet(
        topic=message.topic,
        payload=msgspec.json.encode(message.body) if route.plain else seal(minted, now),
        qos=route.qos,
        retain=route.retain,
        expiry_s=left_s,
        correlation=message.correlation,
    )
