"""What a page is sent: the machine's view as finished words and numbers, for one kind of page in one language. Pure.

Pages only draw; whatever must be known to word or to judge something is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dashboards.cue import Cue
from dashboards.figure import draw
from dashboards.machine_view import AlertKey, MachineView, SessionRecord
from dashboards.words import Words
from edge.coaching.setup_gate import Evidence, check
from edge.events import Live, MachineState, Rep, SetSummary, Sign, verdict_key

Frame = dict[str, Any]
BARS_MAX = 40


def view_frame(view: MachineView, session: str | None, words: Words, *, is_kiosk: bool) -> Frame:
    """All but the live figures. session: whose record; what the machine does is told only where that is the present."""
    is_present = is_kiosk or not session or session == view.session
    record = view.records.get(session) if session else None
    state = view.state if is_kiosk or (session and session == view.session) else None
    number = shown_set(state, record)
    return {
        "t": "view",
        "machine": view.place.machine,
        "ended": not is_present,
        "activity": state.state if state else "unknown",
        "doing": words(f"activity.{state.state if state else 'unknown'}"),
        "asks": words.known("asks", state.asks) if state else "",
        "told": [words.notice(notice) for notice in record.asked.now] if state and record else [],
        "set": number,
        "set_text": words("set.n", n=number),
        "load_kg": state.load_kg if state else None,
        "of_max": of_max(state, words),
        "lifter_known": state.lifter_known if state else None,
        "lifter_said": view.lifter_said if state else None,
        "load": words.kilograms(state.load_kg) if state and state.load_kg is not None else "",
        **_reps(record, number, words),
        **_judged(state, words),
        "checks": _checks(view, state, record, words),
        "summary": _summary(record, number, words),
        "alerts": _alerts(record, number, words),
        "signs": _signs(record, number, words),
        "pain": record.pain if record else None,
        **(_kiosk_part(view, words) if is_kiosk else {}),
    }


def live_frame(live: Live) -> Frame:
    """What a phone draws, several times a second."""
    each = [live.left_lockout_nearness, live.right_lockout_nearness]
    straight = [live.lockout_nearness] if each == [None, None] else each
    return {"t": "live", "phase": live.phase, "ramps": {"lockout": straight, "depth": [live.depth_nearness]}}


def kiosk_live_frame(live: Live) -> Frame:
    """What the kiosk draws, 20 times a second: the figure and one value for each strip chart."""
    values = [
        live.sled_position_m, live.left_knee_flexion_deg, live.right_knee_flexion_deg, live.left_knee_medial_mm,
        live.right_knee_medial_mm, live.posterior_tilt_deg, live.left_heel_share, live.right_heel_share,
    ]  # fmt: skip
    return live_frame(live) | {
        "at": round(live.t_s, 3),
        "values": [None if v is None else round(v, 3) for v in values],
        "figure": draw(live),
    }


def cue_frame(cue: Cue, words: Words, now_ns: int) -> Frame:
    """A cue to show now. gentle: said between reps, where nothing is to be interrupted; stays_ms: for how long at most,
    whatever else happens.
    """
    said = cue.said
    return {
        "t": "cue",
        "text": words.known("cue", said.cue),
        "what": words.sign(said.kind, said.side),
        "kind": said.kind,
        "side": said.side,
        "side_text": words(f"side.{said.side.upper()}") if said.side else "",
        "grave": said.severity == "S3",
        "gentle": said.severity in ("S0", "S1"),
        "stays_ms": max(0, round((cue.since_ns + cue.stays_ns - now_ns) / 1e6)),
    }


def alert_id(key: AlertKey) -> str:
    """An alert's name on a page."""
    return "-".join(str(part or "") for part in key)


def evidence_of(live: Live | None, state: MachineState | None) -> Evidence:
    """What the messages tell of the set-up; pad, locks and plan are not told by any of them."""
    if live is None:
        return Evidence()
    return Evidence(
        knee_flexion_deg=(live.left_knee_flexion_deg, live.right_knee_flexion_deg),
        heel_share=(live.left_heel_share, live.right_heel_share),
        load_kg=state.load_kg if state else None,
    )


def shown_set(state: MachineState | None, record: SessionRecord | None) -> int:
    """The set that is under way or was the last; 0 before the first."""
    newest = max((rep.set for rep in record.reps.values()), default=0) if record else 0
    return max(state.set if state else 0, newest)


def counted(view: MachineView) -> tuple[int, int] | None:
    """The set that is shown at the machine, and its reps; None between sessions and before the first set."""
    record = view.record
    number = shown_set(view.state, record)
    return (number, sum(rep.counted for rep in record.reps_of(number))) if record and number else None


def not_judged(reasons: Mapping[str, str], name: Callable[[str], str], words: Words) -> list[Frame]:
    """What is not judged and why; what has the same reason stands together. name: of a key in this language."""
    keys: dict[str, list[str]] = {}
    for key, reason in reasons.items():
        keys.setdefault(reason, []).append(name(key))
    return [{"what": ", ".join(what), "why": words.reason(why)} for why, what in keys.items()]


def of_max(state: MachineState | None, words: Words) -> str:
    """The load beside the most that this lifter can press once; empty where that is not known."""
    if state is None or state.one_rep_max_share is None or state.one_rep_max_source is None:
        return ""
    return words(f"load.of_max.{state.one_rep_max_source}", pct=f"{100 * state.one_rep_max_share:.0f}")


