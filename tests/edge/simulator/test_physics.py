"""The simulated signals obey mechanics, by formulas written here and not taken from the simulator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.simulator.imus import measure, place_m
from edge.simulator.scenario import Fault, Machine, RepPlan, Scenario, SetPlan, Trouble
from edge.simulator.session import Session, World, build_world, simulate

G = 9.80665
WORN = ("pelvis", "left_thigh", "left_shank", "right_thigh", "right_shank")


def _still(session: Session, role: str, from_s: float, to_s: float) -> np.ndarray:
    stream = session.streams[role]
    true_s = stream.device_us / 1e6 - stream.device_us[0] / 1e6
    return stream.values[(true_s >= from_s) & (true_s <= to_s)]


@pytest.mark.parametrize("role", ["sled", *WORN])
def test_gravity_alone_at_rest(session: Session, role: str) -> None:
    """A still, perfect sensor feels 1 g and next to no turning, whatever way up it is."""
    seated = session.truth.facts["seated_s"][0]
    rows = _still(session, role, seated + 1.0, seated + 2.5)
    assert np.linalg.norm(rows[:, :3], axis=1) == pytest.approx(G, abs=0.06)
    assert np.abs(np.degrees(rows[:, 3:])).max() < 2.0


def test_sled_axes(session: Session) -> None:
    """On a 45° rail the resting sled feels half of gravity up the rail and half out of it, none to the side."""
    mean = _still(session, "sled", 1.0, 3.0)[:, :3].mean(axis=0)
    assert mean == pytest.approx([G * np.sin(np.pi / 4), 0.0, G * np.cos(np.pi / 4)], abs=1e-3)


def test_standing_axes(session: Session) -> None:
    """Standing, every worn sensor's z points up, to within the sway and a slightly bent knee."""
    for role in WORN:
        mean = _still(session, role, 1.0, 4.0)[:, :3].mean(axis=0)
        assert mean[2] > G * np.cos(np.radians(5.0)), role


@pytest.mark.parametrize("role", WORN)
def test_gyro_integrates_to_the_turn(session: Session, world: World, role: str) -> None:
    """Summing the angular rate over the whole session gives the change of orientation."""
    stream = session.streams[role]
    axes = world.body.segments[role].axes  # type: ignore[index]
    rates, dt = stream.values[:, 3:], 0.002
    turned = np.eye(3)
    for w in rates[:-1]:
        angle = np.linalg.norm(w) * dt
        k = np.cross(np.eye(3), w / max(np.linalg.norm(w), 1e-12))
        turned = turned @ (np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k))
    expected = axes[0].T @ axes[len(rates) - 1]
    off = np.degrees(np.arccos(np.clip((np.trace(turned.T @ expected) - 1) / 2, -1, 1)))
    assert off < 1.5


def test_sled_acceleration_integrates_to_its_position(session: Session, world: World) -> None:
    """Twice integrated, the sled's specific force less gravity is the sled's path."""
    t = world.timeline.t_s
    a, b = (int(x / 0.002) for x in (world.timeline.attempts[0].start_s, world.timeline.attempts[0].end_s))
    stream = session.streams["sled"]
    at = (stream.device_us - stream.device_us[0]) / 1e6
    felt = np.interp(t[a:b] - 0.0008, at, stream.values[:, 0]) - G * np.sin(np.pi / 4)
    speed = np.cumsum(felt) * 0.002
    path = np.cumsum(speed) * 0.002
    true = session.truth.columns["sled_position_m"][a:b]
    drift = np.polyfit(t[a:b] - t[a], path - (true - true[0]), 1)
    left = path - (true - true[0]) - np.polyval(drift, t[a:b] - t[a])
    assert np.abs(left).max() < 0.004


