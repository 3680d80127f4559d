"""The data path of a native link: SI values, unwrapped time, gaps, duplicates, restarts, chunks, hostile bytes."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_fake import ACC, CELLS, GYR, IMU_CHANNEL, MS, FakeNode, bare_link, framed, framed_link, heard, told

from edge.ingest.native import NativeLink
from edge.ingest.native_layout import placement_role
from edge.ingest.native_types import Item, LinkOptions, NodeEvent, NodeReport, Problem
from edge.samples import ImuSamples, LoadSamples
from firmware_protocol.messages import (
    Channel,
    Event,
    Fault,
    ImuBatch,
    ImuOne,
    LoadBatch,
    Log,
    QuatBatch,
    Status,
    TimeReq,
    TimeRsp,
)


def _started(node: FakeNode) -> NativeLink:
    link = bare_link()
    link.receive(0, node.info())
    return link


def test_a_batch_comes_out_in_si_units_with_its_times() -> None:
    """Counts become m/s² and rad/s by the channel's scales, and samples stand at t0 + k·dt."""
    node = FakeNode()
    link = _started(node)
    (samples,) = link.receive(MS, node.imu(5_000_000))
    assert isinstance(samples, ImuSamples)
    assert (samples.role, samples.boot, samples.gyro_wxyz) == ("left_shank", 0, None)
    assert samples.device_us.tolist() == [5_000_000, 5_010_000, 5_020_000, 5_030_000]
    np.testing.assert_allclose(samples.acc_m_s2, np.outer([1, 2, 3, 4], [1, 1, 1]) * ACC * 1e-9)
    np.testing.assert_allclose(samples.gyr_rad_s, np.outer([1, 2, 3, 4], [1, 1, 1]) * GYR * 1e-9)


def test_the_nodes_own_orientation_comes_along() -> None:
    """Where a batch carries the gyro-integrated orientation, it arrives as a unit quaternion, scalar first."""
    node = FakeNode()
    link = _started(node)
    (samples,) = link.receive(MS, node.imu(0, turned=struct.pack("<4h", 0, 32767, 0, 0)))
    assert isinstance(samples, ImuSamples)
    assert samples.gyro_wxyz is not None
    assert samples.gyro_wxyz.tolist() == [0, 1, 0, 0]


def test_time_goes_on_when_32_bits_wrap() -> None:
    """Device time keeps rising over 2³² µs."""
    node = FakeNode()
    link = _started(node)
    (before,) = link.receive(MS, node.imu(2**32 - 40_000))
    (after,) = link.receive(41 * MS, node.imu(2**32))
    assert isinstance(before, ImuSamples)
    assert isinstance(after, ImuSamples)
    assert before.device_us[-1] == 2**32 - 10_000
    assert after.device_us[0] == 2**32


def test_time_is_right_after_a_silence_of_hours() -> None:
    """After 3 h without a byte the 32-bit time is unwrapped by the host time that passed."""
    node = FakeNode()
    link = _started(node)
    hours_us = 3 * 3600 * 1_000_000
    link.receive(0, node.imu(1_000_000))
    node.n[1] = hours_us // 10_000
    (after,) = link.receive(hours_us * 1000, node.imu(1_000_000 + hours_us))
    assert isinstance(after, ImuSamples)
    assert after.device_us[0] == 1_000_000 + hours_us
    assert link.counters["gap_samples"] == hours_us // 10_000 - 4


def test_time_response_sets_all_64_bits() -> None:
    """Data after an exchange stands on the node's 64-bit clock, and the exchange on the same zero."""
    node = FakeNode()
    link = _started(node)
    uptime_us = 5 * 2**32 + 123
    token = _first_token(link)
    exchanges = link.receive(20 * MS, node.say(TimeRsp(token, uptime_us, 250)))
    (samples,) = link.receive(21 * MS, node.imu(uptime_us + 1000))
    assert [e.rx_device_us for e in exchanges] == [uptime_us]
    assert isinstance(samples, ImuSamples)
    assert samples.device_us[0] == uptime_us + 1000


