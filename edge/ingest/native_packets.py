"""Messages of the native protocol as packets, for looking at captured bytes.

The live path with sequences, clocks and commands is elsewhere; here each message is read as it stands, by the channels
that the node's INFO described before it. Nodes behind a hub (RELAY) have their own.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from edge.ingest.packets import ErrorPacket, ImuPacket, Json, LoadPacket, MessagePacket, Packet, truncated
from firmware_protocol import messages as m
from firmware_protocol import scaling
from firmware_protocol.errors import ProtocolError
from firmware_protocol.framing import FramedDecoder
from firmware_protocol.wire import FLAG_AUTH, HEADER, HEADER_SIZE, TAG_SIZE, Message, UnknownTypeError, cut, read

_IMU_KINDS = (1, 3)
_LOAD_KIND = 2
_RAW_COUNTS = 0x01
_REASONS = {
    "version": "another major version of the protocol",
    "incompatible": "an incompatible flag that this version does not know",
    "channel": "length: a channel number over 31",
    "truncated": "truncated: the message is shorter than its length says",
    "crc": "checksum: the frame's CRC-32 is wrong",
    "cobs": "framing: a COBS code points beyond the frame",
    "too_long": "length: the frame is longer than any message",
}


def _errors(dropped: Counter[str]) -> list[Packet]:
    """What a decoder dropped, as errors; the counter is emptied."""
    errors: list[Packet] = [ErrorPacket(_REASONS.get(reason, reason)) for reason in dropped.elements()]
    dropped.clear()
    return errors


def _json(value: Any) -> Json:
    """A field of a message, ready for JSON: bytes become hex, tuples with names become objects."""
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "_asdict"):
        return {name: _json(field) for name, field in value._asdict().items()}
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return value if isinstance(value, int | str) else None


class _Node:
    """The channels of one node, as its INFO described them."""

    def __init__(self) -> None:
        self._channels: dict[int, m.Channel] = {}
        self._behind: dict[int, _Node] = {}

    def packets(self, message: Message) -> list[Packet]:
        """What one message says."""
        try:
            payload = read(message)
        except UnknownTypeError:
            return [MessagePacket("unknown", {"type": message.type, "payload": message.payload.hex()})]
        except ProtocolError as error:
            return [ErrorPacket(f"length: {error}")]
        if isinstance(payload, m.Relay):
            return self._relayed(payload)
        if isinstance(payload, m.Info):
            self._channels = {channel.chan: channel for channel in payload.channels}
        return [self._packet(message, payload)]

    def _relayed(self, relay: m.Relay) -> list[Packet]:
        dropped: Counter[str] = Counter()
        node = self._behind.setdefault(relay.sub, _Node())
        found = [packet for message in cut(relay.inner, dropped) for packet in node.packets(message)]
        return found + _errors(dropped)

    def _packet(self, message: Message, payload: m.Payload) -> Packet:
        if isinstance(payload, m.ImuBatch | m.ImuOne):
            return self._imu(message.chan, payload)
        if isinstance(payload, m.LoadBatch | m.LoadOne):
            return self._load(message.chan, payload)
        fields = {"chan": message.chan, "seq": message.seq, **payload._asdict()}
        return MessagePacket(
            m.LAYOUTS[message.type].name.lower(), {name: _json(value) for name, value in fields.items()}
        )

    def _imu(self, chan: int, payload: m.ImuBatch | m.ImuOne) -> Packet:
        channel = self._channels.get(chan)
        if channel is None or channel.kind not in _IMU_KINDS:
            return ErrorPacket(f"no INFO before it that describes channel {chan} as an IMU")
        accs, gyrs = scaling.imu_si(payload.samples, scaling.imu_scale(channel.scale_a, channel.scale_b))
        return ImuPacket(
            [(x, y, z) for x, y, z in accs],
            [(x, y, z) for x, y, z in gyrs],
            _times_us(payload, len(accs)),
            self._tell_apart(chan, _IMU_KINDS),
        )

    def _load(self, chan: int, payload: m.LoadBatch | m.LoadOne) -> Packet:
        channel = self._channels.get(chan)
        if channel is None or channel.kind != _LOAD_KIND:
            return ErrorPacket(f"no INFO before it that describes channel {chan} as a load cell")
        if channel.flags & _RAW_COUNTS or not channel.scale_a:
            counts: list[Json] = [*scaling.load_counts(payload.samples)]
            return MessagePacket("load_counts", {"chan": chan, "counts": counts})
        force_n = scaling.load_si(payload.samples, channel.scale_a)
        return LoadPacket(
            [[value] for value in force_n],
            _times_us(payload, len(force_n)),
            chan=self._tell_apart(chan, (_LOAD_KIND,)),
        )

    def _tell_apart(self, chan: int, kinds: tuple[int, ...]) -> int | None:
        """The channel's number where the node has several of its kind."""
        return chan if sum(channel.kind in kinds for channel in self._channels.values()) > 1 else None


