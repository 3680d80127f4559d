"""The messages of the node protocol. Written by `python -m firmware_protocol.generate` from messages.toml: do not edit.

Each is a tuple of its fields as they stand on the wire; samples stay raw bytes, which `scaling` turns into SI.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from firmware_protocol.layouts import Batch, Counted, Fixed, Layout, Rest, Rows

MAJOR: Final = 1
MINOR: Final = 0


class Channel(NamedTuple):
    """One channel of a node."""

    chan: int
    kind: int
    placement: int
    flags: int
    period_ns: int
    scale_a: int
    scale_b: int


class Pulse(NamedTuple):
    """One pulse of a buzzer pattern."""

    intensity_pct: int
    on_10ms: int
    off_10ms: int


class Hello(NamedTuple):
    """The host is here; the node answers with INFO."""

    min_major: int
    max_major: int
    minor: int
    reserved: int
    host_nonce: int


class Info(NamedTuple):
    """Who the node is and what it measures. Its first four bytes are frozen for all versions."""

    major: int
    minor: int
    hw_class: int
    node_id: int
    fw: int
    caps: int
    max_msg: int
    boot_count: int
    node_nonce: bytes
    channels: tuple[Channel, ...]


class Status(NamedTuple):
    """The node's health, once a second and on change."""

    uptime_s: int
    batt_mv: int
    batt_pct: int
    state: int
    temp_c100: int
    dropped_msgs: int
    fault_bits: int


class TimeReq(NamedTuple):
    """Asks for the device clock."""

    token: int


class TimeRsp(NamedTuple):
    """The device clock when TIME_REQ came, and how long the answer was held."""

    token: int
    rx_us: int
    hold_us: int


class Relay(NamedTuple):
    """A message from or for a node behind a hub, whole."""

    sub: int
    inner: bytes


class Ack(NamedTuple):
    """The answer to a command. Frozen for all versions."""

    req_type: int
    req_seq: int
    code: int
    detail: int


class ImuBatch(NamedTuple):
    """Samples of an inertial channel."""

    t0_us: int
    dt_ns: int
    n0: int
    flags: int
    samples: bytes
    orientation: bytes | None


class ImuOne(NamedTuple):
    """One sample, for links stuck at ATT_MTU 23. Its running number is the message's seq."""

    t_100us: int
    samples: bytes


class LoadBatch(NamedTuple):
    """Samples of a load channel."""

    t0_us: int
    dt_ns: int
    n0: int
    flags: int
    samples: bytes


class QuatBatch(NamedTuple):
    """Optional: orientation by the node's own fusion."""

    t0_us: int
    dt_ns: int
    n0: int
    flags: int
    samples: bytes


class Event(NamedTuple):
    """Something happened at the node."""

    t_us: int
    kind: int
    arg: int


class LoadOne(NamedTuple):
    """One load sample, for links stuck at ATT_MTU 23. Its running number is the message's seq."""

    t_100us: int
    samples: bytes


class Log(NamedTuple):
    """A line for the maker."""

    level: int
    t_us: int
    line: str


class Fault(NamedTuple):
    """A fault began, ended or changed; present ones also stand in STATUS.fault_bits."""

    t_us: int
    code: int
    severity: int
    where: int
    line: str


class CfgSet(NamedTuple):
    """Sets a configuration value."""

    key: int
    value: bytes


class CfgGet(NamedTuple):
    """Asks for a configuration value."""

    key: int


class CfgValue(NamedTuple):
    """The answer to CFG_GET."""

    key: int
    flags: int
    value: bytes


class Stream(NamedTuple):
    """Says which channels to stream, all others stop, and how fresh they must be."""

    channel_mask: int
    batch_us: int


class Tare(NamedTuple):
    """Takes the present load of the header's channel as zero. ACK when done, detail = noise in counts."""

    samples: int
    reserved: int


class Identify(NamedTuple):
    """Makes the node show itself by light and a short buzz."""

    seconds: int


class Buzz(NamedTuple):
    """Plays a pattern, unless it comes too late."""

    cue: int
    prio: int
    repeats: int
    valid_until_us: int
    pulses: tuple[Pulse, ...]


class Reboot(NamedTuple):
    """Starts the node again. ACK comes first."""

    mode: int
    magic: int


Payload: TypeAlias = (
    Hello
    | Info
    | Status
    | TimeReq
    | TimeRsp
    | Relay
    | Ack
    | ImuBatch
    | ImuOne
    | LoadBatch
    | QuatBatch
    | Event
    | LoadOne
    | Log
    | Fault
    | CfgSet
    | CfgGet
    | CfgValue
    | Stream
    | Tare
    | Identify
    | Buzz
    | Reboot
)

LAYOUTS: Final[dict[int, Layout]] = {
    0x01: Fixed("HELLO", Hello, "<BBBBQ"),
    0x02: Rows("INFO", Info, "<BBBBQIIHH8s", (Channel, "<BBBBIII"), 2),
    0x03: Fixed("STATUS", Status, "<IHBBhHH"),
    0x04: Fixed("TIME_REQ", TimeReq, "<H"),
    0x05: Fixed("TIME_RSP", TimeRsp, "<HQI"),
    0x06: Rest("RELAY", Relay, "<B", text=False),
    0x0F: Fixed("ACK", Ack, "<BHBH"),
    0x10: Batch("IMU_BATCH", ImuBatch, 12, tail_flag=32),
    0x11: Counted("IMU_ONE", ImuOne, "<H", 12),
    0x12: Batch("LOAD_BATCH", LoadBatch, 4),
    0x13: Batch("QUAT_BATCH", QuatBatch, 8),
    0x14: Fixed("EVENT", Event, "<IBB"),
    0x15: Counted("LOAD_ONE", LoadOne, "<H", 4),
    0x18: Rest("LOG", Log, "<BI", text=True),
    0x19: Rest("FAULT", Fault, "<IHBB", text=True),
    0x20: Rest("CFG_SET", CfgSet, "<H", text=False),
    0x21: Fixed("CFG_GET", CfgGet, "<H"),
    0x22: Rest("CFG_VALUE", CfgValue, "<HB", text=False),
    0x23: Fixed("STREAM", Stream, "<IH"),
    0x24: Fixed("TARE", Tare, "<BB"),
    0x25: Fixed("IDENTIFY", Identify, "<B"),
    0x26: Rows("BUZZ", Buzz, "<HBBI", (Pulse, "<BBB"), None),
    0x27: Fixed("REBOOT", Reboot, "<BI"),
}

TYPES: Final[dict[type, int]] = {
    Hello: 0x01,
    Info: 0x02,
    Status: 0x03,
    TimeReq: 0x04,
    TimeRsp: 0x05,
    Relay: 0x06,
    Ack: 0x0F,
    ImuBatch: 0x10,
    ImuOne: 0x11,
    LoadBatch: 0x12,
    QuatBatch: 0x13,
    Event: 0x14,
    LoadOne: 0x15,
    Log: 0x18,
    Fault: 0x19,
    CfgSet: 0x20,
    CfgGet: 0x21,
    CfgValue: 0x22,
    Stream: 0x23,
    Tare: 0x24,
    Identify: 0x25,
    Buzz: 0x26,
    Reboot: 0x27,
}
