"""All detectors over one body: each gets its own signal, nothing is judged that cannot be, nothing is judged twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import gate

from edge.detectors.base import Detection
from edge.detectors.settings import DetectorSettings
from edge.detectors.watch import Watch
from edge.events import VERDICTS, Phase, Side, verdict_key
from edge.motion.gate import Gate
from edge.motion.leg import SIDES, KneeState
from edge.motion.series import GRID_NS, Series
from edge.samples import Role

FINE: KneeState = (60.0, 0.0, 0.0, 60.0, 0.0)


@dataclass
class Knees:
    """A leg, as far as detectors look at it."""

    knees: Series[KneeState] = field(default_factory=Series)


@dataclass
class Sure:
    """What is learned, as far as detectors look at it."""

    sd_deg: float = 1.3

    def offset_sd_deg(self, side: Side) -> float:
        return self.sd_deg


class Ears:
    """Who is heard, as far as detectors ask."""

    def heard_s(self, *roles: Role) -> float:
        """When the newest sample of the slowest of these reached the host: by roles, to tell them apart."""
        return {1: 2.0, 2: 3.0}[len(roles)]


@dataclass
class Feet:
    """The plate, as far as detectors look at it: each heel, and each foot's share of the static force."""

    heels: dict[Side, Series[float]] = field(default_factory=lambda: {side: Series() for side in SIDES})
    of_static: dict[Side, float] = field(default_factory=lambda: dict.fromkeys(SIDES, 0.5))

    def share(self, side: Side, k: int) -> float:
        return self.of_static[side]


@dataclass
class Pelvis:
    """The pelvis, as far as detectors look at it."""

    tilts: Series[tuple[float, float]] = field(default_factory=Series)


class Pat:
    """A lifter on the machine, whose signals a test sets; everything is fine until it says otherwise."""

    def __init__(self) -> None:
        self.k = 100
        self.now = gate("concentric")
        self.legs = {side: Knees() for side in SIDES}
        self.sensors, self.feet, self.pelvis = Ears(), Feet(), Pelvis()
        self.learning = Sure()
        self.stands = dict.fromkeys(SIDES, True)

    def gate(self) -> Gate:
        return self.now

    def foot_stands(self, side: Side) -> bool:
        return self.stands[side]

    def feel(self, fault: str | None = None) -> None:
        """One more grid instant of every signal, with one fault (a verdict's key) or none."""
        for side in SIDES:
            knee = {f"lockout_{side}": (1.0, 0.0, 0.0, 1.0, 0.0), f"valgus_{side}": (60.0, 0.0, 60.0, 60.0, 0.0)}
            self.legs[side].knees.put(self.k, knee.get(fault or "", FINE))  # type: ignore[arg-type]
            self.feet.heels[side].put(self.k, 0.0 if fault == f"heel_lift_{side}" else 1.0)
        self.pelvis.tilts.put(self.k, (20.0 if fault == "lumbar" else 0.0, 0.0))
        self.k += 1


def watched(
    pat: Pat, watch: Watch, fault: str | None, steps: int = 20, blind: frozenset[str] = frozenset()
) -> list[Detection]:
    """What is said while a fault lasts."""
    found = []
    for _ in range(steps):
        pat.feel(fault)
        found += watch.step(pat, pat.k * GRID_NS, blind)  # type: ignore[arg-type]
    return found


KEYS = [verdict_key(*verdict) for verdict in VERDICTS]


@pytest.mark.parametrize("key", KEYS)
def test_a_fault_whose_sensors_fall_silent_does_not_go_on(key: str) -> None:
    """Nothing new comes of them: what cannot be judged any more is not said to last."""
    pat, watch = Pat(), Watch(DetectorSettings())
    watched(pat, watch, key)
    assert any(fault.active for _, _, fault in watch.faults())
    watch.step(pat, pat.k * GRID_NS, frozenset({key}))  # type: ignore[arg-type]
    assert not any(fault.active for _, _, fault in watch.faults())


@pytest.mark.parametrize("verdict", VERDICTS, ids=KEYS)
def test_each_fault_has_its_own_signal(verdict: tuple[str, Side | None]) -> None:
    """A fault of one kind on one side is told, once, as just that; and is the only one that is active."""
    pat, watch = Pat(), Watch(DetectorSettings())
    watched(pat, watch, None)
    found = watched(pat, watch, verdict_key(*verdict))  # type: ignore[arg-type]
    assert [(d.kind, d.side) for d in found] == [verdict]
    assert [(kind, side) for kind, side, fault in watch.faults() if fault.active] == [verdict]


@pytest.mark.parametrize("key", KEYS)
def test_what_cannot_be_judged_is_not(key: str) -> None:
    """A verdict that is blind is silent, and a fault that was active then is so no more; its neighbours go on."""
    pat, watch = Pat(), Watch(DetectorSettings())
    assert watched(pat, watch, key, blind=frozenset({key})) == []
    assert len(watched(pat, watch, key, blind=frozenset(KEYS) - {key})) == 1
    assert watched(pat, watch, key, steps=1, blind=frozenset({key})) == []
    assert not any(fault.active for _, _, fault in watch.faults())


