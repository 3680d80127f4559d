"""Which one cue speaks now. Pure: detections and the time come in, decisions go out; the words stand in `policy.py`
(`sign_policy.py` for what is no fault).

Rules, in the order in which they are asked:
1. What is not certain enough is logged only.
2. After so many spoken cues of a kind without effect, ending the set is advised once; after that, this kind is silent
   for the rest of the set. Effect means: a rep in between without the fault.
3. One cue per rep. Of several at the same instant, the one with the highest priority. What lasts within a rep,
   or is told once a set, is said all the same.
4. The same cue at most every nth rep, unless the fault worsened. It fades where it is heeded: each time that the rep
   after it is free of the fault it is spaced by one rep more, until a fault follows it all the same.
5. No cue within the hold-off of the one before.
A sign's cue silences no fault: rules 3 and 5 hold for a fault only against faults' cues.
A silent decision is published all the same, with the reason for the silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, get_args

from edge.alerts.policy import AlertSettings, Policy
from edge.alerts.sign_policy import Remark, policy_of
from edge.alerts.words import in_language
from edge.events import Buzz, Kind, Phase, Severity

Outcome = Literal[
    "spoken", "logged", "unsure", "muted", "advised", "rep_has_its_cue", "mid_rep", "repeated", "hold_off"
]


FORM_OF: dict[Remark, Remark] = {"snap": "lockout", "resting_locked": "lockout", "hyperextension": "lockout"}
"""Who means to straighten the knees means these, too: they are muted with it."""

FAULTS: frozenset[Remark] = frozenset(get_args(Kind))

WORSE_BY = 0.25
"""A fault has worsened when it is a quarter of its threshold further beyond it than when last spoken of: 1.25° of
lockout, 9 mm of an inward knee, 3° of pelvic tilt. An engineering choice, above these signals' noise."""


FADE_REPS_MAX = 3
"""A heeded cue comes at most every fifth rep where it came every second: a slip is still named within a set."""

LONGEST = 2.0
"""A fault at twice its threshold sounds twice as long: plainly longer, and still over within the rep."""


class Detection(Protocol):
    """What the manager reads of a detector's finding."""

    @property
    def kind(self) -> Remark:
        """Which fault or sign; both sides of the body share their words."""

    @property
    def severity(self) -> Severity:
        """How grave it is by its own thresholds."""

    @property
    def phase(self) -> Phase:
        """Where in the rep the lifter is now."""

    @property
    def set(self) -> int:
        """The set it belongs to."""

    @property
    def rep(self) -> int:
        """The rep it belongs to; counts up within the set."""

    @property
    def value(self) -> float | None:
        """The signal, beyond the threshold; None where the remark has no figure."""

    @property
    def threshold(self) -> float | None:
        """The threshold, in the value's unit."""

    @property
    def confidence(self) -> float:
        """0 to 1."""


class Decision(NamedTuple):
    """What becomes of one detection. cue is filled whether or not it is spoken; severity may have risen to S3.

    buzzer: the pattern of its kind, longer the worse it is.
    """

    severity: Severity
    cue: str
    buzzer: tuple[Buzz, ...]
    outcome: Outcome
    priority: int = 0

    @property
    def spoken(self) -> bool:
        """This is the cue that speaks now."""
        return self.outcome == "spoken"

    @property
    def is_alert(self) -> bool:
        """To be published as an alert: S2 or above, and certain enough."""
        return self.severity in ("S2", "S3") and self.outcome != "unsure"


@dataclass(slots=True)
class _Heard:
    """What a lifter has heard about one kind of fault in this set. spoken: by severity, what was last spoken of."""

    spoken: dict[Severity, Detection] = field(default_factory=dict)
    last_fault_rep: int | None = None
    without_effect: int = 0
    heeded: int = 0
    advised: bool = False

    def note_fault(self, rep: int) -> None:
        """A rep without the fault since it was last seen means that the cues worked: the count starts again."""
        before, self.last_fault_rep = self.last_fault_rep, rep
        if before is None or rep == before:
            return
        was_told = any(one.rep == before for one in self.spoken.values())
        if rep > before + 1:
            self.without_effect = 0
            self.heeded = min(self.heeded + was_told, FADE_REPS_MAX)
        elif was_told:
            self.heeded = 0

    def repeats(self, detection: Detection, severity: Severity, every_nth_rep: int) -> bool:
        """Whether its words were said too few reps ago, of a fault that was no less grave."""
        before = self.spoken.get(severity)
        if before is None or detection.rep >= before.rep + every_nth_rep:
            return False
        worse_by = WORSE_BY * abs(detection.threshold or 0.0)
        return worse_by == 0.0 or _beyond(detection) < _beyond(before) + worse_by


class _Spoken(NamedTuple):
    """The last cue of the faults, or of the signs; rep None: it was in a set before."""

    rep: int | None
    what: tuple[str, Severity]
    quiet_until_ns: int


def _is_fault(detection: Detection) -> bool:
    """Whether it is one of the four faults at alert level."""
    return detection.severity in ("S2", "S3") and detection.kind in FAULTS


def _beyond(detection: Detection) -> float:
    """How far beyond its threshold the signal is."""
    if detection.value is None or detection.threshold is None:
        return 0.0
    return abs(detection.value - detection.threshold)