def test_a_late_first_exchange_does_not_move_the_zero() -> None:
    """Where data came before the first exchange, device time does not jump; the exchange is on the data's zero."""
    node = FakeNode()
    link = _started(node)
    uptime_us = 5 * 2**32 + 123_000
    link.receive(MS, node.imu(uptime_us))
    token = _first_token(link)
    (exchange,) = link.receive(30 * MS, node.say(TimeRsp(token, uptime_us + 20_000, 250)))
    assert exchange.rx_device_us == 143_000


def _first_token(link: NativeLink) -> int:
    return next(p.token for p in heard(link, 10 * MS) if isinstance(p, TimeReq))


@pytest.mark.parametrize(("lost", "gap"), [(0, 0), (1, 4), (3, 12)])
def test_gaps_are_counted_exactly(lost: int, gap: int) -> None:
    """Each lost batch of four shows as four missing samples and one lost message."""
    node = FakeNode()
    link = _started(node)
    link.receive(MS, node.imu(0))
    for k in range(lost):
        node.imu(40_000 * (k + 1))
    link.receive(200 * MS, node.imu(40_000 * (lost + 1)))
    assert (link.counters.get("gap_samples", 0), link.counters["lost_messages"]) == (gap, lost)


def test_samples_that_the_node_dropped_are_a_gap_too() -> None:
    """The running number counts at the sensor: samples that were never sent are missing, though no message is."""
    node = FakeNode()
    link = _started(node)
    link.receive(MS, node.imu(0))
    node.n[1] += 5
    link.receive(100 * MS, node.imu(90_000))
    assert (link.counters["gap_samples"], link.counters["lost_messages"]) == (5, 0)


def test_duplicates_and_late_messages_are_dropped_and_counted() -> None:
    """A message that comes twice gives samples once; one that was overtaken gives none."""
    node = FakeNode()
    link = _started(node)
    first, second, third = (node.imu(40_000 * k) for k in range(3))
    assert len(link.receive(MS, first)) == 1
    assert link.receive(2 * MS, first) == []
    assert len(link.receive(3 * MS, third)) == 1
    assert link.receive(4 * MS, second) == []
    assert (link.counters["duplicate"], link.counters["late"]) == (1, 1)


def test_a_restart_begins_a_new_clock_and_boot() -> None:
    """A new boot_count raises `boot`, tells of it once, and takes sequence numbers and times that begin anew."""
    node = FakeNode()
    link = _started(node)
    link.receive(MS, node.imu(90_000_000))
    restarted = FakeNode()
    restarted.boot = 8
    items = link.receive(2 * MS, restarted.info())
    assert [p.kind for p in told(items, Problem)] == ["restart"]
    (samples,) = link.receive(3 * MS, restarted.imu(1000))
    assert isinstance(samples, ImuSamples)
    assert (samples.boot, samples.device_us[0]) == (1, 1000)
    assert link.counters["restarts"] == 1
    assert "gap_samples" not in link.counters


def test_numbers_far_back_are_not_taken_until_the_node_has_told_itself() -> None:
    """A sequence number more than 64 back suspects a restart: nothing is taken on faith, HELLO asks."""
    node = FakeNode()
    link = _started(node)
    node.seqs[1] = 1000
    link.receive(MS, node.imu(0))
    node.seqs[1] = 1000 - 65
    assert link.receive(2 * MS, node.imu(40_000)) == []
    assert link.counters["restart_suspected"] == 1


def test_a_clock_that_begins_again_without_a_word_is_a_restart() -> None:
    """A node that keeps no boot_count is found out by its clock: three refused batches begin a new boot."""
    node = FakeNode()
    link = _started(node)
    link.receive(MS, node.imu(90_000_000))
    items = [item for k in range(4) for item in link.receive((2 + 40 * k) * MS, node.imu(1000 + 40_000 * k))]
    assert [p.kind for p in told(items, Problem)] == ["restart"]
    (samples,) = told(items, ImuSamples)
    assert isinstance(samples, ImuSamples)
    assert (samples.boot, samples.device_us[0]) == (1, 121_000)


