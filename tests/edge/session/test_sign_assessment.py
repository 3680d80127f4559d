"""Which signs cannot be told, and why."""

from __future__ import annotations

from typing import get_args

import pytest

from edge.events import SignKind
from edge.motion.body import Body, Geometry
from edge.session.sign_assessment import BY_KNEES, BY_PLATE, BY_REPS, BY_SLED, NEVER, signs_not_assessed

T_NS = 5_000_000_000


def blind(*heard: str, legs: bool = True, **faults: str) -> dict[str, str]:
    """Signs that cannot be told where these sensors are heard, and these faults cannot be judged. legs: whether any
    sensor on a leg ever was.
    """
    body = Body(Geometry())
    body.sensors.heard_legs = lambda: legs  # type: ignore[method-assign]
    body.sensors.live = lambda role, t_ns: role in heard  # type: ignore[method-assign]
    body.sensors.heard = lambda role: role in (*heard, "away")  # type: ignore[method-assign]
    return signs_not_assessed(body, T_NS, faults)


def test_with_every_sensor_only_what_nobody_can_see_is_open() -> None:
    """Feet that turn out, and whether the trunk is braced: no sensor of the kit shows them."""
    assert blind("sled", "footplate") == NEVER
    assert set(NEVER) == {"toe_out", "bracing"}


@pytest.mark.parametrize(("missing", "kinds"), [("sled", BY_SLED), ("footplate", BY_PLATE)])
def test_without_a_sensor_its_signs_are_open(missing: str, kinds: tuple[SignKind, ...]) -> None:
    """And no others: without the sled the legs still show the reps."""
    left = [role for role in ("sled", "footplate") if role != missing]
    assert set(blind(*left)) == {*NEVER, *kinds}


def test_one_knee_is_enough_for_what_either_shows() -> None:
    """Both must be blind before a sign of the knees is open; the reason is the knee's own."""
    assert set(blind("sled", "footplate", lockout_left="no left thigh sensor")) == set(NEVER)
    both = blind("sled", "footplate", lockout_left="no left thigh sensor", lockout_right="no right thigh sensor")
    assert set(both) == {*NEVER, *BY_KNEES}
    assert both["snap"] == "no left thigh sensor"


def test_a_sled_alone_shows_no_rep() -> None:
    """Nothing is counted without a leg's sensor, so nothing is remarked on either, and the reason is that."""
    faults = {"lockout_left": "no left thigh sensor", "lockout_right": "no right thigh sensor"}
    alone = blind("sled", "footplate", legs=False, **faults)
    assert set(alone) == {*NEVER, *BY_KNEES, *BY_REPS}
    assert alone["fast_lowering"] == "reps cannot be seen: no thigh or shank sensor"


def test_without_sled_and_knees_nothing_of_a_rep_is_told() -> None:
    """Then nothing is left but silence, and it is said so."""
    faults = {f"{kind}_{side}": "away" for kind in ("lockout", "valgus") for side in ("left", "right")}
    assert set(blind(**faults)) == {*NEVER, *get_args(SignKind)}
    assert "reps cannot be seen" in blind(**faults)["stall"]
    assert {*BY_SLED, *BY_REPS, *BY_PLATE, *BY_KNEES, "valgus_trend"} == set(get_args(SignKind))
