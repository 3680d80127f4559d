"""Lockout on timelines of knee flexion: which knees are driven straight, and which are only resting."""

from __future__ import annotations

import numpy as np
import pytest
from timelines import gate, reading

from edge.detectors.lockout import PLAIN_DEG, WINDOW_S, Lockout, LockoutSettings
from edge.events import Phase

LINE_DEG = LockoutSettings().alert_deg


def arriving(lockout: Lockout, lowest_deg: float, seconds_at_top: float = 0.5, attempt: int = 3) -> list[float]:
    """A drive from 60° to the lowest flexion in half a second, and a stay there. Returns when it was told, s."""
    drive = lowest_deg + (60.0 - lowest_deg) * np.linspace(1.0, 0.0, 50) ** 2
    rate = np.gradient(drive, 0.01)
    said = [lockout.step(reading(i, drive[i], rate[i]), gate("concentric", attempt)) for i in range(50)]
    for i in range(50, 50 + round(seconds_at_top * 100)):
        said += [lockout.step(reading(i, lowest_deg), gate("top", attempt, (i - 49) * 0.01))]
    return [i * 0.01 for i, found in enumerate(said) if found]


@pytest.mark.parametrize(
    ("lifter", "lowest_deg", "locks"),
    [("Ada locks hard", -2.0, True), ("Ben locks", 1.0, True), ("Cem just locks", LINE_DEG - 0.5, True),
     ("Dora stops short", LINE_DEG + 0.5, False), ("Eve is soft", 12.0, False)],
)  # fmt: skip
def test_who_locks(lifter: str, lowest_deg: float, locks: bool) -> None:  # noqa: FBT001
    """A knee driven below the line is told once, as it arrives; one that stops short is not."""
    said = arriving(Lockout("left", LockoutSettings()), lowest_deg)
    assert len(said) == (1 if locks else 0), lifter
    assert all(at <= 0.55 for at in said)


def test_on_the_line_is_soft() -> None:
    """A knee that rests exactly on the line is not locked."""
    lockout = Lockout("left", LockoutSettings())
    assert not any(lockout.step(reading(i, LINE_DEG), gate("concentric")) for i in range(100))
    assert any(lockout.step(reading(100 + i, LINE_DEG - 1e-6), gate("concentric")) for i in range(4))


def test_the_hold_is_exact() -> None:
    """Two hundredths of a second beyond the line are certain; one is not."""
    brief, lasting = Lockout("left", LockoutSettings()), Lockout("left", LockoutSettings())
    for values, lockout, tells in (((3.0, 3.0, 20.0), brief, False), ((3.0, 3.0, 3.0), lasting, True)):
        said = [lockout.step(reading(i, v), gate("concentric")) for i, v in enumerate(values)]
        assert any(said) is tells


@pytest.mark.parametrize("phase", ["eccentric", "bottom", "rest"])
def test_only_a_drive_locks(phase: Phase) -> None:
    """On the way down, at the bottom or in the rack no knee is locked, whatever the angle."""
    lockout = Lockout("left", LockoutSettings())
    assert not any(lockout.step(reading(i, 0.0), gate(phase)) for i in range(100))


@pytest.mark.parametrize(
    ("since_s", "rests_at_deg", "tells"),
    [
        (WINDOW_S - 0.03, LINE_DEG - 0.1, True),
        (WINDOW_S, LINE_DEG - 0.1, False),
        (5.0, LINE_DEG - PLAIN_DEG + 0.1, False),
        (5.0, LINE_DEG - PLAIN_DEG, True),
    ],
)
def test_a_knee_that_straightens_at_rest(since_s: float, rests_at_deg: float, tells: bool) -> None:  # noqa: FBT001
    """Within WINDOW_S of arriving the line counts; a knee that straightens later must be plainly beyond it."""
    lockout = Lockout("left", LockoutSettings())
    said = [lockout.step(reading(i, rests_at_deg), gate("top", since_top_s=since_s + i * 0.01)) for i in range(3)]
    assert any(said) is tells


def test_the_window_is_exact() -> None:
    """The first instant that is WINDOW_S after arriving needs a plain lockout; the one before it does not."""
    for since_s, tells in ((WINDOW_S - 1e-9, True), (WINDOW_S, False)):
        lockout = Lockout("left", LockoutSettings(hold_s=0.0))
        assert (lockout.step(reading(0, LINE_DEG - 0.1), gate("top", since_top_s=since_s)) is not None) is tells


def test_it_stays_active_while_the_knee_stays_locked() -> None:
    """A knee left locked for five seconds is one fault, present all the time; unlocking ends it."""
    lockout = Lockout("left", LockoutSettings())
    assert len(arriving(lockout, 1.0, seconds_at_top=5.0)) == 1
    assert lockout.fault.active
    for i in range(600, 640):
        lockout.step(reading(i, 15.0), gate("top", since_top_s=5.0 + i * 0.01))
    assert not lockout.fault.active


def test_unjudged_is_silent() -> None:
    """With the sled in its rack or before the first rep a straight knee is nothing, and ends what was."""
    lockout = Lockout("left", LockoutSettings())
    assert not any(lockout.step(reading(i, 0.0), gate("concentric", judged=False)) for i in range(50))
    arriving(lockout, 1.0)
    lockout.step(reading(200, 1.0), gate("concentric", judged=False))
    assert not lockout.fault.active


def test_it_names_its_leg() -> None:
    """Side, unit and sensors are those of the knee."""
    lockout = Lockout("right", LockoutSettings())
    found = [d for i in range(10) if (d := lockout.step(reading(i, 2.0), gate("concentric")))]
    assert [(d.kind, d.side, d.unit, d.sensors) for d in found] == [
        ("lockout", "right", "deg", ("right_thigh", "right_shank"))
    ]


def test_settings_that_contradict_themselves_are_refused() -> None:
    """A fault must not be over before it began; equal lines are refused, too."""
    with pytest.raises(ValueError, match="above alert_deg, 7"):
        LockoutSettings(alert_deg=7.0, clear_deg=7.0)
    assert LockoutSettings(alert_deg=7.0, clear_deg=7.1).clear_deg == 7.1