def test_one_wild_time_does_not_poison_the_clock() -> None:
    """A single batch half an hour ahead is refused, and the next good one is taken."""
    node = FakeNode()
    link = _started(node)
    link.receive(MS, node.imu(0))
    assert link.receive(42 * MS, node.imu(1_800_000_000)) == []
    (samples,) = link.receive(82 * MS, node.imu(80_000))
    assert isinstance(samples, ImuSamples)
    assert (samples.device_us[0], samples.boot) == (80_000, 0)


def test_single_samples_of_a_small_link() -> None:
    """IMU_ONE: 16-bit time in 100 µs wraps each 6.55 s, the sequence number counts the samples."""
    node = FakeNode()
    link = _started(node)
    one = struct.pack("<6h", 1, 2, 3, 4, 5, 6)
    times = []
    for k in range(1400):
        message = node.say(ImuOne((k * 100) & 0xFFFF, one), 1)
        if k != 700:
            times += [s.device_us[0] for s in told(link.receive(k * 10 * MS, message), ImuSamples)]
    assert times == [k * 10_000 for k in range(1400) if k != 700]
    assert (link.counters["gap_samples"], link.counters["lost_messages"]) == (1, 1)


def test_four_cells_become_one_footplate() -> None:
    """The cells of one node come out together in the order of the columns, in N."""
    node = FakeNode(*CELLS)
    link = _started(node)
    items: list[Item] = []
    for chan in (3, 1, 4, 2):
        items += link.receive(MS, node.load(1000, [chan * 100_000, chan * 100_000 + 1000], chan))
    (samples,) = items
    assert isinstance(samples, LoadSamples)
    assert samples.role == "footplate"
    assert samples.device_us.tolist() == [1000, 13_500]
    np.testing.assert_allclose(samples.force_n, [[100, 200, 300, 400], [101, 201, 301, 401]])


def test_the_back_pad_has_two_cells() -> None:
    """Placements 15 and 16 are the lumbar and the sacral column."""
    cells = (Channel(7, 2, 16, 0, 12_500_000, 1_000_000, 0), Channel(9, 2, 15, 0, 12_500_000, 1_000_000, 0))
    node = FakeNode(*cells)
    link = _started(node)
    assert link.receive(MS, node.load(1000, [5000], 7)) == []
    (samples,) = link.receive(MS, node.load(1000, [9000], 9))
    assert isinstance(samples, LoadSamples)
    assert (samples.role, samples.force_n.tolist()) == ("backpad", [[9.0, 5.0]])


def test_a_lost_batch_of_one_cell_costs_only_its_rows() -> None:
    """Where one cell's batch is lost its rows are missing, none is mixed of different instants, and it goes on."""
    node = FakeNode(*CELLS)
    link = _started(node)
    rows = []
    for k in range(4):
        for chan in (1, 2, 3, 4):
            message = node.load(25_000 * k, [k * 2000, k * 2000 + 1000], chan)
            if (k, chan) != (1, 3):
                rows += told(link.receive(MS, message), LoadSamples)
    forces = np.vstack([r.force_n for r in rows if isinstance(r, LoadSamples)])
    assert forces.tolist() == [[v] * 4 for v in (0, 1, 4, 5, 6, 7)]
    assert link.counters["incomplete_load_samples"] == 6


def test_cells_that_are_not_quite_together_are_paired_within_half_a_period() -> None:
    """Converters of their own clock: samples 5 ms apart are one row at their mean time, 8 ms apart are not."""
    for apart_us, rows in ((5000, 1), (8000, 0)):
        node = FakeNode(Channel(1, 2, 15, 0, 12_500_000, 10**6, 0), Channel(2, 2, 16, 0, 12_500_000, 10**6, 0))
        link = _started(node)
        link.receive(MS, node.load(10_000, [1], 1))
        items = link.receive(MS, node.load(10_000 + apart_us, [1], 2))
        assert len(items) == rows


