"""What the doctor makes of facts: each limit from both sides, and each finding with what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.provisioning.facts import link_defaults
from edge.provisioning.findings import (
    AdapterFacts,
    Facts,
    Finding,
    LinkDefaults,
    NodeFacts,
    SensorFacts,
    findings,
)

SENSOR = SensorFacts(
    "press",
    "left_shank",
    1.0,
    connected=True,
    calibrated_s=60.0,
    battery_pct=90,
    loss_pct=0.1,
    drift_ppm=10.0,
    problem=None,
)
HEALTHY = Facts(
    version="5.66",
    adapters=(AdapterFacts("hci0", powered=True, links=2),),
    defaults=LinkDefaults(readable=True, max_interval_ms=15.0, supervision_ms=3000),
    nodes=(NodeFacts("knee", "node 1", rssi_dbm=-60),),
    sensors=(SENSOR,),
)


def grades(facts: Facts, about: str) -> list[str]:
    """The grades of all findings of one thing."""
    return [one.grade for one in findings(facts) if one.about == about]


def of_node(**changes: object) -> list[str]:
    return grades(replace(HEALTHY, nodes=(replace(HEALTHY.nodes[0], **changes),)), "knee")  # type: ignore[arg-type]


def of_sensor(**changes: object) -> list[str]:
    return grades(replace(HEALTHY, sensors=(replace(SENSOR, **changes),)), "press left shank")  # type: ignore[arg-type]


def test_all_is_well() -> None:
    """Healthy facts give good findings only, and none of them asks for anything."""
    assert {one.grade for one in findings(HEALTHY)} == {"good"}
    assert all(not one.do for one in findings(HEALTHY))


def test_no_bluetooth_is_the_only_finding() -> None:
    """Without Bluetooth there is nothing to say of nodes; what to do is split from what is wrong."""
    trouble = Facts(trouble="bluetoothd is not running: sudo systemctl start bluetooth")
    assert findings(trouble) == [
        Finding("bad", "Bluetooth", "bluetoothd is not running", "sudo systemctl start bluetooth")
    ]


def test_an_adapter_without_power() -> None:
    """It is bad, names the command, and its slots do not count."""
    facts = replace(HEALTHY, adapters=(AdapterFacts("hci0", powered=False, links=0),))
    assert grades(facts, "hci0") == ["bad"]
    assert grades(facts, "slots") == ["bad"]


@pytest.mark.parametrize(("nodes", "grade"), [(7, "good"), (8, "bad")])
def test_slots(nodes: int, grade: str) -> None:
    """More nodes than links is bad."""
    facts = replace(HEALTHY, nodes=tuple(NodeFacts(f"n{k}", "node", rssi_dbm=-50) for k in range(nodes)))
    assert grades(facts, "slots") == [grade]


@pytest.mark.parametrize(
    ("defaults", "supervision", "interval"),
    [
        (LinkDefaults(readable=True, max_interval_ms=30.0, supervision_ms=2000), "good", "good"),
        (LinkDefaults(readable=True, max_interval_ms=31.25, supervision_ms=1990), "note", "bad"),
        (LinkDefaults(readable=True), "note", "note"),
    ],
)
def test_links(defaults: LinkDefaults, supervision: str, interval: str) -> None:
    """Supervision and interval are judged at their limits."""
    facts = replace(HEALTHY, defaults=defaults)
    assert (grades(facts, "supervision"), grades(facts, "interval")) == ([supervision], [interval])


def test_links_that_are_not_known_are_not_called_good() -> None:
    """An unreadable file is told as such."""
    assert grades(replace(HEALTHY, defaults=LinkDefaults(readable=False)), "links") == ["note"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rssi_dbm": -81}, ["good"]),
        ({"rssi_dbm": -82}, ["note"]),
        ({"rssi_dbm": -90}, ["bad"]),
        ({"rssi_dbm": None}, ["bad"]),
        ({"rssi_dbm": None, "connected": True}, ["good"]),
        ({"problem": "asks for a bond: sledguard pair X"}, ["bad"]),
        ({"battery_pct": 40}, ["good", "good"]),
        ({"battery_pct": 39}, ["good", "note"]),
        ({"battery_pct": 19}, ["good", "bad"]),
        ({"loss_pct": 0.49}, ["good", "good"]),
        ({"loss_pct": 0.5}, ["good", "note"]),
        ({"loss_pct": 3.0}, ["good", "bad"]),
        ({"faults": ("gyro_range",)}, ["good", "bad"]),
    ],
)
def test_nodes(changes: dict[str, object], expected: list[str]) -> None:
    """Loudness, battery, loss and faults of a node."""
    assert of_node(**changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"drift_ppm": -59.9}, "good"),
        ({"drift_ppm": 60.0}, "note"),
        ({"drift_ppm": -250.0}, "bad"),
        ({"calibrated_s": 7200.0}, "good"),
        ({"calibrated_s": 7201.0}, "note"),
        ({"calibrated_s": None}, "note"),
    ],
)
def test_sensors_of_the_daemon(changes: dict[str, object], expected: str) -> None:
    """Drift and the age of the calibration, at their limits."""
    assert set(of_sensor(**changes)) == {"good", expected}


def test_a_silent_sensor_is_one_finding() -> None:
    """Of a sensor that is silent nothing else is said."""
    assert of_sensor(connected=False, problem="silent: check its battery and strap", battery_pct=3) == ["bad"]


def test_every_bad_finding_says_what_to_do() -> None:
    """Whatever is wrong, there is something to do about it."""
    broken = replace(
        HEALTHY,
        adapters=(AdapterFacts("hci0", powered=False, links=0),),
        defaults=LinkDefaults(readable=True, max_interval_ms=100.0),
        nodes=(
            NodeFacts("a", "node"), NodeFacts("b", "node", rssi_dbm=-95, battery_pct=1, loss_pct=9.0, faults=("x",)),
        ),
        sensors=(replace(SENSOR, drift_ppm=999.0, calibrated_s=None, battery_pct=1), replace(SENSOR, connected=False)),
        broker_problem="the broker tells nothing",
    )  # fmt: skip
    told = [one for one in findings(broken) if one.grade != "good"]
    assert len(told) >= 10
    assert [one for one in told if not one.do and one.about != "press left shank"] == []


def test_main_conf(tmp_path: Path) -> None:
    """Steps of 1.25 and 10 ms, as bluetoothd counts; comments and other sections do not matter."""
    path = tmp_path / "main.conf"
    path.write_text(
        "[General]\nName = %h\n[LE]\n#MinConnectionInterval=7\n"
        "MaxConnectionInterval=24\nConnectionSupervisionTimeout=300\n"
    )
    assert link_defaults(path) == LinkDefaults(readable=True, max_interval_ms=30.0, supervision_ms=3000)
    path.write_text("[General]\n")
    assert link_defaults(path) == LinkDefaults(readable=True)
    path.write_text("no section\n")
    assert link_defaults(path) == LinkDefaults(readable=False)
    assert link_defaults(tmp_path / "none") == LinkDefaults(readable=False)
