"""What a stroke teaches, and which strokes teach nothing."""

from __future__ import annotations

import numpy as np
import pytest

from edge.events import Side
from edge.motion.chain import BY_SENSOR
from edge.motion.learning import SEEN, SEEN_IN_PART, Learning
from edge.motion.leg import Chain, Leg
from edge.motion.stroke import Path
from edge.motion.track import ImuTrack
from edge.samples import FloatArray

HEIGHT_M = 1.75
N = 160
SPAN = (5, N - 6)
OFFSET_DEG, TURN_DEG = 3.0, 6.0


def legs() -> dict[Side, Leg]:
    return {side: Leg(side, ImuTrack(), ImuTrack(), HEIGHT_M) for side in ("left", "right")}


def stroke(chain: Chain) -> tuple[dict[Side, FloatArray], Path]:
    """A press of both legs whose sensors show OFFSET_DEG too much, with the plane turned in by TURN_DEG."""
    flexion = 15.0 + 80.0 * (1 + np.cos(np.linspace(0.0, np.pi, N))) / 2
    reach = np.array([chain.reach_m(f) for f in flexion])
    place = np.sqrt(reach**2 - chain.drop2_m2)
    rate = np.gradient(flexion, 0.01)
    rows = np.stack([flexion, rate, np.zeros(N), flexion + OFFSET_DEG, np.full(N, TURN_DEG)], axis=1)
    path = Path(1000, place - place[0], np.gradient(place, 0.01), (SPAN[0], SPAN[1], SPAN[1]))
    return {"left": rows, "right": rows.copy()}, path


def teach(
    learning: Learning,
    shown: tuple[dict[Side, FloatArray], Path],
    span: tuple[int, int],
    *,
    clean: bool,
    felt: bool = True,
) -> None:
    """One stroke, to the chains and to the neutrals."""
    knees, path = shown
    learning.take(knees, path, span, clean=clean, trust=BY_SENSOR if felt else None)
    learning.show({side: rows[span[0] : span[1] + 1] for side, rows in knees.items()})


def taught(strokes: int = 6, *, clean: bool = True, hide: dict[Side, float] | None = None) -> dict[Side, Leg]:
    """Both legs after some strokes. hide: the share of a leg's instants that were not seen."""
    there = legs()
    learning = Learning(there)
    for _ in range(strokes):
        knees, path = stroke(there["left"].chain.__class__(0.245 * HEIGHT_M, 0.246 * HEIGHT_M))
        for side, share in (hide or {}).items():
            hidden = np.linspace(SPAN[0], SPAN[1], round(share * (SPAN[1] - SPAN[0] + 1)), dtype=int)
            knees[side][hidden] = np.nan
        teach(learning, (knees, path), SPAN, clean=clean)
    return there


def test_clean_strokes_teach_chain_and_neutral() -> None:
    """Both legs' zero moves towards the truth, and the plane's turn becomes their neutral."""
    for leg in taught().values():
        assert 1.0 < leg.chain.offset_deg <= OFFSET_DEG + 0.5
        assert leg.neutral.at(60.0) == pytest.approx(TURN_DEG, abs=0.1)


def test_a_stroke_with_hip_or_ankle_loose_teaches_the_neutral_only() -> None:
    """With the pelvis tucked or a heel up the chain does not hold; where the plane stands is learned all the same."""
    for leg in taught(clean=False).values():
        assert leg.chain.offset_deg == 0.0
        assert leg.neutral.known


def test_a_path_that_was_not_felt_teaches_what_the_legs_do_not_share() -> None:
    """Without the sled's sensor both legs' common error stays; what sets them apart goes, half of it to each."""
    there = legs()
    learning = Learning(there)
    for _ in range(6):
        knees, path = stroke(there["left"].chain.__class__(0.245 * HEIGHT_M, 0.246 * HEIGHT_M))
        teach(learning, (knees, path), SPAN, clean=True, felt=False)
    assert there["left"].chain.offset_deg == pytest.approx(0.0, abs=0.01)
    knees["right"][:, 3] -= OFFSET_DEG
    for _ in range(16):
        teach(learning, (knees, path), SPAN, clean=True, felt=False)
    assert there["left"].chain.offset_deg > 0.6
    assert there["right"].chain.offset_deg < -0.6


def test_a_stroke_seen_in_part_teaches_its_leg_the_neutral_only() -> None:
    """With more than a twentieth of a stroke missing, that leg's chain learns nothing; the other does as if alone."""
    there = taught(hide={"left": 1.0 - SEEN + 0.02})
    assert (there["left"].chain.offset_deg, there["left"].neutral.known) == (pytest.approx(0.0, abs=1e-6), True)
    assert there["right"].chain.offset_deg > 0.5
    assert there["right"].neutral.known


def test_a_leg_that_was_hardly_seen_teaches_nothing() -> None:
    """Where less than SEEN_IN_PART of a stroke was seen, the neutral is not learned either."""
    assert taught(hide={"left": 1.0 - SEEN_IN_PART - 0.02})["left"].neutral.known
    assert not taught(hide={"left": 1.0 - SEEN_IN_PART + 0.02})["left"].neutral.known


def test_a_few_holes_do_not_spoil_a_stroke() -> None:
    """Up to a twentieth of the instants may be missing."""
    there = taught(hide={"left": 1.0 - SEEN - 0.02})
    assert there["left"].chain.offset_deg > 0.5
    assert there["left"].neutral.at(60.0) == pytest.approx(TURN_DEG, abs=0.1)


def test_nothing_seen_nothing_learned() -> None:
    """Two blind legs, or a stroke shorter than 20 instants, leave everything as it was."""
    assert not any(
        leg.neutral.known or leg.chain.offset_deg for leg in taught(hide={"left": 1.0, "right": 1.0}).values()
    )
    there = legs()
    shown = stroke(there["left"].chain)
    teach(Learning(there), shown, (10, 28), clean=True)
    assert not any(leg.neutral.known for leg in there.values())
    teach(Learning(there), shown, (10, 29), clean=True)
    assert all(leg.neutral.known for leg in there.values())


def test_a_sensor_that_moved_is_forgotten_on_its_leg_alone() -> None:
    """Forgetting one leg makes its zero less sure than at first and its neutral unknown, and leaves the other."""
    there = legs()
    learning = Learning(there)
    for _ in range(6):
        teach(learning, stroke(there["left"].chain), SPAN, clean=True)
    unsure = Learning(legs()).offset_sd_deg("left")
    learning.forget("left")
    assert learning.offset_sd_deg("left") > unsure
    assert not there["left"].neutral.known
    assert learning.offset_sd_deg("right") < unsure
    assert there["right"].neutral.known
