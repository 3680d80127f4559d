"""Virtual nodes: they play a session in the native wire protocol and answer a host, as firmware would.

Pure objects: bytes in by `receive`, bytes out of `advance`, and time as an argument. A node plays from the first STREAM
on, so that the lifter begins when somebody looks; nodes on one `Stage` wait for each other. For a faster play hand in
faster time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from edge.simulator.feeds import Feed
from firmware_protocol import wire
from firmware_protocol.errors import ProtocolError
from firmware_protocol.framing import BareDecoder, Decoder, FramedDecoder, frame
from firmware_protocol.messages import (
    TYPES,
    Ack,
    Buzz,
    CfgGet,
    Hello,
    Identify,
    ImuBatch,
    Info,
    LoadBatch,
    Payload,
    Reboot,
    Status,
    Stream,
    Tare,
    TimeReq,
    TimeRsp,
)
from firmware_protocol.registries import AckCode, Caps, ChannelKind, HwClass, NodeState

MAJOR, MINOR, FIRMWARE = 1, 0, 0x01000000
IMU_PER_BATCH, LOADS_PER_BATCH = 18, 56  # what fits a notification at ATT_MTU 247
INFO_EVERY_NS, STATUS_EVERY_NS = 5_000_000_000, 1_000_000_000
ANSWERS_KEPT = 4
REBOOT_MAGIC = 0x544F4F42
COMMANDS = (Stream, Tare, Identify, Buzz, Reboot)
TEMPERATURE_C100, UNKNOWN_PCT = 2450, 255


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """Who a node is. framed: on a serial line (COBS and CRC), else bare as on GATT. clock_ppm: its crystal's error.

    battery_pct: 255 where it does not know.
    """

    node_id: int
    hw_class: HwClass = HwClass.WIRED_HUB
    framed: bool = True
    clock_ppm: float = 0.0
    clock_zero_us: int = 0
    max_msg: int = 269
    latency_s: float = 0.0
    battery_pct: int = UNKNOWN_PCT
    seed: int = 0


class Stage:
    """Nodes that play one session together: it begins when the last of them has been told to stream."""

    def __init__(self, players: int = 1) -> None:
        self.from_ns: int | None = None
        self._players = players
        self._ready: set[int] = set()

    def ready(self, node_id: int, t_ns: int) -> None:
        """A node has been told to stream."""
        self._ready.add(node_id)
        if self.from_ns is None and len(self._ready) == self._players:
            self.from_ns = t_ns


@dataclass(slots=True)
class _Taring:
    """A tare under way: the samples it still waits for."""

    chan: int
    seq: int
    left: int
    seen: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Buzzed:
    """A cue that the node has played: when (ns of the caller's time), and the command."""

    t_ns: int
    buzz: Buzz


class VirtualNode:
    """One node, or one wired hub with many channels.

    buzzed, identified: what it was told to show, for tests. dropped: what it could not read, by reason.
    """

    def __init__(self, settings: NodeSettings, feeds: list[Feed], stage: Stage | None = None) -> None:
        self.settings = settings
        self.stage = stage or Stage()
        self.buzzed: list[Buzzed] = []
        self.identified: list[int] = []
        self.plugged = True
        self._feeds = {feed.channel.chan: feed for feed in feeds}
        self._random = np.random.default_rng([settings.seed, settings.node_id & 0xFFFFFFFF])
        self._boots = 0
        self._out: list[bytes] = []
        self._boot(None)

    @property
    def streaming(self) -> bool:
        """Whether any channel is being sent."""
        return bool(self._next)

    def play_s(self, t_ns: int) -> float:
        """How far the session has been played, s; 0 before the first STREAM."""
        return 0.0 if self.stage.from_ns is None else (t_ns - self.stage.from_ns) / 1e9

    def restart(self, t_ns: int) -> None:
        """Power goes off and on: streaming, tares and the clock begin anew; the body goes on moving."""
        self._boot(t_ns)

    def unplug(self) -> None:
        """Nothing comes and nothing is heard until `plug_in`."""
        self.plugged = False

    def plug_in(self, t_ns: int) -> None:
        """Back on the line, freshly started: the line had also carried the power."""
        self.plugged = True
        self._boot(t_ns)

    def link_lost(self) -> None:
        """A host on Bluetooth is gone: streaming stops, and whoever comes next must say HELLO."""
        self._next.clear()
        self._out.clear()
        self._greeted = False

    def receive(self, t_ns: int, data: bytes) -> None:
        """Bytes from the host, arrived at t_ns. Answers come out of the next `advance`."""
        if not self.plugged:
            return
        self._start_clock(t_ns)
        for message in self._decoder.feed(data):
            self._answer(t_ns, message)

    def advance(self, t_ns: int) -> bytes:
        """Everything that the node has sent up to t_ns, as one run of bytes. Call it every few ms."""
        return b"".join(self.advance_messages(t_ns))

    def advance_messages(self, t_ns: int) -> list[bytes]:
        """As `advance`, one item a frame or notification."""
        if not self.plugged:
            return []
        self._start_clock(t_ns)
        self._announce(t_ns)
        for chan in list(self._next):
            self._play(chan, t_ns)
        out, self._out = self._out, []
        return out

    def device_us(self, t_ns: int) -> int:
        """What the node's clock reads at t_ns (64 bits)."""
        since = t_ns - (self._booted_ns or 0)
        zero = self.settings.clock_zero_us if self._boots == 1 else self._restart_zero_us
        return zero + round(since / 1000 * (1 + self.settings.clock_ppm * 1e-6))

    def _boot(self, t_ns: int | None) -> None:
        self._boots += 1
        self._booted_ns = t_ns
        self._restart_zero_us = int(self._random.integers(10_000, 900_000))
        self._nonce = self._random.bytes(8)
        self.dropped = (FramedDecoder if self.settings.framed else BareDecoder)().dropped
        self._decoder: Decoder = (FramedDecoder if self.settings.framed else BareDecoder)(self.dropped)
        self._out = [b"\0"] if self.settings.framed else []
        self._seq: dict[int, int] = {}
        self._next: dict[int, int] = {}
        self._per_batch: dict[int, int] = {}
        self._tare: dict[int, int] = {}
        self._taring: list[_Taring] = []
        self._answers: OrderedDict[tuple[int, int, int], Ack] = OrderedDict()
        self._greeted = False
        self._info_due_ns = self._status_due_ns = t_ns or 0

    def _start_clock(self, t_ns: int) -> None:
        if self._booted_ns is None:
            self._booted_ns = self._info_due_ns = self._status_due_ns = t_ns

    def _say(self, payload: Payload, chan: int = 0) -> None:
        seq = self._seq.get(chan, 0)
        self._seq[chan] = (seq + 1) & 0xFFFF
        message = wire.encode(payload, chan=chan, seq=seq)
        self._out.append(frame(message) if self.settings.framed else message)

    def info(self) -> Info:
        """How the node introduces itself."""
        caps = Caps.BUZZ | Caps.TIME_SYNC
        for feed in self._feeds.values():
            caps |= Caps.LOAD | Caps.TARE if feed.channel.kind == ChannelKind.LOAD else Caps.IMU
        s, channels = self.settings, tuple(feed.channel for feed in self._feeds.values())
        return Info(
            MAJOR, MINOR, s.hw_class, s.node_id, FIRMWARE, caps, s.max_msg, self._boots & 0xFFFF, self._nonce, channels
        )

    def _announce(self, t_ns: int) -> None:
        """INFO until somebody says HELLO; STATUS once a second after that."""
        if not self._greeted and t_ns >= self._info_due_ns:
            self._say(self.info())
            self._info_due_ns += INFO_EVERY_NS
        if self._greeted and t_ns >= self._status_due_ns:
            self._status(t_ns)
            self._status_due_ns = t_ns + STATUS_EVERY_NS

    def _status(self, t_ns: int) -> None:
        state = NodeState.STREAMING if self.streaming else NodeState.IDLE
        uptime = (t_ns - (self._booted_ns or t_ns)) // 1_000_000_000
        self._say(Status(uptime, 0, self.settings.battery_pct, state, TEMPERATURE_C100, 0, 0))

    def _answer(self, t_ns: int, message: wire.Message) -> None:
        try:
            payload = wire.read(message)
        except wire.UnknownTypeError:
            self._say(Ack(message.type, message.seq, AckCode.UNKNOWN_TYPE, 0))
            return
        except ProtocolError:
            self._say(Ack(message.type, message.seq, AckCode.BAD_LENGTH, 0))
            return
        if isinstance(payload, Hello):
            self._greet(t_ns, message, payload)
        elif isinstance(payload, TimeReq):
            self._say(TimeRsp(payload.token, self.device_us(t_ns), 0))
        elif isinstance(payload, CfgGet):
            self._say(Ack(message.type, message.seq, AckCode.UNKNOWN_KEY, 0))
        elif isinstance(payload, COMMANDS):
            self._command(t_ns, message, payload)
        else:
            self._say(Ack(message.type, message.seq, AckCode.UNKNOWN_TYPE, 0))

    def _greet(self, t_ns: int, message: wire.Message, hello: Hello) -> None:
        if not hello.min_major <= MAJOR <= hello.max_major:
            self._say(Ack(message.type, message.seq, AckCode.VERSION, 0))
        self._greeted = True
        if self.settings.framed:
            self._out.append(b"\0")  # a host that has just opened the line begins to read behind a zero
        self._say(self.info())
        self._status(t_ns)

    def _command(self, t_ns: int, message: wire.Message, payload: Payload) -> None:
        """Acts once; a repeated command gets the same answer again."""
        key = (message.type, message.chan, message.seq)
        if any(taring.chan == message.chan and taring.seq == message.seq for taring in self._taring):
            return
        known = self._answers.get(key)
        if known is not None:
            self._say(known)
            return
        code = self._act(t_ns, message, payload)
        if code is not None:
            self._done(key, Ack(message.type, message.seq, code, 0))
        if isinstance(payload, Reboot) and code == AckCode.OK:
            out, self._out = self._out, []
            self._boot(t_ns)
            self._out = out + self._out

    def _done(self, key: tuple[int, int, int], ack: Ack) -> None:
        self._answers[key] = ack
        while len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)
        self._say(ack)

    def _act(self, t_ns: int, message: wire.Message, payload: Payload) -> AckCode | None:
        """Does what a command says; None where the answer comes later."""
        if isinstance(payload, Stream):
            return self._stream(t_ns, payload)
        if isinstance(payload, Tare):
            return self._begin_tare(message, payload)
        if isinstance(payload, Buzz):
            return self._buzz(t_ns, payload)
        if isinstance(payload, Identify):
            self.identified.append(payload.seconds)
        wrong = isinstance(payload, Reboot) and payload.magic != REBOOT_MAGIC
        return AckCode.OUT_OF_RANGE if wrong else AckCode.OK

    def _begin_tare(self, message: wire.Message, tare: Tare) -> AckCode | None:
        feed = self._feeds.get(message.chan)
        if feed is None or feed.channel.kind != ChannelKind.LOAD:
            return AckCode.OUT_OF_RANGE
        if message.chan not in self._next:
            return AckCode.WRONG_STATE
        self._taring.append(_Taring(message.chan, message.seq, max(tare.samples, 1)))
        return None

    def _buzz(self, t_ns: int, buzz: Buzz) -> AckCode:
        late = (self.device_us(t_ns) - buzz.valid_until_us) & 0xFFFFFFFF
        if 0 < late < 0x80000000:
            return AckCode.EXPIRED
        self.buzzed.append(Buzzed(t_ns, buzz))
        return AckCode.OK

    def _stream(self, t_ns: int, command: Stream) -> AckCode:
        wanted = [chan for chan in self._feeds if command.channel_mask >> chan & 1]
        if wanted:
            self.stage.ready(self.settings.node_id, t_ns)
        now = self.play_s(t_ns)
        self._next = {chan: self._next.get(chan, self._feeds[chan].first_after(now)) for chan in wanted}
        for chan in wanted:
            channel = self._feeds[chan].channel
            most = LOADS_PER_BATCH if channel.kind == ChannelKind.LOAD else IMU_PER_BATCH
            self._per_batch[chan] = min(1 + command.batch_us * 1000 // channel.period_ns, most)
        self._status_due_ns = t_ns
        return AckCode.OK

    def _play(self, chan: int, t_ns: int) -> None:
        """Sends every batch of a channel that is complete by now."""
        if self.stage.from_ns is None:
            return
        feed, end = self._feeds[chan], self._feeds[chan].ends_at()
        ready_s = self.play_s(t_ns) - self.settings.latency_s
        while True:
            first, count = self._next[chan], self._per_batch[chan]
            if end is not None and first + count > end:
                return
            if feed.row(first + count - 1)[1] > ready_s:
                return
            rows = [feed.row(first + k) for k in range(count)]
            whole = next((k for k in range(1, count) if rows[k][2] != rows[k - 1][2] + 1), count)
            self._next[chan] = first + whole
            self._send_batch(feed, rows[:whole])

    def _send_batch(self, feed: Feed, rows: list[tuple[int, float, int]]) -> None:
        channel, played = feed.channel, self.stage.from_ns or 0
        first_us, last_us = (self.device_us(played + round(rows[k][1] * 1e9)) for k in (0, -1))
        period = round((last_us - first_us) * 1000 / (len(rows) - 1)) if len(rows) > 1 else channel.period_ns
        counts = feed.counts[[row for row, _, _ in rows]]
        head = (first_us & 0xFFFFFFFF, period, rows[0][2] & 0xFFFF, 0)
        if channel.kind == ChannelKind.LOAD:
            raw = counts.astype(np.int64)[:, 0]
            self._gather(channel.chan, raw.tolist())
            tared = (raw - self._tare.get(channel.chan, 0)).astype("<i4")
            self._say(LoadBatch(*head, tared.tobytes()), channel.chan)
        else:
            self._say(ImuBatch(*head, counts.tobytes(), None), channel.chan)

    def _gather(self, chan: int, counts: list[int]) -> None:
        """Feeds a tare that waits on this channel, and answers it when it has enough."""
        for taring in [one for one in self._taring if one.chan == chan]:
            taring.seen += counts[: taring.left]
            taring.left -= len(counts[: taring.left])
            if taring.left <= 0:
                self._taring.remove(taring)
                self._tare[chan] = round(float(np.mean(taring.seen)))
                noise = min(round(float(np.std(taring.seen))), 0xFFFF)
                self._done((TYPES[Tare], chan, taring.seq), Ack(TYPES[Tare], taring.seq, AckCode.OK, noise))
