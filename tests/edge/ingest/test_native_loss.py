"""A moving node over a radio that loses packets: what the orientation loses by it, with the C node's own code."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "node_test"))

from native_fake import ACC, GYR
from virtual_node import VirtualNode, build_sim

from edge.ingest.native import NativeLink
from edge.ingest.native_bridge import bridged, conjugate, multiply, turn_of
from edge.ingest.native_layout import placement_role
from edge.motion.inclination import Inclination
from edge.motion.strapdown import Strapdown
from edge.samples import ImuSamples

Floats = NDArray[np.float64]

SECONDS, RATE_HZ, FINE = 40, 100, 20
INTERVAL_US, PPM = 15_000, 40
SETTLED_S = 3.0


def _motion() -> tuple[NDArray[np.int64], NDArray[np.int16]]:
    """(N,) true µs and (N, 6) counts of a shaking thigh: up to 220 °/s, noise and bias of a consumer part."""
    steps = SECONDS * RATE_HZ * FINE
    t = np.arange(steps + 1) / (RATE_HZ * FINE)
    pitch = np.radians(45 + 40 * np.sin(2 * np.pi * 0.6 * t) + 3 * np.sin(2 * np.pi * 5.3 * t))
    roll, yaw = np.radians(9 * np.sin(2 * np.pi * 0.9 * t + 1)), np.radians(7 * np.sin(2 * np.pi * 0.35 * t))
    q = np.array([_from_angles(*angles) for angles in zip(roll, pitch, yaw, strict=True)])
    turned = np.array([2 * multiply(conjugate(a), b)[1:] for a, b in pairwise(q)]) * RATE_HZ * FINE
    moved = np.column_stack([np.sin(2 * np.pi * f * t[:-1] + f) for f in (0.6, 1.2, 1.8)]) * 1.2
    force = np.array([_rotate(conjugate(a), np.array([0, 0, 9.80665]) + m) for a, m in zip(q[:-1], moved, strict=True)])
    rng = np.random.default_rng(3)
    rows = slice(0, steps, FINE)
    felt = np.column_stack([force[rows] / (ACC * 1e-9), turned[rows] / (GYR * 1e-9)])
    felt += rng.normal(0, 1, felt.shape) * [12, 12, 12, 1.5, 1.5, 1.5] + [0, 0, 0, 6, -4, 8]
    return np.arange(len(felt)) * (1_000_000 // RATE_HZ) + 20_000, np.round(felt).astype(np.int16)


def _from_angles(roll: float, pitch: float, yaw: float) -> Floats:
    half = [(np.cos(a / 2), np.sin(a / 2)) for a in (roll, pitch, yaw)]
    x, y, z = (np.array([c, *(s if i == k else 0.0 for i in range(3))]) for k, (c, s) in enumerate(half))
    return multiply(z, multiply(y, x))


def _rotate(q: Floats, v: Floats) -> Floats:
    return multiply(q, multiply(np.array([0.0, *v]), conjugate(q)))[1:]


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, bytes]]:
    """What the node sends over the whole motion: (true µs, frame)."""
    sim = build_sim(tmp_path_factory.mktemp("sim"))
    times, counts = _motion()
    link = NativeLink("s", framed=True, role_of=lambda _n, chan, _p: "sled" if chan == 1 else None, seed=1)
    sent: list[tuple[int, bytes]] = []
    with VirtualNode(sim, "--fed", "--ppm", str(PPM)) as node:
        for t_us, row in zip(times.tolist(), counts.tolist(), strict=True):
            node.feed(t_us, row)
            for data in node.advance(t_us + 100):
                sent.append((t_us, data))
                link.receive(t_us * 1000, data)
            for send in link.step(t_us * 1000):
                node.receive(send.data)
    return sent


def _heard(frames: list[tuple[int, bytes]], lost_share: float) -> list[ImuSamples]:
    """What a host makes of the frames that come through: each at the next connection event; control is not lost."""
    random = Random(8)  # noqa: S311
    link = NativeLink("s", framed=True, role_of=placement_role, seed=1)
    runs: list[ImuSamples] = []
    for t_us, data in frames:
        if t_us > 500_000 and random.random() < lost_share:
            continue
        arrival_us = (t_us // INTERVAL_US + 1) * INTERVAL_US
        runs += [item for item in link.receive(arrival_us * 1000, data) if isinstance(item, ImuSamples)]
    return runs


def _orientations(runs: list[ImuSamples]) -> dict[int, tuple[Floats, Floats]]:
    """Device time to the direction of up, and to the whole rotation since the start, by the product's own filters."""
    level, turn, last, out = Inclination(), Strapdown(), None, {}
    for run in runs:
        for us, acc, gyr in zip(run.device_us.tolist(), run.acc_m_s2, run.gyr_rad_s, strict=True):
            dt = 0.01 if last is None else (us - last) * 1e-6
            level.run([dt], [acc.tolist()], [gyr.tolist()], (0.0, 0.0, 0.0))
            turn.update(dt, *gyr.tolist())
            last = us
            out[us] = (np.array([level.ux, level.uy, level.uz]), turn.matrix())
    return out


