"""What the pipeline says: the payloads of every message, before a publisher wraps and sends them.

Times ending in `_s` are seconds of the edge's monotonic clock (of the recording, in a replay); `t_s` is when the
pipeline decided. Joint angles are degrees, 0 = the lifter's own straight knee, inward and posterior tilt positive.
A field is None where it is not known: never 0, never a guess.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Kind = Literal["lockout", "valgus", "heel_lift", "lumbar"]
SignKind = Literal[
    "deep", "shallow", "bounce", "stop_hit", "fast_lowering", "asymmetry", "leg_mode", "uneven_legs", "snap",
    "resting_locked", "hyperextension", "stall", "too_heavy", "seat", "brace", "valgus_trend", "too_fast_to_warn",
]  # fmt: skip
Side = Literal["left", "right"]
LegUse = Literal["both", "left", "right"]
Severity = Literal["S0", "S1", "S2", "S3"]
Phase = Literal["eccentric", "bottom", "concentric", "top", "rest"]
Activity = Literal["idle", "setup", "lifting", "resting"]

VERDICTS: tuple[tuple[Kind, Side | None], ...] = (
    ("lockout", "left"), ("lockout", "right"),
    ("valgus", "left"), ("valgus", "right"),
    ("heel_lift", "left"), ("heel_lift", "right"),
    ("lumbar", None),
)  # fmt: skip


def verdict_key(kind: Kind | SignKind, side: Side | None) -> str:
    """The name of one verdict in `assessed` and `not_assessed`: `lockout_left`, `lumbar`."""
    return f"{kind}_{side}" if side else kind


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """The base of all events. session: opaque id, no lifter's name."""

    t_s: float
    session: str | None = None


class Buzz(msgspec.Struct, frozen=True):
    """One step of a buzzer pattern: intensity in %, then ms of sound and of silence, in steps of 10 up to 2550."""

    intensity_pct: int
    on_ms: int
    off_ms: int


class Sign(Event, frozen=True, kw_only=True, tag="sign"):
    """What a coach would remark on beside the four faults, and their milder and graver forms: no alert.

    kind: one of the four faults where this is a milder (S1) or graver (S3) form of it. value, threshold in `unit`, None
    where the remark has no figure. scope: of a lifted heel, whether at the bottom only or in all phases. cue: what is
    said if it is spoken, buzzer: what is sounded then.
    """

    set: int
    rep: int
    kind: Kind | SignKind
    side: Side | None = None
    severity: Severity
    phase: Phase
    value: float | None
    threshold: float | None
    unit: str
    confidence: float
    text: str
    scope: Literal["bottom_only", "all_phases"] | None = None
    cue: str
    spoken: bool
    buzzer: tuple[Buzz, ...] = ()


class FaultRef(msgspec.Struct, frozen=True, kw_only=True):
    """A fault in a rep's summary. worst_value in `unit`, the extreme of the signal in this rep."""

    kind: Kind
    side: Side | None
    severity: Severity
    worst_value: float
    unit: str


class Alert(Event, frozen=True, kw_only=True, tag="alert"):
    """One fault on one side in one rep, published once, live, whether or not it is spoken.

    value and threshold in `unit`, at the decision. onset_s: when the signal crossed the threshold. sample_s: instant of
    the newest sample used; arrival_s: when that reached the host; t_s: decision. buzzer: what is sounded where it is
    spoken; buzzed_s: when the first buzzer was told, filled in by the daemon as it leaves and None before.
    """

    set: int
    rep: int
    kind: Kind
    side: Side | None
    severity: Severity
    phase: Phase
    onset_s: float
    value: float
    threshold: float
    unit: str
    confidence: float
    sensors: tuple[str, ...]
    sample_s: float
    arrival_s: float
    cue: str
    spoken: bool
    buzzer: tuple[Buzz, ...] = ()
    buzzed_s: float | None = None


