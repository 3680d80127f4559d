"""Sensors' states: told when something changes, and now and then."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from edge.events import SensorState
from edge.ingest.native_types import ChannelReport, NodeReport
from edge.samples import Role
from edge.session.sensor_health import REFRESH_S, SensorHealth

SHANK = ChannelReport(1, "imu", 5, "left_shank", 100.0)


def node(battery: int | None = 80, firmware: str = "1.0") -> NodeReport:
    return NodeReport("hub", "00000000000000a1", firmware, "hw", 0, 0, (SHANK,), battery_pct=battery)


class Ears:
    """The sensors of a lifter, as far as their health is told."""

    def __init__(self) -> None:
        self.is_live = True
        self.names: dict[Role, Role] = {}

    def named(self, role: Role) -> Role:
        return self.names.get(role, role)

    def roles(self) -> list[Role]:
        return ["left_shank", "sled", "footplate"]

    def live(self, role: Role, t_ns: int) -> bool:
        return self.is_live or role != "left_shank"

    def loss_pct(self, role: Role) -> float | None:
        return 1.23456

    def drift_ppm(self, role: Role) -> float | None:
        return 12.345

    def rate_hz(self, role: Role) -> float | None:
        return 103.97 if role != "sled" else None


class Rosa:
    """A lifter, as far as the health of sensors is told."""

    def __init__(self) -> None:
        self.wear = SimpleNamespace(mounts={})
        self.sessions = 1
        self.sensors = Ears()


def told(health: SensorHealth, rosa: Rosa, t_s: float) -> list[SensorState]:
    return list(health.changes(rosa, round(t_s * 1e9), "s1"))  # type: ignore[arg-type]


def test_each_sensor_is_told_at_first() -> None:
    """Every sensor heard, with what is known of it, rounded; the sled and cells need no calibration by the lifter."""
    health = SensorHealth()
    health.report(node())
    states = {state.role: state for state in told(health, Rosa(), 1.0)}
    assert set(states) == {"left_shank", "sled", "footplate"}
    shank = states["left_shank"]
    assert (shank.node, shank.battery_pct, shank.firmware) == ("00000000000000a1", 80, "1.0")
    assert (shank.rate_hz, shank.loss_pct, shank.drift_ppm, shank.session) == (104.0, 1.23, 12.3, "s1")
    assert [states[r].calibrated for r in ("left_shank", "sled", "footplate")] == [False, True, True]
    assert (states["sled"].node, states["sled"].rate_hz, states["sled"].problem) == (None, None, None)


def test_no_change_no_news_until_the_refresh() -> None:
    """What has not changed is told again after exactly REFRESH_S, and not before."""
    health, rosa = SensorHealth(), Rosa()
    assert len(told(health, rosa, 10.0)) == 3
    assert told(health, rosa, 10.1) == []
    assert told(health, rosa, 10.0 + REFRESH_S - 0.1) == []
    assert len(told(health, rosa, 10.0 + REFRESH_S)) == 3
    assert told(health, rosa, 10.1 + REFRESH_S) == []


def test_silence_is_told_at_once() -> None:
    """A sensor that falls silent, and one that is back, is told as it happens, with what to do."""
    health, rosa = SensorHealth(), Rosa()
    told(health, rosa, 1.0)
    rosa.sensors.is_live = False
    (state,) = told(health, rosa, 1.1)
    assert (state.role, state.connected, state.problem) == ("left_shank", False, "silent: check its battery and strap")
    rosa.sensors.is_live = True
    (state,) = told(health, rosa, 1.2)
    assert (state.connected, state.problem) == (True, None)


def test_a_strap_taken_off_is_told_until_the_next_standing_pose() -> None:
    """A worn sensor is off from the moment it is said until a new session begins; sled and cells are not worn."""
    health, rosa = SensorHealth(), Rosa()
    told(health, rosa, 1.0)
    health.taken_off(("left_shank", "sled", "footplate"), rosa)  # type: ignore[arg-type]
    (state,) = told(health, rosa, 1.1)
    assert (state.role, state.problem) == ("left_shank", "taken off: strap it on and stand still for 2 s")
    rosa.sessions += 1
    (state,) = told(health, rosa, 1.2)
    assert (state.role, state.problem) == ("left_shank", None)


@pytest.mark.parametrize("report", [node(battery=79), node(firmware="1.1")])
def test_battery_and_firmware_are_news(report: NodeReport) -> None:
    """A changed report is told for its own sensor alone."""
    health, rosa = SensorHealth(), Rosa()
    health.report(node())
    told(health, rosa, 1.0)
    health.report(report)
    assert [state.role for state in told(health, rosa, 1.1)] == ["left_shank"]
    assert health.firmware() == {"left_shank": report.firmware}


def test_calibration_is_told_with_its_time() -> None:
    """Calibrated since when: from its mount on, until it is lost."""
    health, rosa = SensorHealth(), Rosa()
    told(health, rosa, 1.0)
    rosa.wear.mounts["left_shank"] = object()
    (state,) = told(health, rosa, 2.0)
    assert (state.calibrated, state.calibrated_s) == (True, 2.0)
    rosa.wear.mounts.clear()
    (state,) = told(health, rosa, 3.0)
    assert (state.calibrated, state.calibrated_s) == (False, None)


def test_a_node_goes_with_its_sensor_where_names_are_mixed_up() -> None:
    """The node named for the shank sits on the sled: its battery is told there, and not of the shank."""
    health, rosa = SensorHealth(), Rosa()
    rosa.sensors.names = {"left_shank": "sled", "sled": "left_shank"}
    health.report(node(battery=31))
    states = {state.role: state for state in told(health, rosa, 1.0)}
    assert (states["sled"].node, states["sled"].battery_pct) == ("00000000000000a1", 31)
    assert states["left_shank"].node is None