@pytest.mark.parametrize(
    ("channels", "kind", "words"),
    [
        (CELLS[:3], "cells", "lacks right_toe"),
        ((*CELLS, CELLS[0]._replace(chan=9)), "cells", "5 cells where 4"),
        ((*CELLS[:3], CELLS[3]._replace(period_ns=10_000_000)), "cells", "differ in sample rate"),
        ((CELLS[0]._replace(scale_a=0, flags=1), *CELLS[1:]), "calibration", "channel 1 sends raw counts"),
        ((IMU_CHANNEL, IMU_CHANNEL._replace(chan=2)), "placement", "two channels are said to be left_shank"),
        ((IMU_CHANNEL._replace(placement=11),), "placement", "has no load cell"),
        ((CELLS[0]._replace(placement=1),), "placement", "has no inertial sensor"),
    ],
)
def test_what_cannot_be_used_is_told(channels: tuple[Channel, ...], kind: str, words: str) -> None:
    """A node whose channels cannot serve their role is told of in words, once."""
    node = FakeNode(*channels)
    link = bare_link()
    problems = told(link.receive(0, node.info()), Problem)
    assert [(p.kind, words in p.text) for p in problems if isinstance(p, Problem)] == [(kind, True)]
    assert told(link.receive(1, node.info()), Problem) == []


def test_raw_counts_become_newtons_once_calibrated() -> None:
    """A cell that sends counts gives nothing until the host knows its zero and scale, and then N."""
    known: dict[int, tuple[float, float]] = {}
    cells = tuple(c._replace(scale_a=0, flags=1) for c in CELLS)
    node = FakeNode(*cells)
    options = LinkOptions(calibration_of=lambda _node, chan: known.get(chan))
    link = NativeLink("ble", framed=False, role_of=placement_role, seed=1, options=options)
    assert [p.kind for p in told(link.receive(0, node.info()), Problem)] == ["calibration"] * 4
    assert link.receive(MS, node.load(0, [1000], 1)) == []
    known.update({chan: (1000.0 * chan, 0.01) for chan in (1, 2, 3, 4)})
    assert told(link.reconfigure(), Problem) == []
    (samples,) = [s for chan in (1, 2, 3, 4) for s in link.receive(2 * MS, node.load(12_500, [5000], chan))]
    assert isinstance(samples, LoadSamples)
    np.testing.assert_allclose(samples.force_n, [[40, 30, 20, 10]])


def test_status_and_info_make_a_report() -> None:
    """A report holds identity from INFO and health from STATUS, None for what the node does not know."""
    node = FakeNode()
    link = bare_link()
    (first,) = link.receive(0, node.info())
    assert isinstance(first, NodeReport)
    assert (first.node_id, first.firmware, first.battery_pct, first.roles) == (
        "a1b2c3d4e5f60718",
        "1.2.3",
        None,
        ("left_shank",),
    )
    (second,) = link.receive(1, node.say(Status(60, 3700, 255, 1, -0x8000, 3, 1 << 3)))
    assert isinstance(second, NodeReport)
    assert (second.state, second.battery_pct, second.battery_v, second.temperature_c) == ("streaming", None, 3.7, None)
    assert (second.dropped_messages, second.faults, second.channels[0].rate_hz) == (3, ("battery_low",), 100.0)


