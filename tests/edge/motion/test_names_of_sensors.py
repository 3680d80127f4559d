"""Sensors that carry each other's names: heard, live and read by what they are."""

from __future__ import annotations

import numpy as np

from edge.motion.sensors import Sensors
from edge.samples import ImuSamples, Role

MS = 1_000_000


def batch(role: Role, start_us: int, up: float) -> ImuSamples:
    """Ten samples at 100 Hz that feel `up` along z."""
    at = start_us + 10_000 * np.arange(10)
    return ImuSamples(role, at, np.tile([0.0, 0.0, up], (10, 1)), np.zeros((10, 3)))


def send(sensors: Sensors, roles: tuple[Role, ...], start_ms: int, until_ms: int) -> None:
    """Each node sends what tells it apart: the one called a shank feels 5 m/s², any other 9."""
    for at_ms in range(start_ms, until_ms, 100):
        for role in roles:
            sensors.accept(at_ms * MS, batch(role, at_ms * 1000, 5.0 if role.endswith("shank") else 9.0))
        sensors.step(at_ms * MS)


def felt(sensors: Sensors, role: Role) -> float:
    mean = sensors.imus[role].rest.mean()
    assert mean is not None
    return round(mean.acc[2])


def test_each_is_read_as_what_it_is_with_all_that_it_sent_before() -> None:
    """After the exchange the thigh is what the node called shank sends; its past goes with it."""
    sensors = Sensors()
    send(sensors, ("left_thigh", "left_shank"), 0, 500)
    assert felt(sensors, "left_thigh") == 9
    sensors.interchange("left_thigh", "left_shank")
    assert sensors.named("left_thigh") == "left_shank"
    assert felt(sensors, "left_thigh") == 5
    assert sensors.worn["left_thigh"] is sensors.imus["left_thigh"]
    send(sensors, ("left_thigh", "left_shank"), 500, 1500)
    assert felt(sensors, "left_thigh") == 5
    assert sorted(sensors.legs_live) == ["left_shank", "left_thigh"]


def test_silence_is_told_of_where_the_silent_one_sits() -> None:
    """The node called shank sits on the thigh and falls silent: the thigh is not seen, the shank is."""
    sensors = Sensors()
    send(sensors, ("left_thigh", "left_shank"), 0, 500)
    sensors.interchange("left_thigh", "left_shank")
    send(sensors, ("left_thigh",), 500, 2000)
    assert not sensors.live("left_thigh", 2000 * MS)
    assert sensors.live("left_shank", 2000 * MS)
    assert sensors.legs_live == ["left_shank"]
    assert sensors.arrived_s(["left_thigh"]) == 0.4
    assert sensors.heard_s("left_thigh") == 0.4


def test_a_worn_sensor_and_the_sled() -> None:
    """What sits on the sled is no longer among the worn ones."""
    sensors = Sensors()
    send(sensors, ("pelvis", "sled"), 0, 500)
    sensors.interchange("sled", "pelvis")
    assert sensors.worn["pelvis"] is sensors.imus["pelvis"]
    send(sensors, ("pelvis",), 500, 2000)
    assert sensors.sled_live
    assert sensors.worn_live == []


def test_names_hold_again_for_the_next_lifter() -> None:
    """However many were exchanged, all are again what they are called."""
    sensors = Sensors()
    before = dict(sensors.imus)
    sensors.interchange("left_thigh", "left_shank")
    sensors.interchange("left_thigh", "pelvis")
    sensors.interchange("sled", "right_thigh")
    sensors.as_named()
    assert sensors.imus == before
    assert all(sensors.named(role) == role for role in before)
    assert sensors.worn == {role: track for role, track in before.items() if role != "sled"}
