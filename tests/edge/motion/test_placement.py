"""A sensor that slips on its segment is told from a body that moves."""

from __future__ import annotations

from collections.abc import Mapping
from math import radians

import numpy as np
import pytest

from edge.motion.mount import Mount, find_mount, rotation
from edge.motion.placement import PARTNERS, RELEARN_REPS, Placement, Slip
from edge.motion.series import GRID_S
from edge.motion.track import ImuTrack
from edge.samples import Role

Turns = Mapping[Role, tuple[float, float]]
"""Role -> degrees turned about x, and over how many seconds, from 0.3 s after the sled came to stand."""


def tracks_of(turns: Turns, steps: int = 250, back: bool = False) -> dict[Role, ImuTrack]:  # noqa: FBT001, FBT002
    tracks: dict[Role, ImuTrack] = {}
    for role in PARTNERS:
        track = ImuTrack()
        deg, lasts_s = turns.get(role, (0.0, 1.0))
        n = round(lasts_s / GRID_S)
        for k in range(steps):
            rate = radians(deg) / lasts_s if 30 <= k < 30 + n else 0.0
            rate -= radians(deg) / lasts_s if back and 30 + n <= k < 30 + 2 * n else 0.0
            track.states.put(k, (0.0, 0.0, 1.0, rate, 0.0, 0.0, 0.0, 0.0, 9.8))
        tracks[role] = track
    return tracks


def watched(tracks: dict[Role, ImuTrack], still_until: int = 250) -> tuple[Placement, list[Slip]]:
    placement, slips = Placement(tracks), []
    for k in range(250):
        slips += placement.step(k, still=k < still_until)
    return placement, slips


@pytest.mark.parametrize(("deg", "slipped"), [(5.9, False), (6.1, True), (20.0, True)])
def test_a_shank_that_turns_alone_by_six_degrees_has_slipped(deg: float, *, slipped: bool) -> None:
    """The slip is told once, with its size, its axis and when it began."""
    _, slips = watched(tracks_of({"left_shank": (deg, 0.5)}))
    assert [s.role for s in slips] == ["left_shank"] * slipped
    if slipped:
        assert slips[0].deg == pytest.approx(deg, abs=0.1)
        assert slips[0].turn_rad[0] == pytest.approx(radians(deg), rel=0.01)
        assert slips[0].t_s == pytest.approx(0.3, abs=0.11)


def test_a_leg_that_shifts_turns_both_its_segments() -> None:
    """A foot put anew, a knee that sinks: the partner turns too, and nothing has slipped."""
    assert not watched(tracks_of({"left_shank": (12.0, 0.5), "left_thigh": (9.0, 0.5)}))[1]


def test_exchanged_sensors_are_no_slip() -> None:
    """Where the right thigh is really the left one, a shifted foot turns the left shank and the right thigh."""
    assert not watched(tracks_of({"left_shank": (12.0, 0.5), "right_thigh": (9.0, 0.5)}))[1]


def test_who_gets_up_has_not_slipped() -> None:
    """A turn beyond what a strap allows is something else."""
    assert not watched(tracks_of({"left_shank": (40.0, 0.8)}))[1]


@pytest.mark.parametrize(("deg", "slipped"), [(6.5, False), (8.0, True)])
def test_a_pelvis_rocks_more_than_a_leg_before_it_counts(deg: float, *, slipped: bool) -> None:
    """Hands that grip anew rock the pelvis by some degrees."""
    assert bool(watched(tracks_of({"pelvis": (deg, 0.5)}))[1]) is slipped


def test_a_pelvis_that_rocks_and_comes_back_has_not_slipped() -> None:
    """A swing of 12° and back within a second and a half ends where it began."""
    assert not watched(tracks_of({"pelvis": (12.0, 0.4)}, back=True))[1]


def test_two_straps_may_give_at_once() -> None:
    """Both shanks slip while both thighs are still."""
    _, slips = watched(tracks_of({"left_shank": (10.0, 0.5), "right_shank": (15.0, 0.5)}))
    assert sorted(s.role for s in slips) == ["left_shank", "right_shank"]


@pytest.mark.parametrize(("late_from", "slipped"), [(40, False), (90, True)])
def test_a_sensor_turns_alone_only_while_its_partner_is_heard(late_from: int, *, slipped: bool) -> None:
    """A shank whose batches stop coming before the thigh turns may have turned with it: the leg is on its way down."""
    tracks = tracks_of({"left_thigh": (10.0, 0.5)})
    shank = ImuTrack()
    for k in range(late_from):
        shank.states.put(k, (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.8))
    assert bool(watched(tracks | {"left_shank": shank}, still_until=95)[1]) is slipped


def test_the_sled_that_moves_off_ends_the_wait() -> None:
    """A slip that is not over when the next descent begins is told then."""
    _, slips = watched(tracks_of({"left_shank": (10.0, 0.9)}), still_until=110)
    assert [s.role for s in slips] == ["left_shank"]
    assert slips[0].deg == pytest.approx(9.0, abs=0.7)


def test_without_a_partner_nothing_is_said() -> None:
    """A shank whose thigh has no sensor could be a leg that moves."""
    tracks = tracks_of({"left_shank": (12.0, 0.5)})
    tracks["left_thigh"], tracks["right_thigh"] = ImuTrack(), ImuTrack()
    assert not watched(tracks)[1]


def test_it_is_believed_again_after_three_reps_and_doubted_while_it_turns() -> None:
    """While it turns it is suspected, then it is learned anew."""
    tracks = tracks_of({"left_shank": (12.0, 0.5)})
    placement = Placement(tracks)
    doubted = [k for k in range(250) if (placement.step(k, still=True) or True) and placement.untrusted]
    assert 40 < doubted[0] < 60
    for _ in range(RELEARN_REPS - 1):
        placement.rep()
        assert placement.untrusted
    placement.rep()
    assert not placement.untrusted


def test_a_mount_turns_with_its_sensor() -> None:
    """What the turned mount reads of the turned sensor is what the old one read before."""
    mount = find_mount(np.array([0.1, 0.0, 0.99]), np.array([0.9, 0.1, 0.3]), np.array([0.0, 1.0, 0.05]))
    turn = np.array([0.2, -0.1, 0.15])
    felt = np.array([0.4, 0.1, 0.91])
    felt /= np.linalg.norm(felt)
    before = read(mount, felt)
    assert read(mount.turned((0.2, -0.1, 0.15)), rotation(-turn) @ felt) == pytest.approx(before)
    assert read(mount.pitched(5.0), felt) == pytest.approx((before[0] - 5.0, before[1]))


def read(mount: Mount, up: np.ndarray) -> tuple[float, float]:  # type: ignore[type-arg]
    state = mount.read((float(up[0]), float(up[1]), float(up[2]), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    return state[0], state[2]
