"""A bought sensor's link on a timeline: what it is told, when it is told again, and what it may not serve."""

from __future__ import annotations

import struct

from edge.events import MachineState
from edge.ingest.driver_link import ASK_AGAIN_NS, COMMAND_GAP_NS, SILENCE_NS, DriverLink
from edge.ingest.drivers import new_driver
from edge.ingest.witmotion import UNLOCK, set_rate
from edge.machine import MachineSettings
from edge.pipeline import Pipeline
from edge.samples import ImuSamples
from edge.settings import LinkPlan

MS = 1_000_000
FRAME = bytes((0x55, 0x61)) + struct.pack("<9h", 0, 0, 2048, 0, 0, 0, 0, 0, 0)
SUBSCRIBE = b"\x01\x63/Meas/IMU6/104"


class Device:
    """A link and the other end of it; `up` False: nothing gets through."""

    def __init__(self, kind: str) -> None:
        self.link = DriverLink("knee", new_driver(kind, "left_shank"))
        self.now_ns = 0
        self.got: list[bytes] = []
        self.samples: list[ImuSamples] = []
        self.up = True

    def run(self, ms: int, sends: bytes = b"", every_ms: int = 10) -> None:
        """Time passes; the sensor sends `sends` every so often."""
        for _ in range(ms // 10):
            self.now_ns += 10 * MS
            for message in self.link.step(self.now_ns):
                if self.up:
                    self.got.append(message.data)
                    self.link.sent(self.now_ns, message.seq)
            if sends and self.up and self.now_ns % (every_ms * MS) == 0:
                items = self.link.receive(self.now_ns, sends)
                self.samples += [item for item in items if isinstance(item, ImuSamples)]


def test_it_is_told_its_rate_once() -> None:
    """Unlock, then the rate, a moment apart; while it streams nothing more is said."""
    device = Device("witmotion")
    device.run(10)
    assert device.got == [UNLOCK]
    device.run(COMMAND_GAP_NS // MS, FRAME)
    assert device.got == [UNLOCK, set_rate(100)]
    device.run(60_000, FRAME)
    assert len(device.got) == 2
    assert sum(len(one.device_us) for one in device.samples) > 5900


def test_a_silent_sensor_is_asked_again() -> None:
    """Until it speaks it is told again every ASK_AGAIN_NS."""
    device = Device("movesense")
    device.run(3 * ASK_AGAIN_NS // MS)
    assert device.got == [SUBSCRIBE] * 3


def test_what_was_said_before_the_link_was_up_is_said_again() -> None:
    """A sensor that streams by itself as soon as it is there still gets its rate."""
    device = Device("witmotion")
    device.up = False
    device.run(500)
    device.up = True
    device.run(1000, FRAME, every_ms=100)
    assert device.got == [UNLOCK, set_rate(100)]


def test_after_a_lost_link_it_is_told_again_and_its_clock_begins_anew() -> None:
    """A silence of more than SILENCE_NS is a new boot; its settings may be gone, so it is told them."""
    device = Device("witmotion")
    device.run(3000, FRAME)
    device.up = False
    device.run(SILENCE_NS // MS + 500)
    device.up = True
    device.run(3000, FRAME)
    assert device.got == [UNLOCK, set_rate(100)] * 2
    assert sorted({one.boot for one in device.samples}) == [0, 1]


def test_a_short_gap_is_no_lost_link() -> None:
    """Up to SILENCE_NS nothing is said and the clock goes on."""
    device = Device("witmotion")
    device.run(3000, FRAME)
    device.up = False
    device.run(SILENCE_NS // MS - 20)
    device.up = True
    device.run(1000, FRAME)
    assert len(device.got) == 2
    assert {one.boot for one in device.samples} == {0}


def test_a_sensor_that_is_too_slow_is_refused_with_the_reason() -> None:
    """A WitMotion that stays at its factory 10 Hz: its knee is not assessed, and the state says why."""
    pipeline = Pipeline(MachineSettings())
    for role in ("left_thigh", "left_shank"):
        pipeline.open_link(role, LinkPlan(kind="witmotion", role=role))  # type: ignore[arg-type]
    states: list[MachineState] = []
    for t_ns in range(0, 6000 * MS, 10 * MS):
        if t_ns % (100 * MS) == 0:
            for role in ("left_thigh", "left_shank"):
                pipeline.receive(role, t_ns, FRAME)
        states += [event for event in pipeline.advance(t_ns)[0] if isinstance(event, MachineState)]
    assert "too slow" in states[-1].not_assessed["lockout_left"]
