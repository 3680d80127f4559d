"""The alert policy: one table that says, for each fault and severity, which words, how urgent, how often, which buzz.

Detecting a fault, permission to speak of it, its wording and its sound are four separate things. Detectors say what
they saw; this table holds everything else; `manager.py` only looks things up here. All of it is an engineering choice
that awaits a pilot with coaches, except where a reason is given.

Near the lifter's maximum the policy is stricter about the back alone, by drawing its lines nearer, not by other rows:
`edge/detectors/near_max.py` says what near is, and when it is not known.

Severities: S0 is for the log, S1 is said between reps, S2 at once, in the rep, S3 advises to end the set.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.alerts.words import Language
from edge.events import Buzz, Kind, Severity, SignKind

Focus = Literal["external", "body"]
Speaks = Literal["never", "between_reps", "at_once"]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about one kind of fault at one severity.

    external and body: the words, at most four, since a lifter under load takes in no more. External focus (on the
    plate, the seat) is the default because it helps movement more; body focus corrects some lifters more directly.
    priority: the higher speaks where two could. hold_off_s: silence after these words, so that cues do not run on into
    each other. every_nth_rep: the same words at most so often, unless the fault worsened: at every rep they are noise.
    beside: said although the rep had its cue: of what lasts, and of what is told once a set.
    """

    speaks: Speaks
    external: str = ""
    body: str = ""
    priority: int = 0
    hold_off_s: float = 0.0
    every_nth_rep: int = 1
    beside: bool = False
    buzzer: tuple[Buzz, ...] = ()


LOGGED = Policy(speaks="never")
SHORT, LONG = Buzz(80, 80, 80), Buzz(100, 300, 100)
STOP = (LONG, LONG, LONG)
"""One pattern for every "end the set": it must be known without having been learned."""

POLICY: dict[tuple[Kind, Severity], Policy] = {
    # Order: what may hurt most and can least be put right within the rep speaks first.
    ("lumbar", "S3"): Policy(
        speaks="at_once",
        external="Rack it, shorter range.",
        body="Rack it, pelvis tucked.",
        priority=90,
        hold_off_s=3.0,
        every_nth_rep=2,
        buzzer=STOP,
    ),
    ("lockout", "S3"): Policy(
        speaks="at_once",
        external="Rack it, go lighter.",
        body="Rack it, knees locking.",
        priority=80,
        hold_off_s=3.0,
        every_nth_rep=2,
        buzzer=STOP,
    ),
    ("valgus", "S3"): Policy(
        speaks="at_once",
        external="Rack it, go lighter.",
        body="Rack it, knees caving.",
        priority=70,
        hold_off_s=3.0,
        every_nth_rep=2,
        buzzer=STOP,
    ),
    ("heel_lift", "S3"): Policy(
        speaks="at_once",
        external="Rack it, shorter range.",
        body="Rack it, heels lifting.",
        priority=65,
        hold_off_s=3.0,
        every_nth_rep=2,
        buzzer=STOP,
    ),
    ("heel_lift", "S2"): Policy(
        speaks="at_once",
        external="Shoes flat on plate.",
        body="Push through your heels.",
        priority=60,
        hold_off_s=1.0,
        every_nth_rep=2,
        buzzer=(SHORT, SHORT, SHORT),
    ),
    ("lumbar", "S2"): Policy(
        speaks="at_once",
        external="Keep the seat full.",
        body="Tailbone stays down.",
        priority=50,
        hold_off_s=1.0,
        every_nth_rep=2,
        buzzer=(LONG,),
    ),
    ("valgus", "S2"): Policy(
        speaks="at_once",
        external="Spread the plate apart.",
        body="Knees over your shoes.",
        priority=45,
        hold_off_s=1.0,
        every_nth_rep=2,
        buzzer=(SHORT, SHORT),
    ),
    ("lockout", "S2"): Policy(
        speaks="at_once",
        external="Stop short of straight.",
        body="Keep your knees soft.",
        priority=40,
        hold_off_s=1.0,
        every_nth_rep=2,
        buzzer=(LONG, SHORT),
    ),
    # Between reps there is time to listen, and nothing to interrupt: no buzz.
    ("heel_lift", "S1"): Policy(
        speaks="between_reps",
        external="Turn round sooner.",
        body="Heels heavy next rep.",
        priority=24,
        hold_off_s=1.0,
        every_nth_rep=3,
    ),
    ("lumbar", "S1"): Policy(
        speaks="between_reps",
        external="Turn round sooner.",
        body="Tailbone down next rep.",
        priority=23,
        hold_off_s=1.0,
        every_nth_rep=3,
    ),
    ("valgus", "S1"): Policy(
        speaks="between_reps",
        external="Spread the plate apart.",
        body="Knees over your shoes.",
        priority=22,
        hold_off_s=1.0,
        every_nth_rep=3,
    ),
    ("lockout", "S1"): Policy(
        speaks="between_reps",
        external="Stop short of straight.",
        body="Keep your knees soft.",
        priority=21,
        hold_off_s=1.0,
        every_nth_rep=3,
    ),
    # A near miss is for the summary: nagging about what went well costs the attention that a fault needs.
    ("heel_lift", "S0"): LOGGED,
    ("lumbar", "S0"): LOGGED,
    ("valgus", "S0"): LOGGED,
    ("lockout", "S0"): LOGGED,
}


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the policy is applied; the table itself is not configured, since its rows only make sense together."""

    focus: Annotated[
        Focus, Meta(description="Wording of the cues: about the machine (external) or about the body (body).")
    ] = "external"
    language: Annotated[Language, Meta(description="Of the cues as they are published and spoken.")] = "en"
    min_confidence: Annotated[
        float, Meta(ge=0.0, le=1.0, description="A detection less certain than this is logged and is no alert.")
    ] = 0.6
    unheeded_before_stop: Annotated[
        int,
        Meta(ge=1, le=20, description="Cues of one kind without effect, after which ending the set is advised once."),
    ] = 3
    fading: Annotated[
        bool, Meta(description="Say a cue less often the more often it was heeded; a relapse brings it back.")
    ] = True
    muted: Annotated[
        tuple[Kind | SignKind, ...],
        Meta(description="Faults and signs that are published but never spoken, for a lifter who means them."),
    ] = ()