def test_centripetal_acceleration(world: World) -> None:
    """A point on a turning segment feels the centre's acceleration plus w x (w x r) plus dw/dt x r."""
    segment = world.body.segments["left_shank"]
    n = len(world.timeline.t_s)
    point = place_m("left_shank")
    here = measure(segment, np.broadcast_to(np.eye(3), (n, 3, 3)), np.broadcast_to(point, (n, 3)))
    centre = measure(segment, np.broadcast_to(np.eye(3), (n, 3, 3)), np.zeros((n, 3)))
    rate = here.rate_rad_s
    expected = (
        centre.force_m_s2 + np.cross(rate, np.cross(rate, point)) + np.cross(np.gradient(rate, 0.002, axis=0), point)
    )
    rep = world.timeline.attempts[1]
    a, b = int(rep.start_s / 0.002), int(rep.end_s / 0.002)
    assert np.abs(here.force_m_s2 - expected)[a:b].max() < 0.15


def test_the_chain_closes(world: World, perfect: Scenario) -> None:
    """Seated, thigh and shank reach from hip to the ankle on the plate, and the law of cosines gives the knee."""
    body, seated = perfect.lifter, world.seated
    a, b = (int(x / 0.002) for x in (world.timeline.seated_from_s + 0.1, world.timeline.seated_to_s))
    for leg, side in enumerate(("left", "right")):
        thigh = world.body.segments[f"{side}_thigh"]  # type: ignore[index]
        knee = thigh.origin_m - body.thigh_m[leg] * thigh.axes[:, :, 2]
        reach = np.linalg.norm(seated.ankle_m[leg] - knee, axis=1)[a:b]
        assert reach == pytest.approx(body.shank_m[leg], abs=1e-9)
        d = np.linalg.norm(seated.ankle_m[leg] - seated.hip_m[leg], axis=1)[a:b]
        cosine = (d**2 - body.thigh_m[leg] ** 2 - body.shank_m[leg] ** 2) / (2 * body.thigh_m[leg] * body.shank_m[leg])
        flexion = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        assert world.body.flexion_rad[a:b, leg] * 180 / np.pi == pytest.approx(flexion, abs=1e-6)


def test_the_ankle_follows_the_sled(world: World, perfect: Scenario) -> None:
    """With the heel down, the ankle keeps its place on the plate to within the play of its centre and the rings."""
    a, b = (int(x / 0.002) for x in (world.timeline.attempts[0].start_s, world.timeline.attempts[0].end_s))
    u = np.array([np.cos(np.pi / 4), 0.0, np.sin(np.pi / 4)])
    along = world.seated.ankle_m[0][a:b] @ u
    assert along == pytest.approx(world.seated.sled_m[a:b], abs=0.0005)


def test_forces_balance(session: Session, perfect: Scenario, world: World) -> None:
    """Feet carry weight, inertia and friction of the sled: Newton's law, with friction as the only slack."""
    machine = perfect.machine
    stream = session.streams["footplate"]
    at = (stream.device_us - stream.device_us[0]) / 1e6
    t = world.timeline.t_s
    sled = session.truth.columns["sled_position_m"]
    accel = np.gradient(np.gradient(sled, 0.002), 0.002)
    rep = world.timeline.attempts[0]
    inside = (at > rep.start_s) & (at < rep.end_s)
    push = stream.values[inside].sum(axis=1)
    newton = machine.sled_kg * (G * np.sin(np.radians(machine.rail_deg)) + np.interp(at[inside], t, accel))
    normal = machine.sled_kg * G * np.cos(np.radians(machine.rail_deg))
    slack = machine.friction_share * normal + machine.friction_n + machine.stick_slip_n + 45.0  # feet's own weight
    assert np.abs(push - newton).max() < slack
    moving = np.gradient(sled, 0.002)
    speed = np.interp(at[inside], t, moving)
    assert (push - newton)[speed > 0.1].mean() > (push - newton)[speed < -0.1].mean() + machine.friction_n


