"""The attempts of a set: what each says that it could judge."""

from __future__ import annotations

import pytest
from attempts import attempt

from edge.events import Phase, Rep
from edge.motion.gate import Gate
from edge.session.rep_summary import Load
from edge.session.tally import About, Tally

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
