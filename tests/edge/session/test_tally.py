"""The attempts of a set: what each says that it could judge."""

from __future__ import annotations

import pytest
from attempts import attempt

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
