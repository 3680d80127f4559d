"""The policy's rows for signs: what a coach remarks on beside the four faults. Same table, same rules as `policy.py`.

A row stands here for each severity that a sign is found at; the four faults' milder and graver forms have theirs in
`policy.py`. Signs give way to faults: where both could speak at once, every fault comes first.
"""

from __future__ import annotations

from typing import TypeAlias

from edge.alerts.policy import LOGGED, LONG, POLICY, SHORT, STOP, Policy
from edge.events import Kind, Severity, SignKind

Remark: TypeAlias = Kind | SignKind

SIGN_POLICY: dict[tuple[SignKind, Severity], Policy] = {
    ("hyperextension", "S3"): Policy(
        speaks="at_once", external="Rack it, go lighter.", body="Rack it, knees overextend.",
        priority=85, hold_off_s=3.0, every_nth_rep=2, buzzer=STOP,
    ),
    ("too_heavy", "S3"): Policy(
        speaks="at_once", external="Rack it, go lighter.", body="Rack it, losing control.",
        priority=67, hold_off_s=3.0, beside=True, buzzer=STOP,
    ),
    ("hyperextension", "S2"): Policy(
        speaks="at_once", external="Stop short of straight.", body="Keep your knees soft.",
        priority=39, hold_off_s=1.0, every_nth_rep=2, buzzer=(LONG, SHORT),
    ),
    # A rest on straight knees lasts: its words come again every few seconds, so they are not spaced by reps.
    ("resting_locked", "S2"): Policy(
        speaks="at_once", external="Let the sled sink.", body="Rest on soft knees.",
        priority=38, hold_off_s=2.5, beside=True, buzzer=(LONG, SHORT),
    ),
    ("snap", "S2"): Policy(
        speaks="at_once", external="Slow into the top.", body="Don't snap your knees.",
        priority=37, hold_off_s=1.0, every_nth_rep=2, buzzer=(LONG, SHORT),
    ),
    ("stop_hit", "S2"): Policy(
        speaks="at_once", external="Stay off the stops.", body="Turn round sooner.",
        priority=36, hold_off_s=1.0, every_nth_rep=2, buzzer=(SHORT,),
    ),
    ("bounce", "S2"): Policy(
        speaks="at_once", external="Soft turn at bottom.", body="Pause before you push.",
        priority=35, hold_off_s=1.0, every_nth_rep=2, buzzer=(SHORT,),
    ),
    ("fast_lowering", "S2"): Policy(
        speaks="at_once", external="Slow the sled down.", body="Lower for two counts.",
        priority=34, hold_off_s=1.0, every_nth_rep=2, buzzer=(SHORT,),
    ),
    ("asymmetry", "S2"): Policy(
        speaks="at_once", external="Push the plate evenly.", body="Even push, both feet.",
        priority=33, hold_off_s=1.0, every_nth_rep=2, buzzer=(SHORT,),
    ),
    ("seat", "S1"): Policy(
        speaks="between_reps", external="Move the seat.", body="Knees square at start.",
        priority=26, hold_off_s=1.0, every_nth_rep=3,
    ),
    ("deep", "S1"): Policy(
        speaks="between_reps", external="Turn round sooner.", body="Knees off the chest.",
        priority=25, hold_off_s=1.0, every_nth_rep=3,
    ),
    ("bounce", "S1"): Policy(
        speaks="between_reps", external="Soft turn at bottom.", body="Pause before you push.",
        priority=20, hold_off_s=1.0, every_nth_rep=3,
    ),
    ("fast_lowering", "S1"): Policy(
        speaks="between_reps", external="Count two lowering.", body="Lower more slowly.",
        priority=19, hold_off_s=1.0, every_nth_rep=3,
    ),
    ("asymmetry", "S1"): Policy(
        speaks="between_reps", external="Push the plate evenly.", body="Even push, both feet.",
        priority=18, hold_off_s=1.0, every_nth_rep=3,
    ),
    # Noted for the summary. The words are for screens, which may show them while nothing moves.
    ("brace", "S0"): Policy(speaks="never", external="Breath, brace, go.", body="Breath, brace, go."),
    ("too_fast_to_warn", "S0"): Policy(speaks="never", external="Slow into the top.", body="Don't snap your knees."),
    ("uneven_legs", "S0"): Policy(speaks="never", external="Switch sides.", body="Switch legs."),
}  # fmt: skip


def policy_of(kind: Remark, severity: Severity) -> Policy:
    """The row of a fault or a sign; a sign without one is written down only."""
    return TABLE.get((kind, severity), LOGGED)


TABLE: dict[tuple[Remark, Severity], Policy] = dict([*POLICY.items(), *SIGN_POLICY.items()])