def test_events_faults_and_warnings_are_told() -> None:
    """EVENT comes out as an event, FAULT and LOG warnings as problems; a maker's debug line is not passed on."""
    node = FakeNode()
    link = _started(node)
    data = b"".join(
        node.say(p) for p in (Event(1000, 3, 0), Fault(2000, 1, 3, 1, ""), Log(2, 3000, "FIFO slow"), Log(0, 3000, "x"))
    )
    event, fault, log = link.receive(MS, data)
    assert isinstance(event, NodeEvent)
    assert (event.kind, event.device_us, event.roles) == ("strap_off", 1000, ("left_shank",))
    assert isinstance(fault, Problem)
    assert (fault.kind, fault.role, "sensor silent" in fault.text) == ("node_fault", "left_shank", True)
    assert isinstance(log, Problem)
    assert "FIFO slow" in log.text


def test_a_hub_with_more_channels_than_one_info_holds() -> None:
    """Channels spread over several INFO messages are served once all are there, and not before."""
    cells = tuple(Channel(chan, 2, 10 + chan, 0, 12_500_000, 10**6, 0) for chan in (1, 2, 3, 4))
    imus = tuple(Channel(10 + i, 1, p, 0, 10_000_000, ACC, GYR) for i, p in enumerate((1, 3, 4, 5, 6, 7)))
    node = FakeNode(*cells, *imus, caps=10 << 24)
    link = bare_link()
    assert link.receive(0, node.info(cells)) == []
    (report,) = link.receive(1, node.info(imus))
    assert isinstance(report, NodeReport)
    assert len(report.channels) == 10
    assert len(report.roles) == 7


def test_nodes_behind_a_radio_hub_have_their_own_clock_and_boot() -> None:
    """Two nodes relayed by one hub do not share numbers, clock or restarts."""
    hub = FakeNode(caps=0)
    left, right = FakeNode(), FakeNode(IMU_CHANNEL._replace(placement=6))
    link = _started(hub)
    for sub, node in ((1, left), (2, right)):
        link.receive(0, hub.relayed(sub, node.info()))
    (a,) = link.receive(MS, hub.relayed(1, left.imu(5_000_000)))
    left.boot += 1
    link.receive(2 * MS, hub.relayed(1, left.info()))
    (b,) = link.receive(MS, hub.relayed(2, right.imu(77)))
    assert isinstance(a, ImuSamples)
    assert isinstance(b, ImuSamples)
    assert [(s.role, s.device_us[0], s.boot) for s in (a, b)] == [("left_shank", 5_000_000, 0), ("right_shank", 77, 0)]
    assert link.counters["lost_messages"] == 0


def test_configuration_overrides_the_placement_hint() -> None:
    """The role is what the configuration says of this node and channel, whatever the node believes."""
    asked = []

    def role_of(node_id: str, chan: int, placement: int) -> str:
        asked.append((node_id, chan, placement))
        return "pelvis"

    node = FakeNode()
    link = NativeLink("ble", framed=False, role_of=role_of, seed=1)
    link.receive(0, node.info())
    (samples,) = link.receive(MS, node.imu(0))
    assert isinstance(samples, ImuSamples)
    assert samples.role == "pelvis"
    assert asked == [("a1b2c3d4e5f60718", 1, 5)]


@pytest.mark.parametrize(
    ("payload", "chan", "counter"),
    [
        (ImuBatch(0, 10_000_000, 0, 0, bytes(12), None), 9, "unassigned"),
        (LoadBatch(0, 10_000_000, 0, 0, bytes(4)), 1, "wrong_kind"),
        (ImuBatch(0, 10_000_000, 0, 0, bytes(12), None), 0, "wrong_channel"),
        (ImuBatch(0, 30_000_000, 0, 0, bytes(24), None), 1, "bad_period"),
        (TimeRsp(1, 2, 3), 0, "unexpected_time"),
        (ImuBatch(0, 10_000_000, 0, 16, bytes(12), None), 1, "clock_stepped"),
    ],
)
def test_what_cannot_be_served_is_counted(payload: ImuBatch, chan: int, counter: str) -> None:
    """A message that is well formed but cannot be used gives nothing and one count under its own name."""
    node = FakeNode()
    link = _started(node)
    assert link.receive(MS, node.say(payload, chan)) == []
    assert link.counters == {counter: 1, "lost_messages": 0}


