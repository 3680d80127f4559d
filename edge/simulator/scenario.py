"""Everything that decides a simulated session: one lifter, one machine, its sensors, what is done and what goes wrong.

A scenario is plain data. `draw.draw_scenario` draws one from a seed; tests and the demo write theirs by hand:

    Scenario(sets=(SetPlan(reps=(RepPlan(), RepPlan(), RepPlan(top_deg=1.0, list_mm=6.0))),))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edge.samples import Role

Side = Literal["left", "right", "both"]
FidgetKind = Literal[
    "unload", "rest", "regrip", "knee_flop", "foot_shuffle", "pelvis_shift", "reseat", "cough", "look", "toes", "hands"
]
BOTH = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Lifter:
    """Body. Pairs are (left, right); lengths in m; angles in degrees; knee angles from the anatomical straight."""

    height_m: float = 1.75
    said_height_m: float = 1.75
    mass_kg: float = 78.0
    thigh_m: tuple[float, float] = (0.429, 0.429)
    shank_m: tuple[float, float] = (0.4305, 0.4305)
    hip_half_width_m: float = 0.085
    own_straight_deg: float = 0.0
    standing_bend_deg: tuple[float, float] = (1.5, 1.0)
    standing_lean_deg: float = 0.0  # of both legs, forward, when standing upright
    knee_plane_deg: tuple[float, float] = (2.0, 2.0)  # neutral turn of the leg about the hip-ankle line, + inward
    plane_drift_deg: tuple[float, float] = BOTH  # by how much that neutral turns over 90° of flexion
    screw_home_deg: float = 6.0  # the shank's outward turn over the last 30° of straightening
    carrying_deg: float = 2.0  # the shank's tilt out of the leg's plane at 90° (the knee is no hinge)
    heel_share: tuple[float, float] = (0.55, 0.55)
    left_share: float = 0.5
    tuck_onset_deg: float = 130.0  # knee flexion past which the pelvis tucks under
    tuck_slope_below: float = 0.02  # deg of tilt per deg of flexion
    tuck_slope_above: float = 0.6
    tuck_pivot_m: float = 0.06  # distance from hip centre to the point about which the pelvis rolls on the pad
    restlessness: float = 1.0  # scales sway, wandering knees and breathing


@dataclass(frozen=True, slots=True)
class Machine:
    """Leg press. The rail climbs away from the lifter; the sled's position counts from the hip joint."""

    rail_deg: float = 45.0
    said_rail_deg: float = 45.0
    backrest_deg: float = 35.0
    sled_kg: float = 160.0
    stack_kg: float = 0.0  # a weight stack on a cable, one to one
    ankle_offset_m: float = 0.07  # ankles above (+) the rail line through the hips
    stance_half_m: float = 0.11
    rack_deg: float = 85.0  # knee flexion with the sled racked
    friction_share: float = 0.015  # of the normal force
    friction_n: float = 25.0
    stick_slip_n: float = 6.0
    roughness_m_s2: float = 0.05  # sled vibration per m/s·0.2 while rolling
    pad_n_m: float = 1.5e5  # stiffness of pad and tissue under the hip, along the rail
    bang_m_s2: float = 30.0
    frame_hz: float = 25.0
    frame_zeta: float = 0.07


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault or near miss within a rep (a lockout is the rep's `top_deg`, not one of these).

    size: valgus peak inward displacement, mm; lumbar peak tilt, deg; heel_lift the heel's remaining share of its
    own flat one (0 = gone). late: seconds after the default time course; lasts_s: width (0 = the kind's default);
    on_the_way_down: a valgus in the last third of the descent.
    """

    kind: Literal["valgus", "lumbar", "heel_lift"]
    side: Side = "both"
    size: float = 0.0
    late_s: float = 0.0
    lasts_s: float = 0.0
    on_the_way_down: bool = False


@dataclass(frozen=True, slots=True)
class Fidget:
    """Something harmless. In a set: at the top after the rep. Before a set: on the seat, sled racked."""

    kind: FidgetKind
    side: Side = "both"
    after_s: float = 0.3
    lasts_s: float = 1.0
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class RepPlan:
    """One descent and ascent. Angles are knee flexion from the lifter's own straight, of the straighter leg at the
    top and of the mean at the bottom. `list_mm` > 0 drops the left hip back by half of it, which straightens that leg.
    """

    eccentric_s: float = 2.2
    pause_s: float = 0.3
    concentric_s: float = 1.3
    rest_s: float = 0.8
    bottom_deg: float = 95.0
    top_deg: float = 15.0
    kind: Literal["rep", "partial", "failed"] = "rep"
    faults: tuple[Fault, ...] = ()
    fidgets: tuple[Fidget, ...] = ()
    list_mm: float = 0.0
    left_share: tuple[float, float] | None = None  # of the force, on the way down and up; None: the lifter's own
    slide_mm: float = 0.0  # the hips have slid this far towards the sled by this rep
    skew: tuple[float, float] = (0.0, 0.0)  # of descent and ascent, see shapes.warped_path
    stick_by: float = 0.0
    stick_at: float = 0.35
    bounce_m_s2: float = 0.0  # > 0: no pause, turned round at about this acceleration
    stop_hit_m_s2: float = 0.0
    snap: bool = False  # arrives at the top fast
    bump_m_s2: float = 0.0  # somebody knocks the frame during this rep
    stall_s: float = 0.0  # the drive stands still so long, two fifths of the way up
    helped: float = 0.0  # share of the force that somebody else takes over in the drive


@dataclass(frozen=True, slots=True)
class SetPlan:
    """One set: squirming on the seat, unrack, reps, rack."""

    reps: tuple[RepPlan, ...] = field(default_factory=lambda: tuple(RepPlan() for _ in range(8)))
    still_s: float = 3.5
    fidgets: tuple[Fidget, ...] = ()
    pause_s: float = 3.0
    unrack_s: float = 1.6
    first_rest_s: float = 1.2
    rack_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of what happens around the sets."""

    standing_s: float = 5.0
    walking_s: float = 3.5
    sitting_s: float = 2.0
    after_s: float = 2.5
    leaving_s: float = 4.5
    turn_deg: float = 150.0


@dataclass(frozen=True, slots=True)
class SoftTissue:
    """How skin and muscle move a strapped sensor against the bone. Degrees and mm over 90° of flexion."""

    thigh_flexion_deg: float = 4.0
    thigh_twist_deg: float = 3.0
    shank_flexion_deg: float = 2.0
    slide_mm: float = 10.0
    contraction_deg: float = 1.5
    wobble: float = 1.0  # scales impact wobble; 1 ≈ 0.4° and 2 mm per m/s² of sharp acceleration
    wobble_hz: float = 9.0
    pelvis_deg: float = 0.5


@dataclass(frozen=True, slots=True)
class Imus:
    """One family of IMUs: rates, how they are worn, and the spread of their errors (standard deviations)."""

    rate_hz: float = 104.0
    rate_error: float = 0.0015
    mount_deg: float = 5.0
    twist_deg: float = 10.0
    sled_mount_deg: float = 1.5
    acc_bias_mg: float = 20.0
    gyr_bias_deg_s: float = 0.6
    acc_scale: float = 0.004
    gyr_scale: float = 0.006
    cross_axis: float = 0.004
    g_sensitivity_deg_s: float = 0.05
    acc_noise_m_s2: float = 0.011  # per sample at 100 Hz; grows with the root of the rate
    gyr_noise_deg_s: float = 0.09
    warm_up: float = 0.15  # share of the turn-on bias that comes and goes while warming up
    acc_limit_m_s2: float = 1e3  # what it can measure
    gyr_limit_deg_s: float = 1e6
    buzz_m_s2: float = 0.0  # music and fans, 40 to 80 Hz, as the frame and everybody on it feel them
    acc_lsb_m_s2: float = 0.00478840
    gyr_lsb_deg_s: float = 0.0610352
    delay_ms: float = 1.0


@dataclass(frozen=True, slots=True)
class LoadCells:
    """Load-cell amplifiers: rate and errors."""

    rate_hz: float = 80.0
    rate_error: float = 0.01
    zero_n: float = 8.0
    gain: float = 0.01
    cross_talk: float = 0.01
    noise_n: float = 1.3
    drift_n: float = 2.0
    delay_ms: float = 4.0


@dataclass(frozen=True, slots=True)
class Radio:
    """Clocks of the nodes and the way of their batches to the host."""

    clock_ppm: float = 30.0
    clock_jitter_us: float = 5.0
    batch_s: float = 0.035
    interval_s: float = 0.015
    jitter_s: float = 0.0008
    late_share: float = 0.006
    late_s: tuple[float, float] = (0.03, 0.22)
    doubled_share: float = 0.0  # of batches that come twice
    lost_share: float = 0.0
    burst: float = 1.0  # mean number of neighbouring batches lost together


@dataclass(frozen=True, slots=True)
class Slip:
    """A strap gives after a rep (by its number in the session, from 1)."""

    role: Role
    after_rep: int
    deg: float = 12.0
    lasts_s: float = 0.6


@dataclass(frozen=True, slots=True)
class Silence:
    """A node falls silent during a rep, or in the press before the first (0); `restart`: its clock begins again near
    zero.
    """

    role: Role
    in_rep: int
    lasts_s: float = 2.5
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Stuck:
    """A sensor repeats one value for a moment during a rep, as a part does whose bus hangs."""

    role: Role
    in_rep: int
    lasts_s: float = 0.15


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the sensors. swapped: pairs of segments whose nodes are exchanged between the legs; mixed_up:
    pairs of roles whose nodes are.
    """

    slips: tuple[Slip, ...] = ()
    silences: tuple[Silence, ...] = ()
    missing: tuple[Role, ...] = ()
    swapped: tuple[Literal["thigh", "shank"], ...] = ()
    mixed_up: tuple[tuple[Role, Role], ...] = ()
    upside_down: tuple[tuple[Role, Literal["x", "z"]], ...] = ()
    creeps: tuple[tuple[Role, float], ...] = ()  # straps that turn slowly, deg/min, from sitting down on
    stuck: tuple[Stuck, ...] = ()
    rates_hz: tuple[tuple[Role, float], ...] = ()  # nodes that sample at another rate than the rest


@dataclass(frozen=True, slots=True)
class Scenario:
    """One whole session. `seed` decides every random part that the parameters leave open."""

    seed: int = 1
    name: str = "session"
    lifter: Lifter = Lifter()
    machine: Machine = Machine()
    sets: tuple[SetPlan, ...] = field(default_factory=lambda: (SetPlan(),))
    timing: Timing = Timing()
    tissue: SoftTissue = SoftTissue()
    imus: Imus = Imus()
    cells: LoadCells = LoadCells()
    radio: Radio = Radio()
    trouble: Trouble = Trouble()
    backpad: bool = True
    tags: tuple[str, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()  # (kind of group, this lifter's), for tables by group