@given(st.lists(st.tuples(st.sampled_from([None, *KEYS]), st.sets(st.sampled_from(KEYS)), st.booleans()), max_size=60))
def test_detectors_never_fire_unjudged(steps: list[tuple[str | None, set[str], bool]]) -> None:
    """Whatever comes and goes, nothing is said of a verdict that was blind, or while the gate judges nothing."""
    pat, watch = Pat(), Watch(DetectorSettings())
    for i, (fault, blind, judged) in enumerate(steps):
        pat.now = gate("concentric", attempt=1 + i // 20, judged=judged)
        for detection in watched(pat, watch, fault, 5, frozenset(blind)):
            assert judged
            assert verdict_key(detection.kind, detection.side) not in blind


@pytest.mark.parametrize(("side", "kind"), [*product(SIDES, ["lockout", "valgus"])])
def test_a_leg_without_load_is_not_judged(side: Side, kind: str) -> None:
    """A foot off the plate: its knee may be straight or flop inwards; the other leg's fault is still told."""
    pat, watch = Pat(), Watch(DetectorSettings())
    pat.stands[side] = False
    assert watched(pat, watch, f"{kind}_{side}") == []
    other = "right" if side == "left" else "left"
    assert [d.side for d in watched(pat, watch, f"{kind}_{other}")] == [other]


def test_a_light_foot_has_no_heel_to_lift() -> None:
    """The foot's share of the static force at that instant decides whether its heel is judged."""
    pat, watch = Pat(), Watch(DetectorSettings())
    pat.feet.of_static["left"] = 0.1
    assert watched(pat, watch, "heel_lift_left") == []
    assert len(watched(pat, watch, "heel_lift_right")) == 1


@pytest.mark.parametrize(
    ("key", "hide"),
    [
        ("lockout_left", lambda pat: pat.legs["left"].knees.put(pat.k, None)),
        ("heel_lift_right", lambda pat: pat.feet.heels["right"].put(pat.k, None)),
        ("lumbar", lambda pat: pat.pelvis.tilts.put(pat.k, None)),
    ],
)
def test_a_hole_does_not_fire(key: str, hide: Callable[[Pat], None]) -> None:
    """Instants without a value are passed over, and the detection comes from an instant that was seen."""
    pat, watch = Pat(), Watch(DetectorSettings())
    for _ in range(20):
        hide(pat)
        pat.k += 1
        assert watch.step(pat, pat.k * GRID_NS, frozenset()) == []  # type: ignore[arg-type]
    assert len(watched(pat, watch, key)) == 1


@pytest.mark.parametrize("key", ["heel_lift_left", "lumbar"])
def test_a_hole_breaks_the_hold(key: str) -> None:
    """Two instants, a hole, two instants are no three in a row."""
    pat, watch = Pat(), Watch(DetectorSettings())
    for _ in range(5):
        assert watched(pat, watch, key, 3) == []
        pat.feet.heels["left"].put(pat.k, None)
        pat.pelvis.tilts.put(pat.k, None)
        pat.k += 1


def test_every_instant_is_judged_once() -> None:
    """What arrives late and together is judged instant by instant; what was judged is not judged again."""
    bundled, single = Pat(), Pat()
    one, other = Watch(DetectorSettings()), Watch(DetectorSettings())
    for _ in range(10):
        bundled.feel("lumbar")
    found = one.step(bundled, bundled.k * GRID_NS, frozenset())  # type: ignore[arg-type]
    expected = watched(single, other, "lumbar", 10)
    assert [(d.onset_s, d.sample_s, d.value) for d in found] == [(d.onset_s, d.sample_s, d.value) for d in expected]
    assert one.step(bundled, bundled.k * GRID_NS, frozenset()) == []  # type: ignore[arg-type]


def test_times_are_of_the_sample_and_of_its_arrival() -> None:
    """The sample's instant is its own grid instant; it arrived when its sensors were last heard."""
    pat, watch = Pat(), Watch(DetectorSettings())
    for _ in range(4):
        pat.feel("lumbar")
    (found,) = watch.step(pat, 200 * GRID_NS, frozenset())  # type: ignore[arg-type]
    assert (found.onset_s, found.sample_s, found.arrival_s) == pytest.approx((1.0, 1.03, 2.0))


def test_an_inward_knee_is_carried_forward_by_its_speed() -> None:
    """30 mm that grow by 300 mm/s are told, being 39 mm by now; 30 mm that stand still are not."""
    still, moving = Pat(), Pat()
    for pat, growth in ((still, 0.0), (moving, 3.0)):
        watch, said = Watch(DetectorSettings()), []
        for i in range(12):
            pat.legs["left"].knees.put(pat.k, (60.0, 0.0, 30.0 + growth * (i - 9), 60.0, 0.0))
            pat.k += 1
            said += watch.step(pat, pat.k * GRID_NS, frozenset())  # type: ignore[arg-type]
        assert bool(said) is (growth > 0)


def test_a_straightening_knee_is_carried_forward_by_its_rate() -> None:
    """7° closing at 100°/s is told as it passes 5°; the confidence falls with the knee's spread."""
    sure, unsure = Pat(), Pat()
    unsure.learning.sd_deg = 4.0
    confidences = []
    for pat in (sure, unsure):
        watch = Watch(DetectorSettings())
        for _ in range(4):
            pat.legs["left"].knees.put(pat.k, (7.0, -100.0, 0.0, 7.0, 0.0))
            pat.k += 1
        (found,) = watch.step(pat, pat.k * GRID_NS, frozenset())  # type: ignore[arg-type]
        assert found.value == pytest.approx(5.0)
        confidences.append(found.confidence)
    assert confidences[0] > confidences[1] > 0.5


@pytest.mark.parametrize("phase", ["top", "rest"])
def test_nothing_of_the_bottom_is_judged_at_the_top(phase: Phase) -> None:
    """Valgus, heels and pelvis are judged while the sled is away from the top."""
    pat, watch = Pat(), Watch(DetectorSettings())
    pat.now = gate(phase, since_top_s=0.1)
    for key in KEYS:
        if not key.startswith("lockout"):
            assert watched(pat, watch, key) == []