def test_weight_stack_loads_a_flat_machine() -> None:
    """On a flat rail the stack's weight is what the feet hold, one to one."""
    flat = Scenario(
        machine=Machine(rail_deg=0.0, backrest_deg=60.0, sled_kg=25.0, stack_kg=80.0), sets=(SetPlan((RepPlan(),)),)
    )
    world = build_world(flat)
    rep = world.timeline.attempts[0]
    dwell = slice(int((rep.top_s + 0.3) / 0.002), int((rep.end_s - 0.1) / 0.002))
    assert world.cells_n[dwell].sum(axis=1).mean() == pytest.approx(80.0 * G + 32.0, rel=0.05)


def test_a_list_straightens_one_leg(session: Session) -> None:
    """A pelvis that drops its left hip locks the left knee and leaves the right one bent."""
    verdicts = [v for v in session.truth.facts["verdicts"] if v["kind"] == "lockout" and v["rep"] == 3]
    by_side = {v["side"]: v["peak"] for v in verdicts}
    assert by_side["left"] < 3.5
    assert by_side["right"] > 9.0


def test_valgus_moves_the_knee_inward(perfect: Scenario, world: World) -> None:
    """Inward is to the right for a left knee: off the line from hip to ankle by the stated millimetres."""
    rep = world.timeline.attempts[1]
    t = world.timeline.t_s
    at = int((rep.drive_s + 0.2) / 0.002)
    quiet = int((rep.start_s + 0.3 * (rep.bottom_s - rep.start_s)) / 0.002)
    thigh = world.body.segments["left_thigh"]

    def sideways(i: int) -> float:
        hip, ankle = world.seated.hip_m[0][i], world.seated.ankle_m[0][i]
        knee = hip - perfect.lifter.thigh_m[0] * thigh.axes[i, :, 2]
        line = (ankle - hip) / np.linalg.norm(ankle - hip)
        off = (knee - hip) - ((knee - hip) @ line) * line
        return float(-off[1] * 1000)

    assert sideways(at) - sideways(quiet) > 40.0
    assert world.seated.inward_mm[0][at] == pytest.approx(sideways(at) - sideways(quiet), abs=15.0)
    assert t[at] < rep.top_s


def test_heel_lift_and_tuck_bend_the_chain(world: World) -> None:
    """A lifted heel and a tucked pelvis each bring hip and ankle nearer: the sled alone would not know."""
    t, d = world.timeline.t_s, np.linalg.norm(world.seated.ankle_m[1] - world.seated.hip_m[1], axis=1)
    sled = world.seated.sled_m

    def gap(attempt: int) -> float:
        at = int(world.timeline.attempts[attempt].bottom_s / 0.002)
        return float((d - sled)[at])

    assert t[0] == 0.0
    assert gap(3) < gap(0) - 0.01
    assert gap(4) < gap(0) - 0.008


def test_the_sacral_row_lets_go_first() -> None:
    """A tucking pelvis takes the sacral row off the pad sooner and further than the lumbar one."""
    scenario = Scenario(sets=(SetPlan((RepPlan(), RepPlan(faults=(Fault("lumbar", "both", 18.0),)))),))
    world = build_world(scenario)
    rep = world.timeline.attempts[1]
    at, before = int(rep.bottom_s / 0.002), int((rep.start_s - 0.1) / 0.002)
    left = world.pad_n[at] / world.pad_n[before]
    assert left[1] < 0.2
    assert left[0] > 0.6


def test_an_upside_down_node_reads_turned() -> None:
    """Turned 180° about its x a sensor shows y and z reversed."""
    plain = Scenario(sets=(SetPlan((RepPlan(),)),))
    turned = replace(plain, trouble=Trouble(upside_down=(("left_thigh", "x"),)))
    a, b = (simulate(s).streams["left_thigh"].values for s in (plain, turned))
    assert np.corrcoef(a[:, 0], b[:, 0])[0, 1] > 0.99
    assert np.corrcoef(a[:, 2], b[:, 2])[0, 1] < -0.99
    assert np.corrcoef(a[:, 4], b[:, 4])[0, 1] < -0.99
