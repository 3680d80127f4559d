"""A node of the open protocol for tests: says what it is told to say, with honest headers."""

from __future__ import annotations

import struct
from collections import Counter

from edge.ingest.native import NativeLink
from edge.ingest.native_layout import placement_role
from edge.ingest.native_types import Item
from firmware_protocol import wire
from firmware_protocol.framing import frame
from firmware_protocol.messages import Channel, ImuBatch, Info, LoadBatch, Payload, Relay
from firmware_protocol.registries import Caps

MS = 1_000_000
NODE_ID = 0xA1B2C3D4E5F60718
ACC, GYR = 4_788_403, 1_065_264
IMU_CHANNEL = Channel(1, 1, 5, 0, 10_000_000, ACC, GYR)
CELLS = tuple(Channel(chan, 2, 10 + chan, 0, 12_500_000, 1_000_000, 0) for chan in (1, 2, 3, 4))


class FakeNode:
    """A node's voice. boot and nonce may be changed to play a restart."""

    def __init__(self, *channels: Channel, caps: int = Caps.TIME_SYNC | Caps.IMU) -> None:
        self.channels = channels or (IMU_CHANNEL,)
        self.caps = caps
        self.boot, self.nonce = 7, b"nonce001"
        self.seqs: Counter[int] = Counter()
        self.n: Counter[int] = Counter()

    def say(self, payload: Payload, chan: int = 0) -> bytes:
        """The next message on a channel."""
        data = wire.encode(payload, chan=chan, seq=self.seqs[chan])
        self.seqs[chan] = (self.seqs[chan] + 1) & 0xFFFF
        return data

    def info(self, channels: tuple[Channel, ...] | None = None) -> bytes:
        """INFO, of all channels or of some."""
        shown = self.channels if channels is None else channels
        return self.say(Info(1, 0, 1, NODE_ID, 0x01020300, self.caps, 244, self.boot, self.nonce, shown))

    def imu(self, t0_us: int, count: int = 4, chan: int = 1, turned: bytes | None = None) -> bytes:
        """A batch whose samples count 1, 2, 3 … in every axis."""
        first = self.n[chan]
        samples = b"".join(struct.pack("<6h", *[(first + k + 1) % 30_000] * 6) for k in range(count))
        flags = 32 if turned else 0
        batch = ImuBatch(t0_us & 0xFFFFFFFF, 10_000_000, first & 0xFFFF, flags, samples, turned)
        self.n[chan] += count
        return self.say(batch, chan)

    def load(self, t0_us: int, values: list[int], chan: int) -> bytes:
        """A batch of a load cell."""
        samples = struct.pack(f"<{len(values)}i", *values)
        first = self.n[chan]
        self.n[chan] += len(values)
        return self.say(LoadBatch(t0_us, 12_500_000, first & 0xFFFF, 0, samples), chan)

    def relayed(self, sub: int, message: bytes) -> bytes:
        """A message of a node behind this one."""
        return self.say(Relay(sub, message))


def bare_link() -> NativeLink:
    """A link as on GATT, roles by placement."""
    return NativeLink("ble", framed=False, role_of=placement_role, seed=1)


def framed_link() -> NativeLink:
    """A link as on a serial line, past its first zero."""
    link = NativeLink("serial", framed=True, role_of=placement_role, seed=1)
    link.receive(0, b"\0")
    return link


def told(items: list[Item], kind: type) -> list[Item]:
    """The items of one kind."""
    return [item for item in items if isinstance(item, kind)]


def heard(link: NativeLink, t_ns: int) -> list[Payload]:
    """What the host says at t_ns, unframed."""
    return [payload for _, payload in heard_messages(link, t_ns)]


def heard_messages(link: NativeLink, t_ns: int) -> list[tuple[wire.Message, Payload]]:
    """What the host says at t_ns on a bare link, with headers."""
    messages = [m for send in link.step(t_ns) for m in wire.cut(send.data, Counter())]
    return [(message, wire.read(message)) for message in messages]


def framed(*messages: bytes) -> bytes:
    """Messages as they travel on a serial line."""
    return b"".join(frame(message) for message in messages)