def _apart_deg(a: dict[int, tuple[Floats, Floats]], b: dict[int, tuple[Floats, Floats]]) -> tuple[float, float]:
    """Greatest difference of up, and of the whole rotation, at instants that both have, degrees."""
    begin = min(a) + SETTLED_S * 1e6
    ups, turns = [], []
    for us in a.keys() & b.keys():
        if us >= begin:
            ups.append(np.degrees(np.arccos(min(1.0, float(a[us][0] @ b[us][0])))))
            turns.append(np.degrees(np.arccos(np.clip((np.trace(a[us][1].T @ b[us][1]) - 1) / 2, -1, 1))))
    assert len(ups) > 1000
    return max(ups), max(turns)


def test_one_percent_of_lost_packets_costs_no_orientation(frames: list[tuple[int, bytes]]) -> None:
    """With the node's own turning across the gaps, neither up nor the whole rotation is ever off by 0.2°."""
    whole, lossy = _heard(frames, 0.0), _heard(frames, 0.01)
    lost = sum(len(run.device_us) - run.bridged for run in whole) - sum(len(r.device_us) - r.bridged for r in lossy)
    assert lost >= 20
    assert sum(run.bridged for run in lossy) == lost
    up_deg, turn_deg = _apart_deg(_orientations(whole), _orientations(lossy))
    assert up_deg < 0.2
    assert turn_deg < 0.2


def test_without_it_the_same_loss_costs_much_more(frames: list[tuple[int, bytes]]) -> None:
    """The check can fail: with the lost samples simply missing the whole rotation is off by more than a degree."""
    whole, lossy = _heard(frames, 0.0), _heard(frames, 0.01)
    bare = [
        ImuSamples(r.role, r.device_us[r.bridged :], r.acc_m_s2[r.bridged :], r.gyr_rad_s[r.bridged :]) for r in lossy
    ]
    assert _apart_deg(_orientations(whole), _orientations(bare))[1] > 1.0


def _run(start: int, rate: list[float], gyro: Floats | None, count: int = 4) -> ImuSamples:
    times = np.arange(start, start + count * 10_000, 10_000)
    return ImuSamples("sled", times, np.tile([0.0, 0, 9.8], (count, 1)), np.tile(rate, (count, 1)), 0, gyro_wxyz=gyro)


def test_what_is_put_in_turns_by_what_the_node_told() -> None:
    """Lost samples of a jerk that neither end shows: their rates turn by just the rotation that is missing."""
    still = np.array([1.0, 0, 0, 0])
    turned = np.array([np.cos(0.05), np.sin(0.05), 0, 0])
    run = bridged(_run(0, [0, 0, 0], still), _run(80_000, [0, 0, 0], turned), 4)
    assert run.bridged == 4
    assert run.device_us.tolist() == list(range(40_000, 120_000, 10_000))
    whole = np.vstack([np.zeros((1, 3)), run.gyr_rad_s])
    np.testing.assert_allclose(turn_of(whole, np.full(len(whole) - 1, 0.01)), turned, atol=1e-9)


@pytest.mark.parametrize(
    ("before", "now", "missing"),
    [
        (_run(0, [0, 0, 0], None), _run(80_000, [0, 0, 0], np.array([1.0, 0, 0, 0])), 4),
        (_run(0, [0, 0, 0], np.array([1.0, 0, 0, 0])), _run(80_000, [0, 0, 0], np.zeros(4)), 4),
        (_run(0, [0, 0, 0], np.array([1.0, 0, 0, 0])), _run(300_000, [0, 0, 0], np.array([1.0, 0, 0, 0])), 26),
        (_run(0, [0, 0, 0], np.array([1.0, 0, 0, 0])), _run(80_000, [0, 0, 0], np.array([1.0, 0, 0, 0])), 2),
    ],
    ids=["no orientation before", "none now", "gap too long", "gap not as long as its samples"],
)
def test_what_cannot_be_bridged_is_left_a_gap(before: ImuSamples, now: ImuSamples, missing: int) -> None:
    """Without both orientations, over a quarter of a second, or where time and numbers differ, nothing is put in."""
    assert bridged(before, now, missing) is now
