"""Drivers of bought sensors: samples with clock, role and quality, commands as data, and what each may serve."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import ConfigError
from edge.ingest.driver import Driver, Run
from edge.ingest.drivers import DRIVERS, new_driver
from edge.ingest.packets import ErrorPacket, MessagePacket
from edge.samples import ImuSamples, LoadSamples

MS = 1_000_000


def frame(*values: int) -> bytes:
    """A WitMotion frame."""
    return b"\x55\x61" + struct.pack("<9h", *values)


def serial(kind: int, *values: int) -> bytes:
    """A classic WitMotion frame."""
    body = bytes((0x55, kind)) + struct.pack("<4h", *values)
    return body + bytes((sum(body) & 0xFF,))


def weight(*samples: tuple[float, int]) -> bytes:
    """A Progressor packet."""
    return bytes((1, 8 * len(samples))) + b"".join(struct.pack("<fI", *sample) for sample in samples)


def imu6(time_ms: int, *values: float) -> bytes:
    """A Movesense packet."""
    return b"\x02\x63" + struct.pack(f"<I{len(values)}f", time_ms, *values)


def run_of(driver: Driver, t_ns: int, data: bytes) -> Run:
    """The one run that the bytes give."""
    (run,) = driver.receive(t_ns, data)
    assert isinstance(run, Run)
    return run


def test_witmotion_gives_imu_samples_on_a_regressed_clock() -> None:
    """Two frames in one notification are two samples a period apart, marked as timed by arrival."""
    run = run_of(new_driver("witmotion", "left_shank"), 1000 * MS, frame(0, 0, 2048, *[0] * 6) * 2)
    assert isinstance(run.samples, ImuSamples)
    assert run.samples.role == "left_shank"
    assert run.samples.device_us.tolist() == [990_000, 1_000_000]
    assert run.samples.acc_m_s2.tolist() == [[0, 0, 9.80665]] * 2
    assert run.quality.regressed
    assert not run.quality.clipped


@pytest.mark.parametrize(("count", "clipped"), [(32750, False), (32767, True), (-32768, True)])
def test_the_end_of_the_range_is_marked(count: int, clipped: bool) -> None:  # noqa: FBT001
    """A value at the end of the sensor's range may have been larger."""
    run = run_of(new_driver("witmotion", "sled"), 0, frame(0, 0, 2048, count, 0, 0, 0, 0, 0))
    assert run.quality.clipped is clipped


def test_classic_serial_pairs_acceleration_with_angular_rate() -> None:
    """51 and the 52 behind it are one sample; a lone one is counted and gives none."""
    driver = new_driver("witmotion-serial", "pelvis")
    acc, gyr = serial(0x51, 0, 0, 2048, 0), serial(0x52, 16384, 0, 0, 0)
    run = run_of(driver, 0, acc + gyr)
    assert isinstance(run.samples, ImuSamples)
    assert run.samples.gyr_rad_s.tolist() == [[pytest.approx(math.radians(1000)), 0, 0]]
    assert driver.receive(MS, gyr) == []
    assert driver.receive(MS, acc + acc) == []
    assert driver.counters["unpaired"] == 2
    assert len(driver.receive(MS, gyr)) == 1


def test_movesense_gives_device_time() -> None:
    """Its milliseconds become µs, its losses are counted from them."""
    driver = new_driver("movesense", "sled")
    values = [0.0] * 6
    for index in range(3):
        run = run_of(driver, index * 10 * MS, imu6(5000 + round(index * 9.615), *values))
    assert not run.quality.regressed
    assert run.samples.device_us[0] == pytest.approx(5_019_230, abs=600)
    assert run_of(driver, 70 * MS, imu6(5058, *values)).quality.lost == 3
    assert driver.counters["lost"] == 3


def test_samples_that_are_no_numbers_are_left_out() -> None:
    """NaN never reaches a filter; it is counted."""
    driver = new_driver("progressor", "footplate", cells=("left_heel",))
    run = run_of(driver, 0, weight((1.0, 0), (math.nan, 12_500), (2.0, 25_000)))
    assert isinstance(run.samples, LoadSamples)
    assert run.samples.device_us.tolist() == [0, 25_000]
    assert run.samples.force_n.tolist() == [[9.80665], [2 * 9.80665]]
    assert run.samples.cells == ("left_heel",)
    assert driver.counters["invalid"] == 1
    assert new_driver("movesense", "sled").receive(0, imu6(0, *[math.nan] * 6)) == []


def test_a_cell_mounted_the_other_way() -> None:
    """sign -1 makes pushing positive where the cell reads it as negative."""
    run = run_of(new_driver("progressor", "footplate", sign=-1), 0, weight((-10.0, 0)))
    assert isinstance(run.samples, LoadSamples)
    assert run.samples.force_n.tolist() == [[pytest.approx(98.0665)]]


def test_a_measurement_started_again_is_a_new_boot() -> None:
    """The Progressor counts from zero at each start: boot changes, so that nobody takes it for a step back."""
    driver = new_driver("progressor", "footplate")
    first = run_of(driver, 0, weight((1.0, 5_000_000)))
    again = run_of(driver, 1000 * MS, weight((1.0, 0)))
    assert (first.samples.boot, again.samples.boot) == (0, 1)


def test_a_new_link_begins_anew() -> None:
    """After the link was lost, half a packet of before is forgotten and the time line is a new one."""
    driver = new_driver("progressor", "footplate")
    driver.receive(0, weight((1.0, 0))[:5])
    driver.linked()
    run = run_of(driver, 1000 * MS, weight((2.0, 0)))
    assert run.samples.boot == 1


