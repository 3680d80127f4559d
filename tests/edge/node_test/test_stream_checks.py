"""The checks of streams at their limits, on made-up messages."""

from __future__ import annotations

import struct

import pytest

from edge.node_test.dialog import Heard
from edge.node_test.findings import Finding, Findings
from edge.node_test.recording import Recording
from edge.node_test.streams import StreamChecks
from firmware_protocol import wire
from firmware_protocol.messages import Channel, ImuBatch, ImuOne, Status
from firmware_protocol.registries import ChannelKind

CHANNEL = Channel(1, 1, 1, 0, 10_000_000, 4_788_403, 1_065_264)
MS = 1_000_000


class Maker:
    """Makes a stream with one thing wrong. period_us: true time between samples."""

    def __init__(self, period_us: float = 10_000.0) -> None:
        self.period_us = period_us
        self.recording = Recording((CHANNEL,))
        self.n = self.seq = 0

    def batch(self, count: int = 4, late_us: float = 0.0, z: int = 2048, gz: int = 0) -> None:
        """One batch; late_us: its t0 is so much off."""
        rows = b"".join(
            struct.pack("<6h", k % 3, -(k % 3), z + k % 2, k % 3, -(k % 3), gz + k % 2) for k in range(count)
        )
        t0 = round(self.n * self.period_us + late_us) + 5000
        payload = ImuBatch(t0 & 0xFFFFFFFF, round(self.period_us * 1000), self.n & 0xFFFF, 0, rows, None)
        message = wire.build(payload, chan=1, seq=self.seq)
        self.recording.hear(Heard(0, round(self.n * self.period_us) * 1000, message, payload))
        self.n += count
        self.seq = (self.seq + 1) & 0xFFFF

    def finding(self, check: str, batch_us: int = 40_000) -> Finding:
        """What one check says."""
        findings = Findings()
        StreamChecks(self.recording, batch_us, findings).run()
        return next(f for f in findings.all() if f.check == check)


@pytest.mark.parametrize(("error", "verdict"), [(0.019, "PASS"), (0.021, "FAIL"), (-0.019, "PASS"), (-0.021, "FAIL")])
def test_rate_within_two_percent(error: float, verdict: str) -> None:
    """1.9 % beside INFO passes, 2.1 % fails, both ways."""
    maker = Maker(10_000.0 / (1 + error))
    for _ in range(200):
        maker.batch()
    assert maker.finding("rate").verdict == verdict


@pytest.mark.parametrize(("late_us", "verdict"), [(800, "PASS"), (1200, "FAIL")])
def test_times_within_a_millisecond(late_us: float, verdict: str) -> None:
    """Batches whose t0 is 0.8 ms late now and then pass, 1.2 ms fail."""
    maker = Maker()
    for k in range(200):
        maker.batch(late_us=late_us * (k % 10 == 5))
    assert maker.finding("times").verdict == verdict


@pytest.mark.parametrize(("lost", "verdict"), [(2, "PASS"), (6, "WARN"), (30, "FAIL")])
def test_loss(lost: int, verdict: str) -> None:
    """Of some 400 batches: half a percent passes, 1.5 % warns, 7 % fails."""
    maker = Maker()
    for k in range(400):
        maker.batch()
        if k % (400 // lost) == 1:
            maker.n += 4
            maker.seq += 1
    assert maker.finding("loss").verdict == verdict


@pytest.mark.parametrize(("count", "verdict"), [(5, "PASS"), (6, "FAIL")])
def test_batches_are_no_older_than_asked(count: int, verdict: str) -> None:
    """Five samples at 100 Hz span 40 ms, which were asked for; six do not."""
    maker = Maker()
    for _ in range(100):
        maker.batch(count)
    assert maker.finding("batches").verdict == verdict


@pytest.mark.parametrize(
    ("z", "gz", "verdict"), [(2048, 0, "PASS"), (2105, 0, "PASS"), (2120, 0, "FAIL"), (2048, 52, "FAIL")]
)
def test_rest(z: int, gz: int, verdict: str) -> None:
    """±0.3 m/s² of gravity and 3 °/s of turning are allowed at rest."""
    maker = Maker()
    for _ in range(50):
        maker.batch(z=z, gz=gz)
    assert maker.finding("rest").verdict == verdict


def test_a_moving_node_is_not_judged_at_rest() -> None:
    """A node in the hand says nothing about its rest: that is a warning with what to do."""
    maker = Maker()
    for k in range(50):
        maker.batch(gz=400 * (k % 2))
    assert maker.finding("rest").verdict == "WARN"


def test_a_stream_of_few_messages_is_none() -> None:
    """Nine messages are no stream."""
    maker = Maker()
    for _ in range(9):
        maker.batch()
    assert maker.finding("stream").verdict == "FAIL"


def test_single_samples_are_a_stream_too() -> None:
    """IMU_ONE, with its 16-bit time and numbers by seq, is judged as batches are."""
    maker = Maker()
    for k in range(2000):
        sample = struct.pack("<6h", k % 3, -(k % 3), 2048 + k % 2, k % 3, -(k % 3), k % 2)
        payload = ImuOne(k * 100 & 0xFFFF, sample)
        maker.recording.hear(Heard(k, k * 10 * MS, wire.build(payload, chan=1, seq=k & 0xFFFF), payload))
    assert [maker.finding(check).verdict for check in ("rate", "numbers", "times", "loss")] == ["PASS"] * 4


@pytest.mark.parametrize(("gap_ms", "verdict"), [(1400, "PASS"), (1600, "FAIL")])
def test_status_each_second(gap_ms: int, verdict: str) -> None:
    """STATUS may be 1.5 s late at most."""
    maker = Maker()
    status = Status(1, 1, 1, 1, 1, 0, 0)
    for k in range(20):
        maker.recording.hear(Heard(k, k * gap_ms * MS, wire.build(status), status))
    assert maker.finding("status").verdict == verdict


def test_a_stream_without_samples_still_has_its_columns() -> None:
    """What looks at three of six columns finds none of them missing where nothing came; a load channel has its one."""
    assert Recording((CHANNEL,)).channels[1].values().shape == (0, 6)
    load = CHANNEL._replace(kind=ChannelKind.LOAD)
    assert Recording((load,)).channels[1].values().shape == (0, 1)
