"""The attempts of a set: what each says that it could judge."""

from __future__ import annotations

import pytest
from attempts import attempt

from edge.events import Phase, Rep
from edge.motion.gate import Gate
from edge.session.assessment import MAYBE_RACKED
from edge.session.rep_summary import Load
from edge.session.tally import About, Tally, looked_back_on

ABOUT = About("s1", Load(100.0, "configured", 6.9), {}, None, {})


@pytest.mark.parametrize(
    ("left", "idle"), [(0.95, "right"), (0.05, "left"), (0.6, None)], ids=["left leg", "right leg", "both"]
)
def test_a_leg_that_does_no_work_is_not_assessed(left: float, idle: str | None) -> None:
    """Its foot rides along both ways, and nothing judged its knee: silence about it is not good form."""
    rep = Tally().finish(attempt(left=left), 12.5, ABOUT)
    reason = f"{idle} foot only rides along"
    due = {f"{kind}_{idle}": reason for kind in ("lockout", "valgus", "heel_lift")} if idle else {}
    assert rep.not_assessed == due
    assert len(rep.assessed) == 7 - len(due)


def test_a_set_tells_which_signs_could_not_be_told_at_some_time_of_it() -> None:
    """While an attempt was under way, not between; the next set begins with none of it, its own first rep included."""
    tally, rep = Tally(), attempt()

    def lift(number: int, *seen: tuple[Phase, dict[str, str]]) -> Rep:
        for phase, signs in seen:
            tally.watch(Gate(phase, 1, number, number, judged=True, since_top_s=0.0), {}, signs)
        return tally.finish(rep, 12.5, ABOUT)

    between, first, second = {"deep": "between"}, {"snap": "no knee"}, {"stall": "no reps"}
    assert tally.count(lift(1, ("top", between), ("eccentric", first)), 12.5).signs_not_assessed == first
    assert tally.count(lift(2, ("concentric", second), ("top", between)), 13.5).signs_not_assessed == first | second
    new = lift(3, ("eccentric", between))
    last = tally.close(14.0)
    assert last is not None
    assert last.signs_not_assessed == first | second
    assert tally.count(new, 14.0).signs_not_assessed == between


@pytest.mark.parametrize(
    ("phase", "judged", "assessed"),
    [("bottom", True, 6), ("bottom", False, 2), ("concentric", False, 0), ("top", False, 7)],
)
def test_what_was_not_judged_in_an_attempt_is_not_assessed_in_it(phase: Phase, judged: bool, assessed: int) -> None:  # noqa: FBT001
    """At the bottom all but the lockouts, which are judged later; at the top nothing is lost. Another reason, before or
    after, says more. Looked back upon, the sled was in no rack, and only that other reason is left.
    """
    tally = Tally()
    for seen in ({}, {"lumbar": "no pelvis sensor"}, {}):
        tally.watch(Gate(phase, 1, 1, 1, judged=judged, since_top_s=0.0), seen, {})
    rep = tally.finish(attempt(), 12.5, ABOUT)
    assert len(rep.assessed) == assessed
    lumbar = {"lumbar": "no pelvis sensor"} if phase != "top" else {}
    assert rep.not_assessed == {key: lumbar.get(key, MAYBE_RACKED) for key in rep.not_assessed}
    assert looked_back_on(rep).not_assessed == lumbar
    assert len(looked_back_on(rep).assessed) == 7 - len(lumbar)
