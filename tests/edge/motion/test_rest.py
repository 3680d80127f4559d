"""When a sensor rests: found before its gyro's bias is known, lost at the first wanted movement."""

from __future__ import annotations

import pytest

from edge.motion.rest import ACC_M_S2, MEAN_TAU_S, RATE_RAD_S, Rest, Vec

DT_S = 0.01
STILL: Vec = (0.1, -0.2, 9.8)
BIASED: Vec = (0.052, 0.0, -0.02)  # 3°/s that is no movement


def feel(rest: Rest, acc: Vec, gyr: Vec) -> None:
    """One more sample."""
    rest.run([DT_S], [list(acc)], [list(gyr)])


def resting(samples: int) -> Rest:
    """A sensor that has felt the same for so many samples."""
    rest = Rest()
    for _ in range(samples):
        feel(rest, STILL, BIASED)
    return rest


def test_a_bias_is_no_movement() -> None:
    """A sensor that lies still rests for as long as samples come, and its mean is what it felt, bias and all."""
    mean = resting(101).mean()
    assert mean is not None
    assert mean.duration_s == pytest.approx(1.0)
    assert mean.acc == pytest.approx(STILL)
    assert mean.gyr == pytest.approx(BIASED)


def test_the_mean_is_over_the_whole_rest() -> None:
    """Noise about a value averages out: the mean is of all samples of the rest, evenly."""
    rest = Rest()
    for i in range(201):
        feel(rest, (0.1 if i % 2 else -0.1, 0.0, 9.8 + 0.1 * (i % 2)), (0.0, 0.01 * (-1) ** i, 0.0))
    mean = rest.mean()
    assert mean is not None
    assert mean.acc == pytest.approx((0.0, 0.0, 9.85), abs=1e-9)
    assert mean.gyr == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(("limit", "turns"), [(RATE_RAD_S, True), (ACC_M_S2, False)])
def test_the_limits_of_rest(axis: int, limit: float, turns: bool) -> None:  # noqa: FBT001
    """Up to the limit off the recent mean, about any axis, is rest; anything beyond it is movement."""
    for share, rests in ((1.0, True), (1.001, False)):
        rest = Rest()
        for _ in range(51):
            feel(rest, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
        moved = [0.0, 0.0, 0.0]
        moved[axis] = share * limit
        felt = (moved[0], moved[1], moved[2])
        feel(rest, (0.0, 0.0, 0.0) if turns else felt, felt if turns else (0.0, 0.0, 0.0))
        assert (rest.duration_s > 0.0) is rests
        assert (rest.mean() is not None) is rests


def test_rest_begins_anew_after_a_movement() -> None:
    """What was felt before a jerk is in no later mean: only the new rest counts."""
    rest = resting(101)
    feel(rest, (5.0, 0.0, 9.8), BIASED)
    assert (rest.duration_s, rest.mean()) == (0.0, None)
    for _ in range(500):
        feel(rest, (0.0, 0.0, 9.9), BIASED)
    mean = rest.mean()
    assert mean is not None
    assert mean.acc == pytest.approx((0.0, 0.0, 9.9))
    assert mean.duration_s < 5.0


def test_a_slow_turn_is_followed() -> None:
    """The recent mean follows over MEAN_TAU_S: a rate that creeps up slower than that is no movement."""
    rest = Rest()
    for i in range(301):
        feel(rest, STILL, (0.5 * RATE_RAD_S / MEAN_TAU_S * i * DT_S, 0.0, 0.0))
    assert rest.duration_s == pytest.approx(3.0)
    creeping = Rest()
    for i in range(301):
        feel(creeping, STILL, (2.0 * RATE_RAD_S / MEAN_TAU_S * i * DT_S, 0.0, 0.0))
    assert creeping.duration_s == 0.0


def test_a_restart_forgets() -> None:
    """After a gap neither the mean nor the rest before it counts, and the first sample is no movement."""
    rest = resting(101)
    rest.restart()
    assert (rest.duration_s, rest.mean()) == (0.0, None)
    feel(rest, (9.8, 0.0, 0.0), BIASED)
    feel(rest, (9.8, 0.0, 0.0), BIASED)
    assert rest.duration_s == pytest.approx(DT_S)