class ActiveFault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that is present at this moment."""

    kind: Kind
    side: Side | None
    rep: int
    since_s: float
    spoken: bool


class ActiveAlerts(Event, frozen=True, kw_only=True, tag="alert_active"):
    """Level, not edge: which faults are present now. Sent when it changes."""

    active: tuple[ActiveFault, ...]


class Rep(Event, frozen=True, kw_only=True, tag="rep"):
    """One finished rep, sent when its drive has ended. Phases begin and end where the sled's speed crosses 0.03 m/s.

    start_s leaves the top, drive_s leaves the bottom, top_s arrives at the top; bottom_s is midway through the stay at
    the bottom (which begins at start_s + eccentric_s). Velocities are
    along the rail, concentric positive, eccentric given as magnitudes. Force is the footplate's axial force where there
    is one; power is force times sled speed over the drive. left_share is the left foot's share of the force impulse;
    lowered_with, pressed_with: the legs that did each half, null where no footplate tells.
    depth: largest knee flexion; range: depth less flexion at the top. own_limit: knee flexion at which this pelvis
    starts to tuck, with its 90 % interval, and the hips' flexion there (0 standing); null until known.
    """

    set: int
    rep: int
    counted: bool
    reason: str | None = None
    start_s: float
    bottom_s: float
    drive_s: float
    top_s: float
    rom_m: float | None
    eccentric_s: float
    pause_s: float
    concentric_s: float
    time_under_tension_s: float
    mean_concentric_m_s: float | None
    peak_concentric_m_s: float | None
    mean_eccentric_m_s: float | None
    peak_eccentric_m_s: float | None
    velocity_loss_pct: float | None
    left_depth_deg: float | None
    right_depth_deg: float | None
    left_top_deg: float | None
    right_top_deg: float | None
    left_range_deg: float | None
    right_range_deg: float | None
    mean_force_n: float | None
    peak_force_n: float | None
    mean_power_w: float | None
    peak_power_w: float | None
    load_kg: float | None
    load_source: Literal["configured", "commanded", "footplate"] | None
    left_share: float | None
    lowered_with: LegUse | None = None
    pressed_with: LegUse | None = None
    own_limit_knee_flexion_deg: float | None = None
    own_limit_low_deg: float | None = None
    own_limit_high_deg: float | None = None
    own_limit_hip_flexion_deg: float | None = None
    faults: tuple[FaultRef, ...]
    assessed: tuple[str, ...]
    not_assessed: dict[str, str]
    firmware: dict[str, str]
    calibration: str | None


class SetSummary(Event, frozen=True, kw_only=True, tag="set"):
    """A set so far; `final` on its last. not_assessed, signs_not_assessed: what at times could not be told."""

    set: int
    final: bool
    reps: int
    attempts: int
    started_s: float
    ended_s: float
    load_kg: float | None
    load_source: Literal["configured", "commanded", "footplate"] | None
    volume_kg: float | None
    time_under_tension_s: float
    mean_rom_m: float | None
    mean_concentric_m_s: float | None
    velocity_loss_pct: float | None
    left_share: float | None
    faults: dict[str, int]
    not_assessed: dict[str, str]
    signs_not_assessed: dict[str, str] = {}


class MachineState(Event, frozen=True, kw_only=True, tag="state"):
    """What the machine is doing and which faults it can judge at present. asks: what the lifter should do for more.

    limits: signal of `Live` -> the value from which its fault is an alert, in the signal's unit; a signal whose limit
    is not known yet is left out. signs_not_assessed: which signs cannot be told at present, and why; with them what no
    sensor of the kit sees at all (toe_out, bracing). one_rep_max_share: the load over the most that this lifter can
    press once, null where either is not known; its source: said, or the lifter's own speeds at several loads.
    lifter_known: whether it was said who is lifting, or is configured, rather than anybody; never who.
    """

    state: Activity
    set: int
    rep: int
    load_kg: float | None
    assessed: tuple[str, ...]
    not_assessed: dict[str, str]
    asks: str | None = None
    limits: dict[str, float] = {}
    signs_not_assessed: dict[str, str] = {}
    one_rep_max_share: float | None = None
    one_rep_max_source: Literal["said", "speeds"] | None = None
    lifter_known: bool = False


class SensorState(Event, frozen=True, kw_only=True, tag="sensor"):
    """One sensor's health. loss_pct over the last minute; drift_ppm of its clock against the host's.

    calibrated_s: when it became calibrated as it is now, null while it is not.
    """

    role: str
    node: str | None
    connected: bool
    calibrated: bool
    rate_hz: float | None
    loss_pct: float | None
    drift_ppm: float | None
    battery_pct: int | None
    firmware: str | None
    problem: str | None
    calibrated_s: float | None = None


class Notice(Event, frozen=True, kw_only=True, tag="notice"):
    """Something worth telling that is no alert: a sensor moved, two are exchanged, a node restarted.

    what: its kind; S0 tells that nothing need be done, or that what was told before is over. role: the sensor it is
    about; other_role: the one with which that was exchanged.
    """

    what: str
    severity: Severity
    text: str
    role: str | None = None
    rep: int | None = None
    other_role: str | None = None


class Live(Event, frozen=True, kw_only=True, tag="live"):
    """The body now, 20 times a second, for screens.

    lockout_nearness (of the nearer knee, and of each) and depth_nearness: how near the limit is ahead of it, 0 far, 1
    reached; None where not known. Times to the limits at the present speed, None where they are not approached.
    """

    sled_position_m: float | None
    sled_velocity_m_s: float | None
    left_knee_flexion_deg: float | None
    right_knee_flexion_deg: float | None
    left_knee_medial_mm: float | None
    right_knee_medial_mm: float | None
    posterior_tilt_deg: float | None
    left_heel_share: float | None
    right_heel_share: float | None
    force_n: float | None
    phase: Phase
    set: int
    rep: int
    lockout_nearness: float | None = None
    depth_nearness: float | None = None
    left_lockout_nearness: float | None = None
    right_lockout_nearness: float | None = None
    time_to_lockout_s: float | None = None
    time_to_depth_limit_s: float | None = None


class CommandResult(Event, frozen=True, kw_only=True, tag="result"):
    """What became of a command. command_id: its id, None where that could not be read; detail: of its kind."""

    command: str
    command_id: str | None
    ok: bool
    problem: str | None = None
    detail: dict[str, float | int | str] = {}


class FeedbackGiven(Event, frozen=True, kw_only=True, tag="feedback"):
    """A lifter said whether a cue was right. alert: the id of its message."""

    alert: str
    kind: Kind
    right: bool


AnyEvent: TypeAlias = (
    Alert
    | Sign
    | ActiveAlerts
    | Rep
    | SetSummary
    | MachineState
    | SensorState
    | Notice
    | Live
    | CommandResult
    | FeedbackGiven
)


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that the pipeline wants sent on a link. seq: report it with `Pipeline.sent` when they left; cue: a buzz."""

    link: str
    data: bytes
    seq: int
    cue: bool = False
