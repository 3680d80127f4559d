"""Numbers with names. Written by `python -m firmware_protocol.generate` from messages.toml: do not edit."""

from __future__ import annotations

from enum import IntEnum, IntFlag


class Caps(IntFlag):
    """What a node can do (INFO.caps). Bits 24 to 31 count all its channels where one INFO cannot hold them, else 0."""

    IMU = 1 << 0
    LOAD = 1 << 1
    BUZZ = 1 << 2
    TARE = 1 << 3
    PERSIST = 1 << 4
    AUTH = 1 << 5
    SMP_DFU = 1 << 6
    QUAT = 1 << 7
    TIME_SYNC = 1 << 8
    BUTTON = 1 << 9


class HwClass(IntEnum):
    """What kind of thing the node is (INFO.hw_class)."""

    UNSPECIFIED = 0
    WORN = 1
    FIXED = 2
    WIRED_HUB = 3
    RADIO_HUB = 4
    SIGNAL = 5


class ChannelKind(IntEnum):
    """What a channel measures."""

    IMU6 = 1
    LOAD = 2
    IMU6_QUAT = 3


class Placement(IntEnum):
    """Where the maker means a channel to sit. A hint: the host's configuration decides."""

    UNKNOWN = 0
    SLED = 1
    FOOTPLATE = 2
    LEFT_THIGH = 3
    RIGHT_THIGH = 4
    LEFT_SHANK = 5
    RIGHT_SHANK = 6
    PELVIS = 7
    BACK_PAD = 8
    FOOTPLATE_LEFT = 9
    FOOTPLATE_RIGHT = 10
    LEFT_HEEL_CELL = 11
    LEFT_TOE_CELL = 12
    RIGHT_HEEL_CELL = 13
    RIGHT_TOE_CELL = 14
    LUMBAR_PAD = 15
    SACRAL_PAD = 16
    LEFT_FOOT = 17
    RIGHT_FOOT = 18


class ChannelFlags(IntFlag):
    """Flags of a channel descriptor."""

    RAW_COUNTS = 1 << 0


class NodeState(IntEnum):
    """What the node is doing (STATUS.state)."""

    IDLE = 0
    STREAMING = 1
    CHARGING = 2
    FAULT = 3
    UPDATING = 4


class FaultCode(IntEnum):
    """FAULT.code; codes 1 to 15 are also the bit of that number in STATUS.fault_bits, until cleared."""

    SENSOR_SILENT = 1
    SENSOR_SELF_TEST = 2
    BATTERY_LOW = 3
    STORAGE = 4
    OVERHEATED = 5
    OVERLOADED = 6
    CLOCK = 7
    LINK = 8


class BatchFlags(IntFlag):
    """Flags of a batch."""

    CLIPPED = 1 << 0
    OVERRANGE = 1 << 1
    OVERRUN = 1 << 2
    UNCALIBRATED = 1 << 3
    CLOCK_STEPPED = 1 << 4
    ORIENTATION = 1 << 5


class EventKind(IntEnum):
    """What happened (EVENT.kind)."""

    BUTTON = 1
    TAP = 2
    STRAP_OFF = 3
    OVERLOAD = 4
    LOCK_CLOSED = 5
    LOCK_OPEN = 6


class AckCode(IntEnum):
    """The node's verdict on a command (ACK.code)."""

    OK = 0
    UNKNOWN_TYPE = 1
    UNKNOWN_KEY = 2
    BAD_LENGTH = 3
    OUT_OF_RANGE = 4
    READ_ONLY = 5
    BUSY = 6
    WRONG_STATE = 7
    HARDWARE = 8
    AUTH_REQUIRED = 9
    AUTH_FAILED = 10
    VERSION = 11
    STORAGE = 12
    EXPIRED = 13


class LogLevel(IntEnum):
    """LOG.level and FAULT.severity."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


class RebootMode(IntEnum):
    """REBOOT.mode."""

    NORMAL = 0
    BOOTLOADER = 1


class ConfigKey(IntEnum):
    """Keys of CFG_SET, CFG_GET and CFG_VALUE. 0x0100 and 0x0200 are bases: the channel or the slot is added."""

    ACC_RANGE = 1
    GYRO_RANGE = 2
    BATCH = 3
    ODR = 4
    NAME = 5
    PLACEMENT = 6
    LED = 7
    IDLE_SLEEP = 8
    TX_POWER = 9
    CALIBRATION = 0x0100
    KEY_SLOT = 0x0200
