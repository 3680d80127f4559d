"""One event of each type, as a pipeline would say it in the middle of a set."""

from __future__ import annotations

from edge.events import (
    ActiveAlerts,
    ActiveFault,
    Alert,
    AnyEvent,
    CommandResult,
    FaultRef,
    Live,
    MachineState,
    Notice,
    Rep,
    SensorState,
    SetSummary,
    Sign,
)

ALERT = Alert(
    t_s=61.25, session="s-7f3a", set=1, rep=3, kind="heel_lift", side="left", severity="S2", phase="concentric",
    onset_s=61.13, value=0.08, threshold=0.25, unit="share", confidence=0.9, sensors=("footplate",),
    sample_s=61.21, arrival_s=61.24, cue="left heel down", spoken=True,
)  # fmt: skip
ACTIVE = ActiveAlerts(
    t_s=61.25,
    session="s-7f3a",
    active=(ActiveFault(kind="heel_lift", side="left", rep=3, since_s=61.13, spoken=True),),
)
REP = Rep(
    t_s=61.8, session="s-7f3a", set=1, rep=3, counted=True, start_s=58.4, bottom_s=60.1, drive_s=60.3, top_s=61.7,
    rom_m=0.41, eccentric_s=1.7, pause_s=0.2, concentric_s=1.4, time_under_tension_s=3.3, mean_concentric_m_s=0.29,
    peak_concentric_m_s=0.44, mean_eccentric_m_s=0.24, peak_eccentric_m_s=0.37, velocity_loss_pct=6.0,
    left_depth_deg=96.0, right_depth_deg=95.0, left_top_deg=12.0, right_top_deg=11.0, left_range_deg=84.0,
    right_range_deg=84.0, mean_force_n=1210.0, peak_force_n=1540.0, mean_power_w=350.0, peak_power_w=590.0,
    load_kg=120.0, load_source="configured", left_share=0.51,
    faults=(FaultRef(kind="heel_lift", side="left", severity="S2", worst_value=0.05, unit="share"),),
    assessed=("lockout_left", "heel_lift_left"), not_assessed={"lumbar": "no pelvis sensor"},
    firmware={"footplate": "1.2.3"}, calibration="c-02",
)  # fmt: skip
SET = SetSummary(
    t_s=70.0, session="s-7f3a", set=1, final=True, reps=8, attempts=9, started_s=40.0, ended_s=68.0, load_kg=120.0,
    load_source="configured", volume_kg=960.0, time_under_tension_s=27.0, mean_rom_m=0.4, mean_concentric_m_s=0.3,
    velocity_loss_pct=18.0, left_share=0.5, faults={"heel_lift_left": 1}, not_assessed={"lumbar": "no pelvis sensor"},
)  # fmt: skip
STATE = MachineState(
    t_s=61.8, session="s-7f3a", state="lifting", set=1, rep=3, load_kg=120.0, assessed=("lockout_left",),
    not_assessed={"lumbar": "no pelvis sensor"}, asks=None,
)  # fmt: skip
SENSOR = SensorState(
    t_s=50.0, session="s-7f3a", role="left_shank", node="a1b2c3d4e5f60718", connected=True, calibrated=True,
    rate_hz=100.1, loss_pct=0.4, drift_ppm=-12.0, battery_pct=81, firmware="1.2.3", problem=None,
)  # fmt: skip
NOTICE = Notice(
    t_s=55.0, session="s-7f3a", what="sensor_moved", severity="S1", text="left shank sensor moved", role="left_shank"
)
SIGN = Sign(
    t_s=61.9, session="s-7f3a", set=1, rep=3, kind="deep", side=None, severity="S1", phase="top", value=119.4,
    threshold=117.2, unit="deg", confidence=0.93, text="Deep: hips bent to 119°, your own limit is 120°.",
    cue="Turn round sooner.", spoken=True,
)  # fmt: skip
LIVE = Live(
    t_s=61.85, session="s-7f3a", sled_position_m=0.51, sled_velocity_m_s=0.02, left_knee_flexion_deg=13.1,
    right_knee_flexion_deg=12.4, left_knee_medial_mm=3.0, right_knee_medial_mm=4.0, posterior_tilt_deg=None,
    left_heel_share=0.48, right_heel_share=0.5, force_n=1190.0, phase="top", set=1, rep=3,
)  # fmt: skip
RESULT = CommandResult(t_s=62.0, session="s-7f3a", command="tare", command_id="t-1", ok=True, detail={"noise": 3})
EVERY: tuple[AnyEvent, ...] = (ALERT, ACTIVE, REP, SET, STATE, SENSOR, NOTICE, SIGN, LIVE)