def _lengthened(pattern: tuple[Buzz, ...], detection: Detection) -> tuple[Buzz, ...]:
    """Each sound up to LONGEST times as long, the further beyond its threshold the signal is; in steps of 10 ms."""
    share = min(1.0, _beyond(detection) / abs(detection.threshold)) if detection.threshold else 0.0
    times = 1.0 + (LONGEST - 1.0) * share
    return tuple(Buzz(one.intensity_pct, round(one.on_ms * times / 10) * 10, one.off_ms) for one in pattern)


class AlertManager:
    """Decides for one lifter on one machine. Rep numbers and times never go back within a set."""

    def __init__(self, settings: AlertSettings) -> None:
        self._settings = settings
        self._set: int | None = None
        self._heard: dict[Remark, _Heard] = {}
        self._spoken: dict[bool, _Spoken] = {}
        self._muted: frozenset[Remark] = frozenset(settings.muted)

    def suit(self, settings: AlertSettings) -> None:
        """Decide by these from here on; what was muted by command is over with the one who asked for it."""
        self._settings = settings
        self.begin_session()

    def begin_session(self) -> None:
        """Another lifter may have come: what the one before asked for is over."""
        self._muted = frozenset(self._settings.muted)

    def mute(self, kinds: Iterable[Remark], *, muted: bool) -> None:
        """Speak of these no more in this session, or speak of them again."""
        self._muted = self._muted | set(kinds) if muted else self._muted - set(kinds)

    def decide(self, detections: Sequence[Detection], t_ns: int) -> list[Decision]:
        """Decide on what was found at this instant; the decisions stand in the order of the detections."""
        self._enter_set(detections)
        severities = [self._severity(detection) for detection in detections]
        urgency = [policy_of(d.kind, s).priority for d, s in zip(detections, severities, strict=True)]
        urgent_first = sorted(range(len(detections)), key=lambda i: -urgency[i])
        decisions = {i: self._decide_one(detections[i], severities[i], t_ns) for i in urgent_first}
        return [decisions[i] for i in range(len(detections))]

    def _enter_set(self, detections: Sequence[Detection]) -> None:
        """In a new set rep numbers start again, and what was heard in the last one counts no more."""
        if detections and detections[-1].set != self._set:
            self._set = detections[-1].set
            self._heard.clear()
            self._spoken = {fault: one._replace(rep=None) for fault, one in self._spoken.items()}

    def _severity(self, detection: Detection) -> Severity:
        """The detector's severity, raised to S3 where the cues had no effect. Counts the fault."""
        if detection.severity not in ("S2", "S3") or detection.confidence < self._settings.min_confidence:
            return detection.severity
        heard = self._heard.setdefault(detection.kind, _Heard())
        heard.note_fault(detection.rep)
        advises = policy_of(detection.kind, "S3").speaks != "never"
        escalates = advises and heard.without_effect >= self._settings.unheeded_before_stop and not heard.advised
        return "S3" if escalates and not self._has_cue(detection) else detection.severity

    def _has_cue(self, detection: Detection, severity: Severity = "S2") -> bool:
        """Whether this rep has had a cue that counts against this detection: what has grown worse since its cue goes on
        to the advice to stop.
        """
        grown = (detection.kind, "S2") if severity == "S3" else None
        return any(one.rep == detection.rep and one.what != grown for one in self._before(detection))

    def _before(self, detection: Detection) -> list[_Spoken]:
        """The last cues that count against it: a fault's, and of signs only against signs."""
        return [one for fault, one in self._spoken.items() if fault or not _is_fault(detection)]

    def _decide_one(self, detection: Detection, severity: Severity, t_ns: int) -> Decision:
        policy = policy_of(detection.kind, severity)
        outcome = self._outcome(detection, severity, policy, t_ns)
        if outcome == "spoken":
            self._note_spoken(detection, severity, policy, t_ns)
        cue = policy.external if self._settings.focus == "external" else policy.body
        cue = in_language(cue, self._settings.language)
        return Decision(severity, cue, _lengthened(policy.buzzer, detection), outcome, policy.priority)

    def _outcome(self, detection: Detection, severity: Severity, policy: Policy, t_ns: int) -> Outcome:
        heard = self._heard.setdefault(detection.kind, _Heard())
        reasons: list[tuple[bool, Outcome]] = [
            (policy.speaks == "never", "logged"),
            (detection.confidence < self._settings.min_confidence, "unsure"),
            (detection.kind in self._muted or FORM_OF.get(detection.kind) in self._muted, "muted"),
            (heard.advised, "advised"),
            (not policy.beside and self._has_cue(detection, severity), "rep_has_its_cue"),
            (policy.speaks == "between_reps" and detection.phase not in ("top", "rest"), "mid_rep"),
            (
                not policy.beside and heard.repeats(detection, severity, self._spacing(policy, severity, heard)),
                "repeated",
            ),
            (any(t_ns < one.quiet_until_ns for one in self._before(detection)), "hold_off"),
        ]
        return next((outcome for holds, outcome in reasons if holds), "spoken")

    def _spacing(self, policy: Policy, severity: Severity, heard: _Heard) -> int:
        """In how many reps the same words may come once; the advice to stop does not fade."""
        fades = self._settings.fading and severity != "S3"
        return policy.every_nth_rep + (heard.heeded if fades else 0)

    def _note_spoken(self, detection: Detection, severity: Severity, policy: Policy, t_ns: int) -> None:
        heard = self._heard[detection.kind]
        heard.spoken[severity] = detection
        heard.without_effect += severity == "S2"
        heard.advised = severity == "S3"
        self._spoken[_is_fault(detection)] = _Spoken(
            detection.rep, (detection.kind, severity), t_ns + round(policy.hold_off_s * 1e9)
        )