def test_errors_and_messages_come_out_beside_samples() -> None:
    """What is wrong is counted and told; a reply gets the name of the command that waits for it."""
    driver = new_driver("progressor", "footplate")
    _, battery, _ = driver.start()
    driver.sent(0, battery)
    reply = b"\x00\x04" + struct.pack("<I", 3850)
    assert driver.receive(900 * MS, reply) == [
        MessagePacket("battery_mv", {"tag": 0, "payload": "0a0f0000", "u32": 3850})
    ]
    driver.sent(0, battery)
    (late,) = driver.receive(1001 * MS, reply)
    assert isinstance(late, MessagePacket)
    assert late.name == "reply"
    assert isinstance(driver.receive(0, b"\x01\x03abc")[0], ErrorPacket)
    assert driver.counters["errors"] == 1


def test_start_commands() -> None:
    """Each kind is told its rate and to stream, by bytes that its data sheet gives."""
    starts = {name: [command.data for command in Driver(spec, "sled").start()] for name, spec in DRIVERS.items()}
    assert starts["witmotion"] == [bytes.fromhex("ffaa6988b5"), bytes.fromhex("ffaa030900")]
    assert starts["witmotion-serial"] == [
        bytes.fromhex("ffaa6988b5"),
        bytes.fromhex("ffaa020600"),
        bytes.fromhex("ffaa030900"),
    ]
    assert starts["movesense"] == [b"\x01\x63/Meas/IMU6/104"]
    assert starts["progressor"] == [b"\x6b", b"\x6f", b"\x65"]
    assert starts["ascii"] == []
    assert new_driver("witmotion", "sled", rate_hz=200).start()[1].data == bytes.fromhex("ffaa030b00")


@pytest.mark.parametrize(
    ("name", "rate_hz"), [("nonesuch", None), ("witmotion", 201), ("witmotion", 0), ("progressor", 81)]
)
def test_what_cannot_be_is_refused(name: str, rate_hz: float | None) -> None:
    """An unknown kind, and a rate that it cannot do, are configuration errors."""
    with pytest.raises(ConfigError):
        new_driver(name, "sled", rate_hz=rate_hz)


@pytest.mark.parametrize("use", ["lockout", "valgus", "heel_lift", "lumbar"])
def test_a_scale_never_feeds_an_alert(use: str) -> None:
    """Not at 10 readings a second, and not at 80 either: it averages."""
    driver = new_driver("ascii", "footplate")
    assert driver.refusal(use)  # type: ignore[arg-type]
    for index in range(400):
        driver.receive(round(index * 12.5 * MS), f"{index * 12},{index % 7}.5,kg,\r\n".encode())
    assert driver.rate_hz == pytest.approx(80, rel=0.1)
    assert driver.refusal(use)  # type: ignore[arg-type]
    assert driver.refusal("load") is None


def test_a_slow_imu_is_refused_once_its_rate_is_seen() -> None:
    """A WitMotion that stayed at 10 Hz serves reps, and no alert."""
    driver = new_driver("witmotion", "left_shank")
    assert driver.refusal("lockout") is None
    for index in range(50):
        driver.receive(index * 100 * MS, frame(*[0] * 9))
    assert driver.refusal("lockout") == "sensor too slow: 10 samples/s, lockout needs 50"
    assert driver.refusal("reps") is None


def test_a_cell_that_gathers_too_long_is_refused() -> None:
    """Open hardware that sends 16 samples at a time is 190 ms late: no alert from it."""
    driver = new_driver("progressor", "footplate")
    assert driver.refusal("heel_lift") is None
    for index in range(5):
        driver.receive(index * 200 * MS, weight(*((1.0, 12_500 * (16 * index + k)) for k in range(16))))
    assert "too late" in (driver.refusal("heel_lift") or "")


@pytest.mark.parametrize("name", DRIVERS)
@settings(max_examples=150, deadline=None)
@given(arrivals=st.lists(st.tuples(st.integers(0, 10**10), st.binary(max_size=80)), max_size=8))
def test_any_bytes(name: str, arrivals: list[tuple[int, bytes]]) -> None:
    """No bytes raise; all samples are numbers, and times rise within one boot and one driver."""
    driver = new_driver(name, "sled")
    t_ns, last, boot = 0, -(2**62), 0
    for step_ns, data in arrivals:
        t_ns += step_ns
        for received in driver.receive(t_ns, data):
            if isinstance(received, Run):
                samples = received.samples
                last, boot = (last if samples.boot == boot else -(2**62)), samples.boot
                assert (np.diff(np.append(last, samples.device_us)) > 0).all()
                last = int(samples.device_us[-1])
                values = samples.acc_m_s2 if isinstance(samples, ImuSamples) else samples.force_n
                assert np.isfinite(values).all()
                assert len(values) == len(samples.device_us)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-32768, 32767), min_size=9, max_size=9), st.integers(1, 19))
def test_two_sensors_of_a_kind_never_touch(values: list[int], cut: int) -> None:
    """Halves of frames from two sensors in turn give each sensor its own sample."""
    one, two = new_driver("witmotion", "left_shank"), new_driver("witmotion", "right_shank")
    frame_one, frame_two = frame(*values), frame(*reversed(values))
    one.receive(0, frame_one[:cut])
    two.receive(0, frame_two[:cut])
    got_one, got_two = run_of(one, MS, frame_one[cut:]), run_of(two, MS, frame_two[cut:])
    assert isinstance(got_one.samples, ImuSamples)
    assert isinstance(got_two.samples, ImuSamples)
    assert got_one.samples.acc_m_s2[0, 0] == values[0] / 32768 * 16 * 9.80665
    assert got_two.samples.acc_m_s2[0, 0] == values[8] / 32768 * 16 * 9.80665
