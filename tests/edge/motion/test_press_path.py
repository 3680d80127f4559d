"""The press out of the rack, looked back on: its length, whatever the sled's sensor drifts by."""

from __future__ import annotations

import numpy as np
import pytest

from edge.motion.stroke import SLOW_DEG_S, Window, press_path

LENGTH_M, LASTS_S = 0.2, 1.4


def press(drift_m_s2: float, knees_say: float = 1.0, stays: int = 40) -> Window:
    """A press that eases in and out and a stay after it. drift_m_s2: the sensor's error along the rail; knees_say: the
    sled's speed by the knees over the true one. Its top is where a knee that turns a degree in a millimetre is slow.
    """
    time = np.arange(round(LASTS_S * 100) + stays) * 0.01
    share = np.minimum(time / LASTS_S, 1.0)
    speed = LENGTH_M / LASTS_S * 30 * share**2 * (1 - share) ** 2
    acc = np.gradient(speed, 0.01)
    top = int(np.flatnonzero(speed > SLOW_DEG_S / 1000)[-1])
    return Window(1000, acc + drift_m_s2, speed * knees_say, np.zeros(len(time)), np.zeros(len(time)), 0, top // 2, top)


@pytest.mark.parametrize("drift_m_s2", [-0.05, 0.0, 0.05])
@pytest.mark.parametrize("knees_say", [0.95, 1.0, 1.05])
def test_the_press_has_its_length(drift_m_s2: float, knees_say: float) -> None:
    """Within 1.5 mm of 200, with a sensor off by 0.05 m/s² and knees that tell the speed 5 % too fast or too slow."""
    window = press(drift_m_s2, knees_say)
    path = press_path(window)
    true = float(np.sum(press(0.0).knee_m_s[: window.top]) * 0.01)
    assert path.place_m[window.top] == pytest.approx(true, abs=0.0015)
    assert path.dead == (0, 0, window.top)


def test_a_sled_that_still_creeps_at_the_top_is_no_drift() -> None:
    """Where the knees have all but stopped the sled still moves by millimetres in a second: that is not taken out."""
    window = press(0.0)
    assert 0.004 < window.knee_m_s[window.top] < 0.008
    assert press_path(window).speed_m_s[window.top] == pytest.approx(float(window.knee_m_s[window.top]), abs=0.001)