def test_data_before_info_is_not_guessed_at() -> None:
    """Without the node's scales a batch means nothing: it is counted and dropped."""
    link = bare_link()
    assert link.receive(0, FakeNode().imu(0)) == []
    assert link.counters["before_info"] == 1


def test_the_nodes_own_fusion_is_not_an_error() -> None:
    """QUAT_BATCH is legal and unused."""
    node = FakeNode()
    link = _started(node)
    assert link.receive(MS, node.say(QuatBatch(0, 10_000_000, 0, 0, bytes(8)), 1)) == []
    assert link.counters == {"lost_messages": 0}


def _same(a: list[Item], b: list[Item]) -> bool:
    return repr(a) == repr(b)


def _session_line() -> bytes:
    node = FakeNode(IMU_CHANNEL, *(c._replace(chan=c.chan + 10) for c in CELLS))
    messages = [node.info()]
    for k in range(12):
        messages.append(node.imu(40_000 * k, turned=struct.pack("<4h", 1, 2, 3, 4) if k % 2 else None))
        messages += [node.load(37_500 * k, [k, k + 1, k + 2], chan) for chan in (11, 12, 13, 14)]
    messages.append(node.say(Status(1, 2, 3, 1, 4, 5, 0)))
    return framed(*messages)


@given(st.integers(1, 300), st.lists(st.integers(0, 3000), max_size=5))
@settings(max_examples=60)
def test_any_chunking_gives_the_same_items(size: int, flips: list[int]) -> None:
    """A line, also a damaged one, gives the same items and counters whole, byte by byte, and in chunks."""
    line = bytearray(_session_line())
    for at in flips:
        line[at % len(line)] ^= 0x10
    outputs = []
    for step in (len(line), 1, size):
        link = framed_link()
        items = [x for i in range(0, len(line), step) for x in link.receive(MS, bytes(line[i : i + step]))]
        outputs.append((items, link.counters))
    assert all(_same(items, outputs[0][0]) and counters == outputs[0][1] for items, counters in outputs[1:])


@given(st.lists(st.binary(max_size=80), max_size=30), st.sampled_from(["serial", "gatt"]))
def test_hostile_bytes_never_raise(chunks: list[bytes], transport: str) -> None:
    """Random bytes, framed or bare, before and after INFO, raise nothing."""
    link = framed_link() if transport == "serial" else bare_link()
    info = FakeNode().info()
    for t, chunk in enumerate([*chunks, framed(info) if transport == "serial" else info, *chunks]):
        link.receive(t * MS, chunk)
        link.step(t * MS)


@given(st.data())
@settings(max_examples=200)
def test_hostile_payloads_in_good_frames_never_raise(data: st.DataObject) -> None:
    """Messages with honest headers and any payload, of any type, on any channel, raise nothing."""
    node = FakeNode(IMU_CHANNEL, *(c._replace(chan=c.chan + 10) for c in CELLS))
    link = _started(node)
    for t in range(8):
        kind = data.draw(st.sampled_from([1, 2, 3, 5, 6, 15, 16, 17, 18, 19, 20, 21, 24, 25, 34, 99]))
        chan = data.draw(st.sampled_from([0, 1, 11, 12]))
        payload = data.draw(st.binary(max_size=255))
        seq = data.draw(st.integers(0, 0xFFFF))
        link.receive(t * MS, struct.pack("<BBBBH", 0x10, kind, chan, len(payload), seq) + payload)
        link.step(t * MS)


def test_same_input_same_output() -> None:
    """Two links with one seed say the same, byte for byte: a replay is the live run again."""
    runs = []
    for _ in range(2):
        link = framed_link()
        out: list[object] = []
        for t in range(0, 3000, 10):
            if t == 500:
                out += link.receive(t * MS, _session_line())
            out += link.step(t * MS)
        runs.append(repr(out))
    assert runs[0] == runs[1]
