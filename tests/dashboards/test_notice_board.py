"""What sensors ask of the lifter stands on the screen for as long as it is to be done."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from example_events import NOTICE, SENSOR
from published import state

from dashboards.notice_board import SHOWN_MAX, NoticeBoard
from edge.events import Notice


def notice(what: str = "sensor_moved", role: str | None = "left_shank", **changes: Any) -> Notice:
    return msgspec.structs.replace(NOTICE, what=what, role=role, **changes)


@pytest.fixture
def board() -> NoticeBoard:
    return NoticeBoard()


def test_what_asks_nothing_is_not_shown(board: NoticeBoard) -> None:
    """Neither what is well nor what concerns the staff."""
    for one in (notice("sensor_turned", severity="S0"), notice("node_log"), notice("lock_open"), notice("unheard_of")):
        board.take(one, 1)
    assert board.now == []


def test_it_stays_through_its_set_and_goes_with_the_next(board: NoticeBoard) -> None:
    """A strap is tightened before the next set: not in the rest before it has begun is it over."""
    board.take(notice(), 1)
    for activity, number, left in (("lifting", 1, 1), ("resting", 1, 1), ("resting", 2, 1), ("lifting", 2, 0)):
        board.take_state(state(state=activity, set=number))
        assert len(board.now) == left, (activity, number)


@pytest.mark.parametrize(
    ("asks", "over"),
    [
        (notice(), notice(severity="S0")),
        (notice("sensors_exchanged", other_role="sled"), notice("sensors_in_place", severity="S0")),
        (notice("sensors_on_wrong_legs", None), notice("sensors_on_wrong_legs", None, severity="S0")),
    ],
)
def test_it_goes_when_it_is_taken_back(board: NoticeBoard, asks: Notice, over: Notice) -> None:
    """The box says of itself that there is nothing to be done any more; of another sensor that says nothing."""
    board.take(asks, 1)
    board.take(msgspec.structs.replace(over, role="pelvis"), 1)
    assert board.now == [asks]
    board.take(over, 1)
    assert board.now == []


def test_sensors_that_are_exchanged_again_are_no_longer_in_place(board: NoticeBoard) -> None:
    """Both ask something, and the newer of the two alone holds."""
    told = [notice(what, severity="S1", other_role="sled") for what in ("sensors_in_place", "sensors_exchanged")]
    for one in (*told, *told):
        board.take(one, 1)
        assert board.now == [one]


def test_what_is_recalled_takes_no_newer_word_back(board: NoticeBoard) -> None:
    """The history tells late what has been heard already, and what was since taken back or done."""
    over = notice(severity="S0", t_s=70.0)
    board.take(over, 1)
    for one in (notice(t_s=60.0), over, notice(role="pelvis", t_s=65.0)):
        board.recall(one, 1)
    assert [one.role for one in board.now] == ["pelvis"]
    board.begin_set(2)
    board.recall(notice(role="pelvis", t_s=65.0), 1)
    assert board.now == []


def test_left_and_right_stay_doubted_through_sets(board: NoticeBoard) -> None:
    """Knees are not judged until somebody has done something about it."""
    board.take(notice("sensors_on_wrong_legs", None), 1)
    board.take_state(state(state="lifting", set=3))
    assert len(board.now) == 1


def test_a_strap_is_asked_for_until_its_sensor_is_well(board: NoticeBoard) -> None:
    """Another sensor, or a word from before it came off, does not end it; a next set does not either."""
    board.take(notice("strap_off", t_s=60.0), 0)
    board.take_state(state(state="lifting", set=2))
    for changes in ({"role": "pelvis"}, {"t_s": 59.9}, {"problem": "taken off: strap it on"}):
        board.take_sensor(msgspec.structs.replace(SENSOR, **{"t_s": 61.0} | changes))
        assert len(board.now) == 1, changes
    board.take_sensor(msgspec.structs.replace(SENSOR, t_s=61.0))
    assert board.now == []


def test_a_strap_that_nobody_names_is_over_with_the_next_set(board: NoticeBoard) -> None:
    """No sensor's state tells when it is on again."""
    board.take(notice("strap_off", None), 1)
    board.take_state(state(state="lifting", set=2))
    assert board.now == []


def test_the_newest_stands_first_and_no_more_than_can_be_read(board: NoticeBoard) -> None:
    """The same again is told once."""
    for role in ("left_thigh", "left_shank", "right_thigh", "left_shank"):
        board.take(notice(role=role), 1)
    assert [one.role for one in board.now] == ["left_shank", "right_thigh"]
    assert SHOWN_MAX == 2