def _reps(record: SessionRecord | None, number: int, words: Words) -> Frame:
    reps = record.reps_of(number) if record else []
    highest = max((rep.rom_m or 0.0 for rep in reps), default=0.0)
    signs = record.signs_of(number) if record else []
    bars = [_bar(rep, [s for s in signs if s.rep == rep.rep], highest, words) for rep in reps[-BARS_MAX:]]
    count = sum(rep.counted for rep in reps)
    return {"reps": count, "reps_word": words.of("reps", count), "bars": bars}


def _bar(rep: Rep, signs: list[Sign], highest_m: float, words: Words) -> Frame:
    height = rep.rom_m / highest_m if rep.rom_m is not None and highest_m > 0 else None
    return {
        "n": rep.rep,
        "counted": rep.counted,
        "height": None if height is None else round(height, 3),
        "cm": None if rep.rom_m is None else round(rep.rom_m * 100),
        "faults": [words.verdict(verdict_key(f.kind, f.side)) for f in rep.faults if f.severity in ("S2", "S3")],
        "signs": list(dict.fromkeys(words.sign(s.kind, s.side) for s in signs)),
        "blind": bool(rep.not_assessed),
    }


def _judged(state: MachineState | None, words: Words) -> Frame:
    """What is judged, and what is not and why; verdicts with the same reason stand together."""
    if state is None:
        return {"seen": [], "blind": [], "unseen": []}
    return {
        "seen": [words.verdict(key) for key in state.assessed],
        "blind": not_judged(state.not_assessed, words.verdict, words),
        "unseen": sorted(state.not_assessed),
    }


def _checks(view: MachineView, state: MachineState | None, record: SessionRecord | None, words: Words) -> list[Frame]:
    if state is None or record is None or state.state != "setup":
        return []
    checked = check(evidence_of(view.live, state), record.confirmed)
    return [
        {
            "item": one.item,
            "verdict": one.verdict,
            "by": one.by,
            "text": words(f"check.{one.item}"),
            "hint": words(f"check.{one.item}.fix") if one.verdict == "fix" else "",
        }
        for one in checked
    ]


def _summary(record: SessionRecord | None, number: int, words: Words) -> Frame | None:
    summary = record.sets.get(number) if record else None
    if record is None or summary is None:
        return None
    reps = record.reps_of(number)
    told = {sign.rep for sign in record.signs_of(number) if sign.spoken}
    faulty = {rep.rep for rep in reps if any(f.severity in ("S2", "S3") for f in rep.faults)}
    clean = sum(rep.counted and rep.rep not in told | faulty for rep in reps)
    title = words("phone.done.title", n=number)
    clean_word = words.of("phone.done.clean", clean)
    return {"title": title, "clean": clean, "clean_word": clean_word, "facts": _facts(summary, words)}


def _facts(summary: SetSummary, words: Words) -> list[tuple[str, str]]:
    """Name and value of what is known; what is not known is left out, not shown as 0."""
    rows: list[tuple[str, str, float | None, float, int]] = [
        ("sum.volume", "unit.kg", summary.volume_kg, 1, 0),
        ("sum.tut", "unit.s", summary.time_under_tension_s, 1, 0),
        ("sum.rom", "unit.cm", summary.mean_rom_m, 100, 0),
        ("sum.speed", "unit.m_s", summary.mean_concentric_m_s, 1, 2),
        ("sum.loss", "unit.pct", summary.velocity_loss_pct, 1, 0),
        ("sum.left", "unit.pct", summary.left_share, 100, 0),
    ]
    load = [] if summary.load_kg is None else [(words("sum.load"), words.kilograms(summary.load_kg))]
    return load + [
        (words(name), words(unit, value=f"{value * scale:z.{digits}f}"))
        for name, unit, value, scale, digits in rows
        if value is not None
    ]


def _alerts(record: SessionRecord | None, number: int, words: Words) -> list[Frame]:
    if record is None:
        return []
    return [
        {
            "id": alert_id(key),
            "text": words("sum.alert", rep=alert.rep, what=words.verdict(verdict_key(alert.kind, alert.side))),
            "cue": words.known("cue", alert.cue) if alert.spoken else "",
            "right": record.feedback.get(key),
        }
        for key, alert in record.alerts.items()
        if alert.set == number
    ]


def _signs(record: SessionRecord | None, number: int, words: Words) -> list[Frame]:
    """What a coach would remark on beside the alerts; a lifter is not asked about these."""
    return [
        {
            "text": words("sum.alert", rep=sign.rep, what=words.sign(sign.kind, sign.side)),
            "cue": words.known("cue", sign.cue) if sign.spoken else "",
        }
        for sign in (record.signs_of(number) if record else [])
    ]


def _kiosk_part(view: MachineView, words: Words) -> Frame:
    limits = view.state.limits if view.state else {}
    lit = sorted(verdict_key(fault.kind, fault.side) for fault in view.active)
    sensors = [
        f"{words.known('role', role.replace('_', ' '))}: {words.reason(one.state.problem)}"
        for role, one in sorted(view.sensors.items())
        if one.state.problem
    ]
    return {"limits": limits, "lit": lit, "sensors": sensors}