def _times_us(payload: m.ImuBatch | m.ImuOne | m.LoadBatch | m.LoadOne, count: int) -> list[int]:
    """Device times as sent: of a single sample modulo 6.55 s."""
    if isinstance(payload, m.ImuOne | m.LoadOne):
        return [payload.t_100us * 100]
    return scaling.sample_us(payload.t0_us, payload.dt_ns, count)


def _whole(data: bytes) -> int:
    """Bytes of data that whole messages fill, by their lengths alone."""
    start = 0
    while len(data) - start >= HEADER_SIZE:
        ver_flags, _, _, length, _ = HEADER.unpack_from(data, start)
        end = start + HEADER_SIZE + length + (TAG_SIZE if ver_flags & FLAG_AUTH else 0)
        if end > len(data):
            break
        start = end
    return start


class BareParser:
    """Notifications of GATT. A message that one cuts is continued by the next, unless that is whole by itself."""

    def __init__(self) -> None:
        self._node = _Node()
        self._rest = b""

    def feed(self, data: bytes) -> list[Packet]:
        """See Parser.feed; data is one notification."""
        packets: list[Packet] = []
        if self._rest and data[:1] and data[0] >> 4 == m.MAJOR and _whole(data) == len(data):
            packets += self.finish()
        data = self._rest + data
        end = _whole(data)
        self._rest = data[end:]
        dropped: Counter[str] = Counter()
        packets += [packet for message in cut(data[:end], dropped) for packet in self._node.packets(message)]
        return packets + _errors(dropped)

    def finish(self) -> list[Packet]:
        """See Parser.finish."""
        rest, self._rest = self._rest, b""
        return [truncated(len(rest))] if rest else []


class FramedParser:
    """COBS frames of a serial line. The first byte is taken to begin a frame."""

    def __init__(self) -> None:
        self._node = _Node()
        self._decoder = FramedDecoder()
        self._decoder.feed(b"\0")
        self._open = False

    def feed(self, data: bytes) -> list[Packet]:
        """See Parser.feed."""
        *closed, rest = data.split(b"\0")
        packets: list[Packet] = []
        for part in closed:  # frame by frame, so that errors come out in their place
            packets += self._feed(part + b"\0")
        self._open = bool(rest) or (self._open and not closed)
        return packets + self._feed(rest)

    def _feed(self, data: bytes) -> list[Packet]:
        messages = self._decoder.feed(data)
        found = [packet for message in messages for packet in self._node.packets(message)]
        return found + _errors(self._decoder.dropped)

    def finish(self) -> list[Packet]:
        """See Parser.finish. A last frame whose closing zero is missing still counts where its CRC is right."""
        packets = self.feed(b"\0") if self._open else []
        return [ErrorPacket(f"truncated: {p.reason}") if isinstance(p, ErrorPacket) else p for p in packets]
