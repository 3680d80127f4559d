"""When a set is over, where no footplate tells."""

from __future__ import annotations

import pytest

from edge.motion.rack import RACKED, Rack, sits


@pytest.mark.parametrize(
    ("tilt_deg", "hanging", "seated"),
    [
        (None, [], True),
        (45.0, [], True),
        (45.1, [], False),
        (-25.0, [], True),
        (-25.1, [], False),
        (0.0, [0.0, -0.3], True),
        (None, [0.63, 0.9], True),
        (None, [0.64, 0.9], False),
    ],
)
def test_who_sits(tilt_deg: float | None, hanging: list[float], seated: bool) -> None:  # noqa: FBT001
    """A pelvis that rolled forwards, or back further than any curl, is off the seat; so are thighs that all hang."""
    assert sits(tilt_deg, hanging) is seated


def test_a_long_stay_at_the_bottom_is_the_rack() -> None:
    """For 2.5 s it may be a rest; a rep between begins the count anew; a footplate knows better."""
    rack = Rack()
    assert not rack.left(0, "concentric", None, seated=True)
    assert not rack.left(RACKED, "bottom", None, seated=True)
    assert rack.left(RACKED + 1, "bottom", None, seated=True)
    assert not rack.left(RACKED + 2, "bottom", loaded=True, seated=True)
    assert rack.left(3, "top", loaded=False, seated=True)
