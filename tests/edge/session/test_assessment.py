"""Why a verdict cannot be judged: each reason, in its order, and gone once its cause is gone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from edge.events import VERDICTS, verdict_key
from edge.samples import Role
from edge.session.assessment import SLOW_HZ, ZERO_SD_MAX_DEG, needs, not_assessed

WORN: tuple[Role, ...] = ("left_thigh", "left_shank", "right_thigh", "right_shank", "pelvis")


class Ears:
    """Who is heard, as far as the assessment asks; all are, until a test takes something away."""

    def __init__(self) -> None:
        self.known = {*WORN, "footplate"}
        self.silent: set[str] = set()
        self.back: set[str] = set()
        self.rates = dict.fromkeys(self.known, 100.0)

    def heard(self, role: Role) -> bool:
        return role in self.known

    def heard_legs(self) -> bool:
        return bool(self.known & set(WORN[:4]))

    def live(self, role: Role, t_ns: int) -> bool:
        return role not in self.silent

    def rate_hz(self, role: Role) -> float | None:
        return self.rates.get(role)

    def settling(self, role: Role, t_ns: int) -> bool:
        return role in self.back


class Quinn:
    """A lifter, as far as the assessment looks; all is well until a test takes something away."""

    def __init__(self) -> None:
        self.sensors = Ears()
        self.wear = SimpleNamespace(
            standing=dict.fromkeys(WORN), seated=dict.fromkeys(WORN), mounts=dict.fromkeys(WORN)
        )
        self.legs = {s: SimpleNamespace(neutral=SimpleNamespace(known=True)) for s in ("left", "right")}
        self.flat = {"left": 0.5, "right": 0.5}
        self.feet = SimpleNamespace(flat_share=self.flat.get)
        self.placement = SimpleNamespace(untrusted={}, pelvis_elsewhere=False)
        self.on_wrong_legs = False
        self.zero_sd_deg = {"left": 1.3, "right": 1.3}
        self.learning = SimpleNamespace(offset_sd_deg=self.zero_sd_deg.get)
        self.free = SimpleNamespace(in_set=False)

    def reasons(self) -> dict[str, str]:
        return not_assessed(self, 0)  # type: ignore[arg-type]


def test_all_well_all_assessed() -> None:
    """With every sensor live, calibrated and quick, nothing is open."""
    assert Quinn().reasons() == {}


@pytest.mark.parametrize("role", [*WORN, "footplate"])
def test_a_sensor_opens_just_its_own_verdicts(role: Role) -> None:
    """What needs the sensor says why, what does not is still assessed."""
    due = {verdict_key(*v) for v in VERDICTS if role in needs(*v)}
    name = role.replace("_", " ")
    for spoil, words in (
        (lambda q: q.sensors.known.discard(role), f"no {name} sensor"),
        (lambda q: q.sensors.silent.add(role), f"{name} sensor silent: check its battery and strap"),
        (lambda q: q.sensors.rates.update({role: SLOW_HZ - 0.6}), f"{name} sensor too slow (24 Hz)"),
        (lambda q: q.sensors.back.add(role), f"{name} sensor just back"),
    ):
        quinn = Quinn()
        spoil(quinn)
        assert quinn.reasons() == dict.fromkeys(due, words)


@pytest.mark.parametrize(("reps", "words"), [(3, "3 more reps"), (1, "1 more rep")])
def test_a_sensor_that_moved_opens_its_verdicts_until_it_is_learned_anew(reps: int, words: str) -> None:
    """A slipped thigh takes its own side's knee verdicts away, and nothing else."""
    quinn = Quinn()
    quinn.placement.untrusted = {"left_thigh": reps}
    reason = f"left thigh sensor moved: judged again after {words}"
    assert quinn.reasons() == {"lockout_left": reason, "valgus_left": reason}


def test_just_quick_enough() -> None:
    """SLOW_HZ is quick enough, and a rate not known yet is no reason."""
    quinn = Quinn()
    quinn.sensors.rates["pelvis"] = SLOW_HZ
    assert quinn.reasons() == {}
    quinn.sensors.rates.clear()
    assert quinn.reasons() == {}


@pytest.mark.parametrize(
    ("table", "words"),
    [("standing", "no standing pose"), ("seated", "no seated pose"), ("mounts", "not calibrated yet")],
)
@pytest.mark.parametrize(("role", "due"), [("pelvis", {"lumbar"}), ("left_shank", {"lockout_left", "valgus_left"})])
def test_calibration_is_asked_for_step_by_step(table: str, words: str, role: Role, due: set[str]) -> None:
    """Each missing pose opens the verdicts of its sensor, and says what to do."""
    quinn = Quinn()
    del getattr(quinn.wear, table)[role]
    reasons = quinn.reasons()
    assert set(reasons) == due
    assert all(why.startswith(words) for why in reasons.values())


def test_a_neutral_and_a_flat_share_are_their_own_sides() -> None:
    """Valgus waits for its leg's neutral, heel lift for its foot's flat share; the other side is not held up."""
    quinn = Quinn()
    quinn.legs["left"].neutral.known = False
    del quinn.flat["right"]
    assert set(quinn.reasons()) == {"valgus_left", "heel_lift_right"}


def test_what_is_wrong_first_is_told_first() -> None:
    """A missing sensor is told as missing, not as silent or uncalibrated; a silent one not as slow."""
    quinn = Quinn()
    quinn.sensors.known.discard("pelvis")
    quinn.sensors.silent.add("pelvis")
    del quinn.wear.standing["pelvis"]
    assert quinn.reasons() == {"lumbar": "no pelvis sensor"}
    quinn.sensors.known.add("pelvis")
    quinn.sensors.rates["pelvis"] = 5.0
    assert quinn.reasons()["lumbar"].startswith("pelvis sensor silent")


def test_a_refused_sensor_serves_no_verdict() -> None:
    """What may not serve a fault says why, for that fault alone."""
    refused = not_assessed(Quinn(), 0, lambda role, kind: "too slow a part" if kind == "heel_lift" else None)  # type: ignore[arg-type]
    assert refused == {"heel_lift_left": "too slow a part", "heel_lift_right": "too slow a part"}


def test_swapped_legs_leave_the_knees_unjudged_and_nothing_else() -> None:
    """Where left and right sensors are exchanged, whose knee it is does not show; pelvis and heels are judged."""
    quinn = Quinn()
    quinn.on_wrong_legs = True
    reasons = quinn.reasons()
    assert set(reasons) == {"lockout_left", "lockout_right", "valgus_left", "valgus_right"}
    assert all("strap each to its own leg" in reason for reason in reasons.values())


@pytest.mark.parametrize(("off_deg", "judged"), [(0.0, True), (0.1, False)])
def test_a_knee_whose_zero_is_unsure_is_not_called_locked(off_deg: float, judged: bool) -> None:  # noqa: FBT001
    """Beyond 3° of doubt that side's lockout is not assessed; its valgus and the other side are."""
    quinn = Quinn()
    quinn.zero_sd_deg["left"] = ZERO_SD_MAX_DEG + off_deg
    assert set(quinn.reasons()) == (set() if judged else {"lockout_left"})
